package import CivilTime
internal import Libcrypto
internal import Metering
internal import Platform
package import Sealing

extension ControlDesk {
  /// How many closed dates `usage show` lists.
  private static let listed = 31

  /// What `usage show` shows: one date, today unless another is named, and the dates closed before.
  /// - Throws: ``VerifierError`` `NO_LICENSE`, and `REQUEST_REFUSED` for a date without a record.
  package func usage(on date: CivilDate?) async throws(VerifierError) -> JSONValue {
    guard let license = try await installation.working() else {
      throw VerifierError(.noLicense, "no license is installed: run license install FILE first")
    }
    let day = try await day(date)
    let through = try await installation.ledger.receipts().through
    var closed: [JSONValue] = []
    for entry in try await installation.ledger.days(limit: Self.listed) {
      let summary = try Self.record(entry).summary
      closed.append(
        .object(
          Self.members(
            summary, in: license.zone, state: "closed", receipted: entry.seq <= through)))
    }
    var members = [JSONMember("zone", .string(license.zone.name))]
    if let day {
      members += Self.members(
        day.summary, in: license.zone, state: day.state,
        receipted: day.seq.map { $0 <= through } ?? false)
    }
    members.append(JSONMember("days", .array(closed)))
    return .object(members)
  }

  struct ShownDay {
    var summary: DaySummary
    /// `open` while it is counted, `last` where no daemon counts, `sampled` or `closed` from a record.
    var state: String
    /// The place of the record that tells it.
    var seq: Int64?
  }

  private func day(_ date: CivilDate?) async throws(VerifierError) -> ShownDay? {
    if let open = try await openDay(), date == nil || date == open.summary.date { return open }
    guard let date else { return nil }
    guard let entry = try await installation.ledger.newest(of: date) else {
      throw VerifierError(
        .requestRefused, "there is no record of \(date): usage show lists the closed dates")
    }
    return ShownDay(
      summary: try Self.record(entry).summary,
      state: entry.stage == .day ? "closed" : "sampled", seq: entry.seq)
  }

  /// The date so far: from the counter, or as the journal last had it.
  func openDay() async throws(VerifierError) -> ShownDay? {
    if let counting {
      guard let summary = counting.keeper?.view.summary else { return nil }
      return try await shown(summary, state: "open")
    }
    guard Files.exists(installation.folder.journal) else { return nil }
    let journal = try Journal(
      path: installation.folder.journal, evidenceKey: installation.keys.evidence,
      using: LibcryptoProvider())
    guard try await journal.content() != nil, let license = try await installation.working()
    else { return nil }
    let (meter, _) = try await MeterStart.meter(
      license, journal: journal, installation: installation)
    guard let summary = meter.summary else { return nil }
    return try await shown(summary, state: "last")
  }

  /// An open date is told by its last sample if that has its peak.
  private func shown(
    _ summary: DaySummary, state: String
  ) async throws(VerifierError) -> ShownDay {
    let sample = try await installation.ledger.newest(of: summary.date)
    let isTold = try sample.map { entry throws(VerifierError) in
      try Self.record(entry).summary.peak == summary.peak
    }
    return ShownDay(summary: summary, state: state, seq: isTold == true ? sample?.seq : nil)
  }

  static func record(_ entry: LedgerEntry) throws(VerifierError) -> UsageRecord {
    do throws(Refusal) {
      return try UsageRecord.parse(
        try UnverifiedDocument(Array(entry.jws.utf8), as: .usage).payload)
    } catch { throw VerifierError(error, document: "record \(entry.seq) of the ledger") }
  }

  private static func members(
    _ day: DaySummary, in zone: Zone, state: String, receipted: Bool
  ) -> [JSONMember] {
    var members = [
      JSONMember("date", .string(day.date.description)), JSONMember("state", .string(state)),
      JSONMember("from", instant(day.from, zone)), JSONMember("to", instant(day.to, zone)),
    ]
    if let peak = day.peak {
      members.append(JSONMember("peak", .integer(peak.count)))
      members.append(JSONMember("peak_at", instant(peak.at, zone)))
    }
    members += [
      JSONMember("online", .integer(day.online)), JSONMember("distinct", .integer(day.distinct)),
      JSONMember("refused", .integer(day.refused)),
      JSONMember("observed", .integer(day.observed)),
      JSONMember("gaps", .array(day.gaps.map(\.json))),
      JSONMember("receipted", .bool(receipted)),
    ]
    return members
  }

  private static func instant(_ at: Int64, _ zone: Zone) -> JSONValue {
    [
      "at": .integer(at), "utc": .string(UTC.text(at)), "local": .string(zone.localText(at: at)),
    ]
  }
}

extension UsageRecord {
  /// What the record tells of its date.
  var summary: DaySummary {
    DaySummary(
      date: date, from: from, to: to, peak: peak, online: online, distinct: distinct,
      refused: refused, observed: observed, gaps: gaps, gapsMerged: gapsMerged)
  }
}
