internal import CivilTime
internal import Libcrypto
internal import Metering
internal import Platform
internal import Sealing
internal import Storage

extension ControlDesk {
  /// Up to so many collectors are listed in the order of their names; more in that in which they are
  /// kept, so that no list of all names is held.
  private static let sorted = 20_000
  /// How many names are looked up at once.
  private static let piece = 2000

  /// A date as it is explained: what is said of it, and who counted at its peak.
  private struct Explained {
    var members: [JSONMember]
    var peak: Peak?
    var counted = CountedThen(entries: [])
    /// Why nothing or not everything is kept, nil where everything should be.
    var missing: String?
  }

  /// What `usage explain` answers: the second of the peak and everyone counted in it, the gaps of the
  /// date, the rule by which collectors were told apart.
  /// - Throws: ``VerifierError`` `NO_LICENSE`, `REQUEST_REFUSED` for a date without a record.
  package func explain(_ request: ExplainRequest) async throws(VerifierError) -> LineAnswer {
    guard let license = try await installation.working() else {
      throw VerifierError(.noLicense, "no license is installed: run license install FILE first")
    }
    guard let journal = try openJournal() else {
      throw VerifierError(
        .evidenceNotKept, "there is no journal in \(installation.folder.path): nothing is kept")
    }
    let explained = try await explained(request.date, journal, license.zone)
    let entries = explained.counted.entries
    var members = [JSONMember("zone", .string(license.zone.name))] + explained.members
    let sum = explained.counted.sum
    members.append(
      JSONMember("counted", ["collectors": .integer(entries.count), "sum": .integer(sum)]))
    let isComplete = sum == explained.peak?.count ?? 0
    members.append(JSONMember("complete", .bool(isComplete)))
    if !isComplete {
      let why = explained.missing ?? "incomplete"
      members.append(JSONMember("evidence", .string(why)))
    }
    members += [
      JSONMember("skipped", .integer(min(request.skip, Int64(entries.count)))),
      JSONMember("listed", .integer(request.listed(of: entries.count))),
    ]
    return LineAnswer(head: .object(members)) { take in
      defer { try? journal.database.close() }
      try await Self.list(entries, request, journal, take)
    }
  }

  private func explained(
    _ date: CivilDate?, _ journal: Journal, _ zone: Zone
  ) async throws(VerifierError) -> Explained {
    if let open = try await journal.openPeak(), date == nil || date == open.day.date {
      return try await explained(open, journal, zone)
    }
    guard let date else {
      throw VerifierError(.requestRefused, "nothing is being counted: name a date with --day")
    }
    if let waiting = try await journal.closedDays().first(where: { $0.date == date }) {
      return try await explained(waiting, "closing", journal, zone)
    }
    let (record, _) = try await closingRecord(of: date)
    var explained = try await explained(record, "closed", journal, zone)
    if let instant = try await journal.droppedEvidence(of: date) {
      explained.missing = "dropped"
      explained.members.append(JSONMember("dropped_at", instantJSON(instant, zone)))
    } else if explained.counted.entries.isEmpty {
      explained.missing = "lost"
    }
    return explained
  }

  private func explained(
    _ open: OpenPeak, _ journal: Journal, _ zone: Zone
  ) async throws(VerifierError) -> Explained {
    let day = open.day
    let rules = try await journal.identityRules()
    let rule = (rules.last { $0.from <= day.date } ?? rules.first)?.rules ?? .standard
    let members = members(
      of: day.date, counting == nil ? "last" : "open", from: day.from, to: day.told,
      peak: day.peak, observed: day.observed, gaps: day.gaps, merged: day.gapsMerged,
      rule: UsageRecord.Rule(
        window: open.rules.window, dwell: open.rules.dwell, identity: rule.text), zone)
    return Explained(members: members, peak: day.peak, counted: open.counted)
  }

  private func explained(
    _ record: UsageRecord, _ state: String, _ journal: Journal, _ zone: Zone
  ) async throws(VerifierError) -> Explained {
    var members = members(
      of: record.date, state, from: record.from, to: record.to, peak: record.peak,
      observed: record.observed, gaps: record.gaps, merged: record.gapsMerged,
      rule: record.rule, zone)
    if state == "closed" { members.append(JSONMember("record", .integer(record.seq))) }
    var explained = Explained(members: members, peak: record.peak)
    if let peak = record.peak {
      explained.counted = try await journal.counted(at: peak.at, on: record.date)
    }
    return explained
  }

  private func members(
    of date: CivilDate, _ state: String, from: Int64, to: Int64, peak: Peak?, observed: Int64,
    gaps: [Gap], merged: Int64, rule: UsageRecord.Rule, _ zone: Zone
  ) -> [JSONMember] {
    var members = [
      JSONMember("date", .string(date.description)), JSONMember("state", .string(state)),
      JSONMember("from", instantJSON(from, zone)), JSONMember("to", instantJSON(to, zone)),
    ]
    if let peak {
      members.append(JSONMember("peak", .integer(peak.count)))
      members.append(JSONMember("peak_at", instantJSON(peak.at, zone)))
    }
    members += [
      JSONMember(
        "rule",
        [
          "window": .integer(rule.window), "dwell": .integer(rule.dwell),
          "identity": .string(rule.identity),
        ]),
      JSONMember("observed", .integer(observed)),
      JSONMember("gaps", .array(gaps.map { gap(of: $0, zone) })),
    ]
    if merged > 0 { members.append(JSONMember("gaps_merged", .integer(merged))) }
    return members
  }

  private func gap(of gap: Gap, _ zone: Zone) -> JSONValue {
    var members = [
      JSONMember("from", instantJSON(gap.from, zone)), JSONMember("to", instantJSON(gap.to, zone)),
      JSONMember("seconds", .integer(gap.length)),
      JSONMember("reason", .string(gap.reason.rawValue)),
    ]
    if let shared = gap.shared { members.append(JSONMember("shared", .integer(shared))) }
    return .object(members)
  }

  // MARK: The list

  private static func list(
    _ entries: [CountedThen.Entry], _ request: ExplainRequest, _ journal: Journal,
    _ take: LineAnswer.Taker
  ) async throws {
    if entries.count <= sorted {
      let names = try await journal.identities(of: entries.map(\.id))
      let listed = zip(entries, names).sorted { left, right in
        precedes(left.1, right.1)
      }
      try await take(request.part(of: listed).map { json($0.0, $0.1) })
      return
    }
    var rest = request.part(of: entries)[...]
    while !rest.isEmpty {
      let piece = Array(rest.prefix(piece))
      rest = rest.dropFirst(piece.count)
      let names = try await journal.identities(of: piece.map(\.id))
      try await take(zip(piece, names).map { json($0, $1) })
    }
  }

  private static func precedes(_ left: CollectorIdentity?, _ right: CollectorIdentity?) -> Bool {
    guard let left else { return false }
    guard let right else { return true }
    guard left.kind == right.kind else { return left.kind < right.kind }
    return left.bytes.lexicographicallyPrecedes(right.bytes)
  }

  private static func json(
    _ entry: CountedThen.Entry, _ identity: CollectorIdentity?
  ) -> JSONValue {
    // A collector whose name is lost is still told from the others.
    var members =
      identity?.members
      ?? [JSONMember("digest", .string(Base64.encode(entry.id.bytes, .url)))]
    members.append(JSONMember("weight", .integer(entry.weight)))
    members.append(JSONMember("from", .integer(entry.from)))
    if let to = entry.to { members.append(JSONMember("to", .integer(to))) }
    return .object(members)
  }
}

extension ExplainRequest {
  /// How many of so many are listed.
  func listed(of count: Int) -> Int64 {
    let rest = max(0, Int64(count) - skip)
    return min(rest, limit ?? rest)
  }

  func part<Element>(of elements: [Element]) -> [Element] {
    let first = Int(min(skip, Int64(elements.count)))
    return Array(elements[first...].prefix(Int(listed(of: elements.count))))
  }
}
