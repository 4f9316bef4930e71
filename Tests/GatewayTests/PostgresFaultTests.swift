import Foundation
import Gateway
import Libcrypto
import Postgres
import Sealing
import Storage
import Synchronization
import TestServers
import Testing

/// What becomes of changes when the connection, the server or its standby fails.
@Suite struct PostgresFaultTests {
  typealias Basis = PostgresStoreTests

  /// Changes that are asked for again and again, whatever becomes of them.
  final class Load: Sendable {
    private let positions = Mutex<[Int64]>([])
    private let isOver = Atomic(false)
    private let runs = Atomic(0)

    /// What was acknowledged.
    var acknowledged: [Int64] { positions.withLock { $0 } }

    func play(_ store: any LedgerStore, _ name: Thumbprint) async {
      while !isOver.load(ordering: .relaxed) {
        guard let position = try? await store.change({ try Basis.appendNext(name, $0) }) else {
          continue
        }
        positions.withLock { $0.append(position) }
      }
    }

    func reach(_ count: Int) async {
      while acknowledged.count < count { await Task.yield() }
    }

    func end() { isOver.store(true, ordering: .relaxed) }

    /// Counts how often something is run.
    func countRun() -> Int { runs.add(1, ordering: .relaxed).newValue }
  }

  /// The gateway's sessions that wait for the standby.
  static let committing = """
    FROM pg_stat_activity WHERE application_name = 'tally-gateway' AND wait_event = 'SyncRep'
    """

  /// Begins a change of which the commit waits for a standby that is not there, and returns once it does.
  static func stuck(
    _ cluster: PostgresCluster, _ store: any LedgerStore, _ name: Thumbprint
  ) async throws -> Task<Int64, any Error> {
    try cluster.alter("synchronous_standby_names = 'absent'")
    let change = Task { try await store.change { try Basis.appendNext(name, $0) } }
    try await cluster.wait(for: "1", to: "SELECT count(*) \(committing)")
    return change
  }

  /// What comes once the standby is not asked for any more: the record is there once, and an answer to who
  /// asks again rests on a commit of its own.
  static func resume(
    _ cluster: PostgresCluster, _ store: any LedgerStore, _ name: Thumbprint
  ) async throws {
    try cluster.alter("synchronous_standby_names = ''")
    let count = try await store.read { try $0.recordCount(of: name) }
    #expect(count == 1, "a commit of which nobody knew was one")
    #expect(try await store.change { try Basis.appendNext(name, $0) } == 2)
  }

  @Test func `a warning during COMMIT is no acknowledgement: the standby does not have it`()
    async throws
  {
    try await Basis.play { cluster, stage in
      let (store, name) = (stage.store, stage.name)
      let change = try await Self.stuck(cluster, store, name)
      try cluster.ask("SELECT pg_cancel_backend(pid) \(Self.committing)")
      #expect(try await Basis.refusal { try await change.value } == .unknown)
      try await Self.resume(cluster, store, name)
    }
  }

  @Test func `who asks again after a warning is not answered before the standby has it`()
    async throws
  {
    try await Basis.play { cluster, stage in
      let (store, name) = (stage.store, stage.name)
      let change = try await Self.stuck(cluster, store, name)
      try cluster.ask("SELECT pg_cancel_backend(pid) \(Self.committing)")
      _ = await change.result
      // It only looks, and finds the record; its own commit still waits.
      let again = Task { try await store.change { try $0.recordCount(of: name) } }
      try await cluster.wait(for: "1", to: "SELECT count(*) \(Self.committing)")
      try cluster.alter("synchronous_standby_names = ''")
      #expect(try await again.value == 1)
    }
  }

  @Test func `a backend that is ended during COMMIT leaves the outcome unknown`() async throws {
    try await Basis.play { cluster, stage in
      let (store, name) = (stage.store, stage.name)
      let change = try await Self.stuck(cluster, store, name)
      try cluster.ask("SELECT pg_terminate_backend(pid) \(Self.committing)")
      #expect(try await Basis.refusal { try await change.value } == .unknown)
      try await Self.resume(cluster, store, name)
    }
  }

  @Test func `a COMMIT that takes too long is not waited for, and is unknown to all of its group`()
    async throws
  {
    try await Basis.play(PostgresPatience(lock: 1, commit: 1)) { cluster, stage in
      let (store, name) = (stage.store, stage.name)
      try cluster.alter("synchronous_standby_names = 'absent'")
      let codes = await withTaskGroup(of: StorageError.Code?.self) { group in
        for _ in 0..<8 {
          group.addTask {
            do {
              _ = try await store.change { try Basis.appendNext(name, $0) }
              return nil
            } catch { return (error as? StorageError)?.code }
          }
        }
        return await group.reduce(into: [StorageError.Code?]()) { $0.append($1) }
      }
      #expect(codes.count == 8)
      // The session that was given up still holds the ledger's row: those after it wait in vain.
      #expect(codes.contains(.unknown) && codes.allSatisfy { $0 == .unknown || $0 == .unavailable })
      try cluster.alter("synchronous_standby_names = ''")
      let count = try await store.read { try $0.recordCount(of: name) }
      let head = try await store.state(of: name)?.head.seq
      #expect(count == head)
      #expect(try await store.change { try Basis.appendNext(name, $0) } == count + 1)
    }
  }

  @Test func `a backend that is ended before COMMIT has its change run again, once`() async throws {
    try await Basis.play { cluster, stage in
      let (store, name) = (stage.store, stage.name)
      let runs = Load()
      let position = try await store.change { ledger in
        let position = try Basis.appendNext(name, ledger)
        if runs.countRun() == 1 {
          try cluster.ask(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE application_name = 'tally-gateway' AND state = 'idle in transaction'
            """)
        }
        return position
      }
      #expect(position == 1 && runs.countRun() == 3)
      #expect(try await store.read { try $0.recordCount(of: name) } == 1)
    }
  }

  @Test func `while the server is away everything is refused, and afterwards goes on by itself`()
    async throws
  {
    try await Basis.play { cluster, stage in
      let (store, name) = (stage.store, stage.name)
      #expect(try await store.change { try Basis.appendNext(name, $0) } == 1)
      _ = try await store.read { try $0.position() }
      for mode in ["fast", "immediate"] {
        try cluster.stop(mode)
        let read = try await Basis.refusal { try await store.read { try $0.position() } }
        let change = try await Basis.refusal {
          try await store.change { try Basis.appendNext(name, $0) }
        }
        #expect(read == .unavailable && change == .unavailable, "\(mode)")
        try cluster.start()
        let before = try await store.read { try $0.position() }
        #expect(try await store.change { try Basis.appendNext(name, $0) } == before + 1)
      }
      #expect(try await store.read { try $0.recordCount(of: name) } == 3)
    }
  }

  @Test func `a primary killed under load loses nothing: the standby takes over by itself`()
    async throws
  {
    let primary = try PostgresCluster()
    let standby = try primary.synchronousStandby("second")
    try primary.makeDatabase("tally")
    let hosts = "host=\(primary.folder),\(standby.folder)"
    let address = try #require(PostgresAddress("postgres:///tally?\(hosts)&user=postgres"))
    // A standby alone is refused: it takes no writes.
    let alone = try standby.address("tally")
    #expect(try await Basis.refusal { try await PostgresLedgerStore(alone) } == .unavailable)
    let kind = StoreKind(testDescription: "PostgreSQL") { _ in
      try await PostgresLedgerStore(address, patience: PostgresPatience(commit: 2))
    } remove: {
      try FileManager.default.removeItem(at: $0)
    }
    try await StoreContractTests.play(kind) { stage in
      let (store, name) = (stage.store, stage.name)
      let load = Load()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<8 { group.addTask { await load.play(store, name) } }
        await load.reach(200)
        try primary.stop("immediate")
        let before = load.acknowledged.count
        try standby.promote()
        try standby.alter("synchronous_standby_names = ''")
        await load.reach(before + 100)
        load.end()
        try await group.waitForAll()
      }
      let told = load.acknowledged
      #expect(Set(told).count == told.count)
      let stored = try standby.ask(
        "SELECT position FROM tally.entries ORDER BY position", in: "tally"
      ).split(separator: "\n").compactMap { Int64($0) }
      #expect(Set(told).isSubset(of: Set(stored)))
      #expect(stored == Array(1...Int64(stored.count)), "each place once, without holes")
      #expect(try await store.state(of: name)?.head.seq == Int64(stored.count))
    }
  }
}
