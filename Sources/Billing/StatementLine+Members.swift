import CivilTime
import Licensing
import Metering
package import Sealing

extension StatementLine {
  init(_ value: JSONValue, at path: String) throws(Refusal) {
    var reader = try ObjectReader(value, at: path)
    installation = try reader.thumbprint("installation")
    date = try reader.date("date")
    license = try reader.identifier("license")
    revision = try reader.integer("revision", in: LicenseLimits.revisions)
    terms = try reader.choice("terms")
    basis = try reader.choice("basis")
    seq = try reader.optionalInteger("seq", in: SealedLimits.counts)
    peak = try reader.optionalInteger("peak", in: SealedLimits.counts)
    peakAt = try reader.optionalInstant("peak_at")
    sampledPeak = try reader.optionalInteger("sampled_peak", in: SealedLimits.counts)
    seconds = try reader.integer("seconds", in: SealedLimits.counts)
    observed = try reader.integer("observed", in: SealedLimits.counts)
    let list = try reader.array("gaps", maximum: Self.maximumGaps)
    gaps = try list.enumerated().map { index, value throws(Refusal) in
      try UsageGap(value, at: "\(path).gaps[\(index)]")
    }
    gapCount = try reader.integer("gap_count", in: SealedLimits.counts)
    if var members = try reader.optionalObject("rule") {
      rule = try UsageRecord.Rule(members: &members)
    }
    quantity = try reader.integer("quantity", in: SealedLimits.counts)
    carriedFrom = try reader.optionalDate("carried_from")
    yieldsTo = try reader.optionalDigest("yields_to").map { Thumbprint($0) }
    decided = try reader.optionalChoice("decided")
    computed = try reader.optionalInteger("computed", in: SealedLimits.counts)
    charge = try Charge(reading: &reader)
    try reader.end()
    try checkDecided(at: path)
    try checkCharge(at: path)
  }

  private func checkDecided(at path: String) throws(Refusal) {
    guard (decided == nil) == (computed == nil) else {
      throw .malformed("\(path).decided and computed stand together")
    }
    guard decided != .waive || quantity == 0 else {
      throw .malformed("\(path) is waived and bills a quantity")
    }
  }

  private func checkCharge(at path: String) throws(Refusal) {
    guard let charge else { return }
    let (amount, overflow) = quantity.multipliedReportingOverflow(by: charge.rate)
    guard !overflow, amount == charge.amount else {
      throw .malformed("\(path).amount is not quantity times rate")
    }
  }

  package var json: JSONValue {
    var members = [
      JSONMember("installation", installation.json),
      JSONMember("date", .string(date.description)),
      JSONMember("license", license.json),
      JSONMember("revision", .integer(revision)),
      JSONMember("terms", .string(terms.rawValue)),
      JSONMember("basis", .string(basis.rawValue)),
    ]
    members.add("seq", seq.map { .integer($0) })
    members.add("peak", peak.map { .integer($0) })
    members.add("peak_at", peakAt.map { .integer($0) })
    members.add("sampled_peak", sampledPeak.map { .integer($0) })
    members.add("seconds", .integer(seconds))
    members.add("observed", .integer(observed))
    members.add("gaps", .array(gaps.map(\.json)))
    members.add("gap_count", .integer(gapCount))
    members.add("rule", rule?.json)
    members.add("quantity", .integer(quantity))
    members.add("carried_from", carriedFrom.map { .string($0.description) })
    members.add("yields_to", yieldsTo?.json)
    members.add("decided", decided.map { .string($0.rawValue) })
    members.add("computed", computed.map { .integer($0) })
    members.add("currency", charge.map { .string($0.currency) })
    members.add("rate", charge.map { .integer($0.rate) })
    members.add("amount", charge.map { .integer($0.amount) })
    return .object(members)
  }
}

extension StatementLine.Charge {
  /// Currency, rate and amount: all three or none.
  init?(reading reader: inout ObjectReader) throws(Refusal) {
    let currency = try reader.optionalString("currency", maximum: 3)
    let rate = try reader.optionalInteger("rate", in: LicenseLimits.price)
    let amount = try reader.optionalInteger("amount", in: SealedLimits.counts)
    if currency == nil && rate == nil && amount == nil { return nil }
    guard let currency, let rate, let amount else {
      throw .malformed("\(reader.name("currency")), rate and amount stand together")
    }
    self.init(currency: currency, rate: rate, amount: amount)
  }
}

extension UsageGap {
  init(_ value: JSONValue, at path: String) throws(Refusal) {
    var reader = try ObjectReader(value, at: path)
    from = try reader.instant("from")
    to = try reader.instant("to")
    reason = try reader.string("reason", maximum: 64)
    try reader.end()
  }

  package var json: JSONValue {
    ["from": .integer(from), "to": .integer(to), "reason": .string(reason)]
  }
}

extension [JSONMember] {
  /// Appends a member, unless its value is nil.
  mutating func add(_ name: String, _ value: JSONValue?) {
    if let value { append(JSONMember(name, value)) }
  }
}
