internal import GRDB
package import Sealing
internal import Storage

/// One attempt to report, as `status` shows it.
package struct ReportRun: Sendable, Equatable {
  /// Who asked for it.
  package enum Origin: String, Sendable, CaseIterable {
    case serve
    case command
  }

  package var at: Int64
  package var origin: Origin
  /// How many records were sent.
  package var records: Int64
  /// `RECEIPTED`, or the code of what kept it from that.
  package var outcome: String
  package var detail: String

  package init(at: Int64, origin: Origin, records: Int64, outcome: String, detail: String) {
    self.at = at
    self.origin = origin
    self.records = records
    self.outcome = outcome
    self.detail = detail
  }

  package var json: JSONValue {
    [
      "at": .integer(at), "origin": .string(origin.rawValue), "records": .integer(records),
      "outcome": .string(outcome), "detail": .string(detail),
    ]
  }
}

extension Ledger {
  /// How many runs are kept.
  private static let keptRuns = 500

  /// Records a run.
  package func record(_ run: ReportRun) async throws(VerifierError) {
    try await write { try Self.insert(run, in: $0) }
  }

  /// Records runs, the earliest first.
  package func record(_ runs: [ReportRun]) async throws(VerifierError) {
    try await write { db in
      for run in runs { try Self.insert(run, in: db) }
    }
  }

  private static func insert(_ run: ReportRun, in db: Database) throws {
    try db.execute(
      sql: "INSERT INTO report_run (at, origin, records, outcome, detail) VALUES (?, ?, ?, ?, ?)",
      arguments: [max(0, run.at), run.origin.rawValue, run.records, run.outcome, run.detail])
    try db.execute(
      sql: "DELETE FROM report_run WHERE id <= (SELECT max(id) FROM report_run) - ?",
      arguments: [keptRuns])
  }

  /// The latest runs, the latest first.
  package func runs(limit: Int) async throws(VerifierError) -> [ReportRun] {
    try await read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT at, origin, records, outcome, detail FROM report_run ORDER BY id DESC LIMIT ?
          """, arguments: [limit]
      ).map { row in
        ReportRun(
          at: try row.value("at"),
          origin: ReportRun.Origin(rawValue: try row.value("origin")) ?? .serve,
          records: try row.value("records"), outcome: try row.value("outcome"),
          detail: try row.value("detail"))
      }
    }
  }
}
