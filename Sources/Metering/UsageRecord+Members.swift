import CivilTime
package import Sealing

extension UsageRecord {
  package init(reading reader: inout ObjectReader) throws(Refusal) {
    let counts = SealedLimits.counts
    installation = try reader.thumbprint("installation")
    license = try reader.string("license", maximum: 64)
    revision = try reader.integer("revision", in: 1...counts.upperBound)
    seq = try reader.integer("seq", in: 1...counts.upperBound)
    prev = try reader.optionalDigest("prev")
    stage = try reader.choice("kind")
    date = try reader.usageDate()
    from = try reader.instant("from")
    to = try reader.instant("to")
    at = try reader.instant("at")
    peak = try reader.peak()
    online = try reader.integer("online", in: counts)
    limit = try reader.optionalInteger("limit", in: counts)
    distinct = try reader.integer("distinct", in: counts)
    refused = try reader.integer("refused", in: counts)
    observed = try reader.integer("observed", in: 0...Self.maximumSpan)
    gaps = try reader.gaps()
    gapsMerged = try reader.optionalInteger("gaps_merged", in: 1...counts.upperBound) ?? 0
    rule = try Rule(reading: &reader)
    release = try reader.optionalString("release", maximum: 64)
    root = try reader.thumbprint("root")
    closing = stage == .day ? try Closing(reading: &reader) : nil
    try requireConsistency()
  }

  package var members: [JSONMember] {
    var members = [
      JSONMember("installation", installation.json), JSONMember("license", .string(license)),
      JSONMember("revision", .integer(revision)), JSONMember("seq", .integer(seq)),
    ]
    members.add("prev", prev?.json)
    members += [
      JSONMember("kind", .string(stage.rawValue)), JSONMember("date", .string(date.description)),
      JSONMember("from", .integer(from)), JSONMember("to", .integer(to)),
      JSONMember("at", .integer(at)),
    ]
    members.add("peak", peak.map { .integer($0.count) })
    members.add("peak_at", peak.map { .integer($0.at) })
    members.append(JSONMember("online", .integer(online)))
    members.add("limit", limit.map { .integer($0) })
    members += [
      JSONMember("distinct", .integer(distinct)), JSONMember("refused", .integer(refused)),
      JSONMember("observed", .integer(observed)), JSONMember("gaps", .array(gaps.map(\.json))),
    ]
    members.add("gaps_merged", gapsMerged == 0 ? nil : .integer(gapsMerged))
    members.append(JSONMember("rule", rule.json))
    members.add("release", release.map { .string($0) })
    members.append(JSONMember("root", root.json))
    if let closing {
      members.append(JSONMember("minutes", .array(closing.minutes.map(\.json))))
      members.append(JSONMember("evidence", closing.evidence.json))
    }
    return members
  }
}

extension UsageRecord.Rule {
  /// Reads the member `rule`.
  init(reading outer: inout ObjectReader) throws(Refusal) {
    var reader = try outer.object("rule")
    try self.init(members: &reader)
  }

  /// Reads `window`, `dwell` and `identity`, and nothing else.
  package init(members reader: inout ObjectReader) throws(Refusal) {
    window = try reader.integer("window", in: CountingRules.windows)
    dwell = try reader.integer("dwell", in: CountingRules.dwells)
    identity = try reader.string("identity")
    try reader.end()
    guard dwell == 0 || dwell >= window else {
      throw .malformed("rule.dwell must be 0 or at least the window")
    }
  }

  package var json: JSONValue { JSONValue { write(to: &$0) } }

  /// Gives its members in their order.
  package func write(to sink: inout some MemberSink) {
    sink.add("window", number: window)
    sink.add("dwell", number: dwell)
    sink.add("identity", text: identity)
  }
}

extension UsageRecord.Closing {
  fileprivate init(reading reader: inout ObjectReader) throws(Refusal) {
    let elements = try reader.array("minutes", maximum: Int(UsageRecord.maximumSpan / 60))
    var runs: [MinuteRun] = []
    for element in elements { runs.append(try MinuteRun(element, at: reader.name("minutes"))) }
    minutes = runs
    var evidence = try reader.object("evidence")
    self.evidence = try EvidenceRoot(reading: &evidence)
    try evidence.end()
  }
}

extension ObjectReader {
  fileprivate mutating func usageDate() throws(Refusal) -> CivilDate {
    guard let date = CivilDate(try string("date")) else {
      throw .malformed("\(name("date")) must be a date as 2026-11-21")
    }
    return date
  }

  fileprivate mutating func peak() throws(Refusal) -> Peak? {
    let count = try optionalInteger("peak", in: SealedLimits.counts)
    let instant = try optionalInstant("peak_at")
    switch (count, instant) {
    case (nil, nil): return nil
    case (let count?, let instant?): return Peak(count: count, at: instant)
    case (nil, .some), (.some, nil):
      throw .malformed("\(name("peak")) and peak_at must stand together")
    }
  }

  fileprivate mutating func gaps() throws(Refusal) -> [Gap] {
    var gaps: [Gap] = []
    for (index, element) in try array("gaps", maximum: Gap.maximum).enumerated() {
      var reader = try ObjectReader(element, at: "\(name("gaps"))[\(index)]")
      gaps.append(try Gap(reading: &reader))
      try reader.end()
    }
    return gaps
  }
}
