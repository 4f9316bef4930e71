internal import GRDB
internal import Storage

/// What the ledger knows of the journal beside it.
///
/// It is told once the journal's first commit is on the disk, never before: a start that was broken off
/// between the two leaves a journal without the note, which is noted at the next start, and never a note
/// without a journal.
extension Ledger {
  /// Since when the journal counts.
  package enum Counting: Sendable, Equatable {
    case since(Int64)
    /// It does, but the disk has changed since when.
    case unknown
  }

  /// - Returns: nil where no journal is known to have counted for this installation.
  package func counting() async throws(VerifierError) -> Counting? {
    try await read { db in
      guard let row = try Row.fetchOne(db, sql: "SELECT since, inverse FROM counting") else {
        return nil
      }
      let (since, inverse): (Int64, Int64) = (try row.value("since"), try row.value("inverse"))
      return inverse == ~since ? .since(since) : .unknown
    }
  }

  /// Notes that the journal counts; what was noted before stays.
  /// - Parameter instant: the first second that was watched.
  package func noteCounting(since instant: Int64) async throws(VerifierError) {
    let instant = max(0, instant)
    try await write { db in
      try db.execute(
        sql: """
          INSERT INTO counting (id, since, inverse) VALUES (1, ?, ?) ON CONFLICT (id) DO NOTHING
          """,
        arguments: [instant, ~instant])
    }
  }

  /// Whether a journal with content must stand beside the ledger: it was noted, or records tell of it.
  package func hasCounted() async throws(VerifierError) -> Bool {
    if try await counting() != nil { return true }
    return try await newest() != nil
  }
}
