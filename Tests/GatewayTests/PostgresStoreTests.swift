import Foundation
import Gateway
import Libcrypto
import Licensing
import Logging
import Postgres
import Reporting
import Sealing
import Storage
import TestServers
import TestSupport
import Testing

/// What the PostgreSQL store does beyond the contract: several processes, and servers that fail.
@Suite struct PostgresStoreTests {
  typealias Stage = StoreContractTests.Stage

  /// A kind of stores in one database of a server.
  static func kind(
    _ cluster: PostgresCluster, _ patience: PostgresPatience = PostgresPatience()
  ) -> StoreKind {
    StoreKind(testDescription: "PostgreSQL") { folder in
      let name = folder.lastPathComponent
      if try !cluster.databases().contains(name) { try cluster.makeDatabase(name) }
      return try await PostgresLedgerStore(cluster.address(name), patience: patience)
    } remove: {
      try FileManager.default.removeItem(at: $0)
    }
  }

  /// Plays on a server of its own.
  static func play(
    _ patience: PostgresPatience = PostgresPatience(),
    _ body: (PostgresCluster, inout Stage) async throws -> Void
  ) async throws {
    let cluster = try PostgresCluster()
    try await StoreContractTests.play(kind(cluster, patience)) { stage in
      try await body(cluster, &stage)
    }
  }

  /// The code with which a store refuses, nil where it does not.
  static func refusal(
    _ body: () async throws -> some Any
  ) async throws -> StorageError.Code? {
    do {
      _ = try await body()
      return nil
    } catch let error as StorageError { return error.code }
  }

  /// Appends a record to the chain as it stands, and returns its place in the ledger.
  @Sendable
  static func appendNext(_ name: Thumbprint, _ ledger: any LedgerWriting) throws -> Int64 {
    let head = try TestInstallation.some(ledger.state(of: name)).head
    let hash = LibcryptoProvider().sha256(Array("\(head.seq)".utf8))
    let next = ChainHead(seq: head.seq + 1, hash: hash)
    let entry = LedgerEntry(seq: next.seq, hash: hash, jws: "x", content: .quarantined)
    return try ledger.append([entry], of: name, head: next, at: 1)
  }

  @Test func `many writers of one chain in two processes are as one after the other`() async throws
  {
    try await StoreContractTests.play(.postgres) { stage in
      let other = try await stage.kind.open(stage.folder)
      let stores = [stage.store, other]
      let name = stage.name
      let positions = await withTaskGroup(of: [Int64].self) { group in
        for writer in 0..<64 {
          group.addTask {
            var taken: [Int64] = []
            for turn in 0..<10 {
              let position = try? await stores[writer % 2].change { ledger in
                let position = try Self.appendNext(name, ledger)
                // What is thrown away leaves no hole.
                if (writer + turn) % 7 == 0 { throw StoreContractTests.Undone() }
                return position
              }
              if let position { taken.append(position) }
            }
            return taken
          }
        }
        return await group.reduce(into: [Int64]()) { $0 += $1 }
      }
      let kept = (0..<64).flatMap { writer in (0..<10).map { writer + $0 } }.count { $0 % 7 != 0 }
      #expect(positions.sorted() == Array(1...Int64(kept)))
      for store in stores {
        #expect(try await store.state(of: name)?.head.seq == Int64(kept))
        #expect(try await store.read { try $0.recordCount(of: name) } == Int64(kept))
      }
      await other.close()
    }
  }

  @Test func `processes that come at once make the tables once`() async throws {
    let cluster = try await PostgresCluster.shared.value
    let name = "migration-\(UUID().uuidString)"
    try cluster.makeDatabase(name)
    let address = try cluster.address(name)
    let stores = try await withThrowingTaskGroup(of: PostgresLedgerStore.self) { group in
      for _ in 0..<6 { group.addTask { try await PostgresLedgerStore(address) } }
      return try await group.reduce(into: [PostgresLedgerStore]()) { $0.append($1) }
    }
    for (index, store) in stores.enumerated() {
      try await store.change { try $0.setRevocations("by \(index)", at: 1) }
    }
    #expect(try await stores[0].publications() == 6)
    #expect(try await stores[0].read { try $0.revocations() } == "by 5")
    for store in stores { await store.close() }
    try cluster.removeDatabase(name)
  }

  @Test func `a database of a newer version is refused, at the start and while running`()
    async throws
  {
    try await StoreContractTests.play(.postgres) { stage in
      let cluster = try await PostgresCluster.shared.value
      let name = stage.folder.lastPathComponent
      try cluster.ask("UPDATE tally.ledger SET schema = 99", in: name)
      let store = stage.store
      let refusal = try await Self.refusal {
        try await store.change { try $0.setRevocations("x", at: 1) }
      }
      #expect(refusal == .schemaTooNew)
      let address = try cluster.address(name)
      #expect(try await Self.refusal { try await PostgresLedgerStore(address) } == .schemaTooNew)
    }
  }

  @Test func `nobody changes or deletes what stands, whoever asks`() async throws {
    try await StoreContractTests.play(.postgres) { stage in
      try await stage.append(try stage.chain.next(peak: 3, after: 60))
      let cluster = try await PostgresCluster.shared.value
      let database = stage.folder.lastPathComponent
      for sql in [
        "DELETE FROM tally.entries", "UPDATE tally.entries SET jws = 'x'",
        "TRUNCATE tally.entries CASCADE", "DELETE FROM tally.receipts",
        "UPDATE tally.final_statements SET jws = 'x'",
      ] {
        #expect(throws: PostgresCluster.Fault.self, "\(sql)") { try cluster.ask(sql, in: database) }
      }
      #expect(try cluster.ask("SELECT count(*) FROM tally.entries", in: database) == "1")
    }
  }

  @Test func `a server that acknowledges too early is refused, at the start and while running`()
    async throws
  {
    try await Self.play { cluster, stage in
      let address = try cluster.address(stage.folder.lastPathComponent)
      let store = stage.store
      for setting in [
        "fsync", "full_page_writes", "synchronous_commit", "synchronous_commit = local --",
        "synchronous_commit = remote_write --",
      ] {
        let weak = setting.hasSuffix("--") ? String(setting.dropLast(2)) : "\(setting) = off"
        let name = String(setting.prefix { $0 != " " })
        try cluster.alter(weak)
        let refusal = await #expect(throws: StorageError.self, "\(weak)") {
          _ = try await PostgresLedgerStore(address)
        }
        #expect(refusal?.code == .notDurable)
        #expect(refusal?.message.contains(name) == true, "\(refusal?.message ?? "")")
        if name != "synchronous_commit" {
          // The session's own synchronous_commit stands; the server's other two cannot be overruled.
          let running = try await Self.refusal {
            try await store.change { try $0.setRevocations("x", at: 1) }
          }
          #expect(running == .notDurable, "\(weak)")
        }
        try cluster.alter("\(name) = on")
        try await store.change { try $0.setRevocations("again", at: 2) }
      }
      try cluster.alter("synchronous_commit = remote_apply")
      let strong = try await PostgresLedgerStore(address)
      await strong.close()
    }
  }

  @Test func `what one gateway publishes, another on the same store takes over`() async throws {
    try await StoreKind.$current.withValue(.postgres) {
      try await TestSite.play { site in
        let store = try #require(site.store as? any SharedLedgerStore)
        let other = Gateway(
          store: store, trust: try GatewayTrust(site.vendor.trust, revocations: nil),
          key: try site.vendor.key(.gateway), clock: site.clock)
        let watch = PublicationWatch(
          store: store, gateway: other, time: ContinuousClock(),
          logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let installation = try await site.activated()
        let known = try #require(await watch.look(since: nil))
        #expect(await watch.look(since: known) == known)
        let report = ReportRequest(
          installation: installation.thumbprint, records: [],
          alive: try installation.alive(at: TestSite.noon), have: Holdings(revision: 1))
        #expect(try await other.reports.take(report).delivery.licenses.isEmpty)
        let renewal = try site.vendor.jws(
          try TestSite.payg("2", revision: 2, from: "2027-11-01", through: "2028-10-31"))
        _ = try await site.gateway.publications.publish(Publication(licenses: [renewal]))
        #expect(try await other.reports.take(report).delivery.licenses.isEmpty)
        #expect(try #require(await watch.look(since: known)) > known)
        #expect(try await other.reports.take(report).delivery.licenses == [renewal])
      }
    }
  }
}
