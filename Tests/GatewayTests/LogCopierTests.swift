import Foundation
import GRDB
import Storage
import TestSupport
import Testing

/// How the log of the embedded ledger is copied beside its writer.
@Suite struct LogCopierTests {
  private static let commits = 600

  /// Commits one after the other, and how long the log became.
  private static func play(longestLog: Int32) throws -> Int {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "a.sqlite").path
    let table = Migration("1", sql: "CREATE TABLE a (n INTEGER PRIMARY KEY, body TEXT) STRICT")
    let body = String(repeating: "x", count: 3000)
    let database = try DurableDatabase(
      path: path, migrations: [table], longestLog: longestLog, copiesBeside: true)
    for _ in 1...commits {
      try database.pool.write {
        try $0.execute(sql: "INSERT INTO a (body) VALUES (?)", arguments: [body])
      }
    }
    let attributes = try FileManager.default.attributesOfItem(atPath: "\(path)-wal")
    let size = try #require(attributes[.size] as? Int)
    try database.close()
    #expect(!FileManager.default.fileExists(atPath: "\(path)-wal"))
    let again = try DurableDatabase(path: path, migrations: [table])
    #expect(try again.pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM a") } == commits)
    try again.close()
    return size
  }

  @Test func `the log begins anew though its writer never pauses, and nothing is lost`() throws {
    let size = try Self.play(longestLog: 16)
    let control = try Self.play(longestLog: 1_000_000)
    #expect(size * 3 < control, "\(size) of \(control)")
  }
}
