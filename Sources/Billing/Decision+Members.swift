import CivilTime
import Licensing
import Metering
package import Sealing

extension Decision {
  /// The most bytes of `by` and of `why`.
  package static let nameLimit = 128
  package static let wordsLimit = 1000

  package init(reading reader: inout ObjectReader) throws(Refusal) {
    iss = try reader.string("iss")
    iat = try reader.instant("iat")
    let subject = try reader.choice("kind", Subject.self)
    line = try reader.identifier("line")
    installation = try reader.thumbprint("installation")
    by = try reader.string("by", maximum: Self.nameLimit)
    why = try reader.string("why", maximum: Self.wordsLimit)
    switch subject {
    case .closing: matter = .closing(try DateClosing(reading: &reader))
    case .release: matter = .release
    case .replace:
      matter = .replace(
        ReplacementPermit(
          through: try reader.instant("through"),
          successor: try reader.optionalDigest("successor").map { Thumbprint($0) }))
    case .waive: matter = .bill(try BillChange(.waive, reading: &reader))
    case .correct:
      let quantity = try reader.integer("quantity", in: SealedLimits.counts)
      matter = .bill(try BillChange(.correct(quantity), reading: &reader))
    case .restore: matter = .bill(try BillChange(.restore, reading: &reader))
    }
  }

  package var members: [JSONMember] {
    var members = [
      JSONMember("iss", .string(iss)), JSONMember("iat", .integer(iat)),
      JSONMember("kind", .string(subject.rawValue)), JSONMember("line", line.json),
      JSONMember("installation", installation.json), JSONMember("by", .string(by)),
      JSONMember("why", .string(why)),
    ]
    switch matter {
    case .closing(let closing): members += closing.members
    case .release: break
    case .replace(let permit):
      members.add("through", .integer(permit.through))
      members.add("successor", permit.successor?.json)
    case .bill(let change): members += change.members
    }
    return members
  }
}

extension DateClosing {
  /// The gaps of a sample, and the rest of the date.
  private static let maximumGaps = Gap.maximum + 1

  init(reading reader: inout ObjectReader) throws(Refusal) {
    date = try reader.date("date")
    from = try reader.instant("from")
    to = try reader.instant("to")
    license = try reader.identifier("license")
    // As the newest sample said it, of a license that need not be known.
    revision = try reader.integer("revision", in: SealedLimits.counts)
    seq = try reader.optionalInteger("seq", in: SealedLimits.counts)
    peak = try reader.optionalInteger("peak", in: SealedLimits.counts)
    peakAt = try reader.optionalInstant("peak_at")
    sampledPeak = try reader.optionalInteger("sampled_peak", in: SealedLimits.counts)
    observed = try reader.integer("observed", in: SealedLimits.counts)
    gaps = try reader.array("gaps", maximum: Self.maximumGaps).enumerated().map {
      index, value throws(Refusal) in
      try UsageGap(value, at: "gaps[\(index)]")
    }
    if var members = try reader.optionalObject("rule") {
      rule = try UsageRecord.Rule(members: &members)
    }
    quantity = try reader.integer("quantity", in: SealedLimits.counts)
    carriedFrom = try reader.optionalDate("carried_from")
    yieldsTo = try reader.optionalDigest("yields_to").map { Thumbprint($0) }
    guard from < to, (0...(to - from)).contains(observed), (peak == nil) == (peakAt == nil) else {
      throw .malformed("from, to, observed, peak and peak_at do not fit each other")
    }
  }

  var members: [JSONMember] {
    var members = [
      JSONMember("date", .string(date.description)), JSONMember("from", .integer(from)),
      JSONMember("to", .integer(to)), JSONMember("license", license.json),
      JSONMember("revision", .integer(revision)),
    ]
    members.add("seq", seq.map { .integer($0) })
    members.add("peak", peak.map { .integer($0) })
    members.add("peak_at", peakAt.map { .integer($0) })
    members.add("sampled_peak", sampledPeak.map { .integer($0) })
    members.add("observed", .integer(observed))
    members.add("gaps", .array(gaps.map(\.json)))
    members.add("rule", rule?.json)
    members.add("quantity", .integer(quantity))
    members.add("carried_from", carriedFrom.map { .string($0.description) })
    members.add("yields_to", yieldsTo?.json)
    return members
  }
}
