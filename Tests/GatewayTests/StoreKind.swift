import Foundation
import GRDB
import Gateway
import Postgres
import TestServers
import Testing

/// Something that makes stores: each kind is held to the same contract.
struct StoreKind: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// Opens the store that belongs to the folder; the same one each time.
  let open: @Sendable (URL) async throws -> any LedgerStore
  /// Removes the store, and the folder.
  let remove: @Sendable (URL) async throws -> Void
  /// Changes rows past the store, as damage does.
  var tamper: @Sendable (URL, String) async throws -> Void = { _, _ in }

  static let sqlite = StoreKind(testDescription: "SQLite") { folder in
    try SQLiteLedgerStore(path: folder.appending(path: "ledger.sqlite").path)
  } remove: {
    try FileManager.default.removeItem(at: $0)
  } tamper: { folder, sql in
    let queue = try DatabaseQueue(path: folder.appending(path: "ledger.sqlite").path)
    try await queue.write { try $0.execute(sql: sql) }
    try queue.close()
  }

  /// A database of its own for each folder.
  static let postgres = StoreKind(testDescription: "PostgreSQL") { folder in
    let cluster = try await PostgresCluster.shared.value
    let name = folder.lastPathComponent
    if try !cluster.databases().contains(name) { try cluster.makeDatabase(name) }
    return try await PostgresLedgerStore(cluster.address(name))
  } remove: { folder in
    try await PostgresCluster.shared.value.removeDatabase(folder.lastPathComponent)
    try FileManager.default.removeItem(at: folder)
  } tamper: { folder, sql in
    let cluster = try await PostgresCluster.shared.value
    try cluster.ask(
      "SET session_replication_role = replica; SET search_path = tally; \(sql)",
      in: folder.lastPathComponent)
  }

  static let all = [sqlite, postgres]

  /// What ``TestSite`` makes its store with.
  @TaskLocal static var current = sqlite
}

extension PostgresCluster {
  func address(_ database: String) throws -> PostgresAddress {
    try TestInstallation.some(PostgresAddress(uri(database)))
  }
}

/// Plays every test of a suite once on each kind of store.
struct EveryStore: SuiteTrait, TestTrait, TestScoping {
  var isRecursive: Bool { true }

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    for kind in StoreKind.all {
      try await StoreKind.$current.withValue(kind) { try await function() }
    }
  }
}

extension Trait where Self == EveryStore {
  static var everyStore: EveryStore { EveryStore() }
}
