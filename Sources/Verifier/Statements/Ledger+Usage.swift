internal import Billing
internal import CivilTime
internal import GRDB
internal import Licensing
internal import Metering
internal import Sealing
internal import Storage

/// What the ledger holds of an installation's usage, as far as a bill rests on it.
struct LedgerUsage: Sendable {
  var entries: [UsageEntry] = []
  /// Dates of which the bytes of samples were dropped.
  var thinned: Set<CivilDate> = []
}

extension Ledger {
  /// Every record through a date, in order.
  func usage(through last: CivilDate) async throws(VerifierError) -> LedgerUsage {
    let installation = installation
    return try await read { db in
      var usage = LedgerUsage()
      let rows = try Row.fetchCursor(
        db, sql: "\(Self.columns) WHERE installation = ? AND date <= ? ORDER BY seq",
        arguments: [installation.text, last.description])
      while let row = try rows.next() {
        guard let jws: String = try row.optional("jws") else {
          if let date = CivilDate(try row.value("date") as String) { usage.thinned.insert(date) }
          continue
        }
        let record = try Self.record(jws, seq: try row.value("seq"))
        if let entry = UsageEntry(record) { usage.entries.append(entry) }
      }
      return usage
    }
  }

  private static func record(_ jws: String, seq: Int64) throws(VerifierError) -> UsageRecord {
    do throws(Refusal) {
      return try UsageRecord.parse(try UnverifiedDocument(Array(jws.utf8), as: .usage).payload)
    } catch { throw VerifierError(error, document: "record \(seq) of the ledger") }
  }

  /// The last record that a receipt shows to lie in the gateway's ledger at a position.
  func receipted(at position: Int64) async throws(VerifierError) -> Int64 {
    let installation = installation.text
    return try await read { db in
      try Int64.fetchOne(
        db, sql: "SELECT max(seq) FROM receipt WHERE installation = ? AND position <= ?",
        arguments: [installation, position]) ?? 0
    }
  }
}

extension UsageEntry {
  /// - Returns: nil for a record whose license has no name that can be one.
  init?(_ record: UsageRecord) {
    guard let license = LicenseID(record.license) else { return nil }
    self.init(
      installation: record.installation, seq: record.seq,
      kind: record.stage == .day ? .day : .sample, date: record.date, from: record.from,
      to: record.to, peak: record.peak?.count, peakAt: record.peak?.at,
      observed: record.observed,
      gaps: record.gaps.filter { $0.from < $0.to }.map {
        UsageGap(from: $0.from, to: $0.to, reason: $0.reason.rawValue)
      }, rule: record.rule, license: license, revision: record.revision)
  }
}
