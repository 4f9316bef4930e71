import GRDB
import HTTPTypes
import Gateway
import Libcrypto
import Licensing
import Logging
import Reporting
import Sealing
import Storage
import Synchronization
import Testing

/// What becomes of reports when the disk does not do what it should.
@Suite struct WriterFaultTests {
  /// What the program was told.
  final class Told: Sendable {
    let error = Mutex<GatewayError?>(nil)
  }

  /// Makes the next commits fail as a failed flush does.
  final class FailingCommit: TransactionObserver, Sendable {
    private let failure = Mutex<ResultCode?>(nil)

    func fail(with code: ResultCode?) { failure.withLock { $0 = code } }

    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { false }
    func databaseDidChange(with event: DatabaseEvent) {}
    func databaseDidCommit(_ db: Database) {}
    func databaseDidRollback(_ db: Database) {}
    func databaseWillCommit() throws {
      if let code = failure.withLock({ $0 }) { throw DatabaseError(resultCode: code) }
    }
  }

  @Test func `who reads is told to stop, and that is no fault of the disk`() async throws {
    try await TestSite.play { site in
      let store = site.store
      let reading = Task {
        try await store.read { ledger in
          while true { _ = try ledger.position() }
        }
      }
      try await Task.sleep(for: .milliseconds(20))
      reading.cancel()
      await #expect(throws: CancellationError.self) { try await reading.value }
      #expect(try await store.read { try $0.position() } == 0)
    }
  }

  @Test func `a commit that fails in its flush ends the store: nobody knows what is there`()
    async throws
  {
    try await TestSite.play { site in
      let observer = FailingCommit()
      let database = try #require(site.store as? SQLiteLedgerStore).database
      database.pool.add(transactionObserver: observer, extent: .databaseLifetime)
      var installation = try await site.activated()
      try installation.day(peak: 3)
      observer.fail(with: .SQLITE_IOERR_FSYNC)
      let shared = site
      let sent = installation
      let failures = await withTaskGroup(of: StorageError?.self) { group in
        for _ in 0..<8 {
          group.addTask {
            do {
              _ = try await shared.report(sent, sent.records)
              return nil
            } catch { return error as? StorageError }
          }
        }
        return await group.reduce(into: [StorageError?]()) { $0.append($1) }
      }
      #expect(failures.count == 8)
      #expect(failures.allSatisfy { $0?.code == .unknown })
      #expect(await site.store.end()?.code == .unknown)
      observer.fail(with: nil)
      await #expect(throws: StorageError.self) { _ = try await shared.report(sent, sent.records) }
      try await site.restart()
      let answer = try await site.report(installation, installation.records)
      #expect(answer.results.map(\.seq) == [1])
    }
  }

  @Test func `a full disk refuses and recovers by itself`() async throws {
    try await TestSite.play { site in
      var installation = try await site.activated()
      for peak in 1...40 as ClosedRange<Int64> {
        try installation.sample(peak: peak, after: 60 * peak)
      }
      try await Self.limit(site.store, spare: 2)
      var refused = 0
      for record in installation.records {
        do {
          _ = try await site.report(installation, [record])
        } catch let error as StorageError {
          #expect(error.code == .full)
          refused += 1
        } catch let problem as Problem {
          #expect(problem.code == .outOfOrder)
        }
      }
      #expect(refused > 0)
      try await Self.limit(site.store, spare: 10_000)
      let answer = try await site.report(installation, installation.records)
      #expect(try site.open(answer.receipt).seq == 40)
      #expect(answer.results.contains { $0.status == .duplicate })
      #expect(answer.results.contains { $0.status == .stored })
      let count = try await site.store.read { [name = installation.thumbprint] in
        try $0.recordCount(of: name)
      }
      #expect(count == 40)
    }
  }

  /// Lets the file grow by so many pages and no further.
  static func limit(_ store: any LedgerStore, spare: Int) async throws {
    let database = try #require(store as? SQLiteLedgerStore).database
    try await database.pool.writeWithoutTransaction { db in
      let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
      try db.execute(sql: "PRAGMA max_page_count = \(pages + spare)")
    }
  }

  @Test func `over HTTP a fault of the store is 503, retryable and without its text`() async throws
  {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try installation.day(peak: 3)
      try await Self.limit(site.store, spare: 0)
      var statuses: Set<Int> = []
      for peak in 1...40 as ClosedRange<Int64> {
        let report = ReportRequest(
          installation: installation.thumbprint, records: installation.records)
        let answer = try await site.send(.post, "/v1/reports", report.json.serialized)
        statuses.insert(answer.status)
        if answer.status == 503 {
          #expect(answer.problem?.code == .storeUnavailable)
          #expect(answer.json?["retryable"] == .bool(true))
          #expect(!answer.text.contains("sqlite"))
        }
        try installation.sample(peak: peak, after: 60 * peak)
      }
      #expect(statuses.contains(503))
    }
  }

  @Test func `the program ends with an error when its store does`() async throws {
    try await StartTests.play { desk in
      let application = try await GatewayApplication.open(
        desk.settings(), clock: ManualClock(TestSite.noon))
      let store = try #require(application.gateway.store as? SQLiteLedgerStore)
      let observer = FailingCommit()
      store.database.pool.add(transactionObserver: observer, extent: .databaseLifetime)
      let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
      let (listening, address) = AsyncStream.makeStream(of: String.self)
      let told = Told()
      let outcome = await withTaskGroup(of: (any Error)?.self) { group in
        group.addTask {
          do {
            try await application.run(logger: logger) {
              address.yield($0)
            } onFailure: { error in
              told.error.withLock { $0 = error }
            }
            return nil
          } catch { return error }
        }
        group.addTask {
          _ = await listening.first { _ in true }
          observer.fail(with: .SQLITE_IOERR_WRITE)
          _ = try? await application.gateway.tokens.make([.read], days: 1, note: "")
          return nil
        }
        return await group.reduce(nil) { $0 ?? $1 }
      }
      #expect(told.error.withLock { $0?.code } == .commitUnknown)
      #expect((outcome as? GatewayError)?.code == .commitUnknown, "\(String(describing: outcome))")
    }
  }
}
