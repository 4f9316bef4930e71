import CivilTime
import GRDB
import Libcrypto
import Licensing
import Metering
import Platform
import Sealing
import Synchronization
import Testing
import Verifier

/// Keeps what an answer of many lines brings.
final class Lines: LineSink {
  private let kept = Mutex<(head: JSONValue, elements: [JSONValue])>((.null, []))

  var head: JSONValue { kept.withLock { $0.head } }
  var elements: [JSONValue] { kept.withLock { $0.elements } }

  func begin(_ head: JSONValue) { kept.withLock { $0.head = head } }
  func take(_ elements: [JSONValue]) { kept.withLock { $0.elements += elements } }
}

@Suite struct EvidenceDeskTests {
  /// A site that counted over a midnight: at the peak of 2026-11-21 `a` and `b` with 2, `c` with 1.
  private static func play(
    _ body: (TestSite, RunningSite, ControlDesk) async throws -> Void
  ) async throws {
    let site = try TestSite(at: TestSite.midnight - 60)
    let running = try await site.start(installing: try site.license())
    _ = try running.beat("a", "b", weight: 2)
    try await running.pass(10)
    _ = try running.beat("c")
    try await running.pass(80)
    _ = try running.beat("d")
    try await running.pass(10)
    try await body(site, running, running.daemon.desk)
  }

  private static let yesterday = CivilDate("2026-11-21")

  private static func explain(
    _ desk: ControlDesk, _ request: ExplainRequest
  ) async throws -> Lines {
    let lines = Lines()
    try await desk.explain(request).send(to: lines)
    return lines
  }

  @Test func `a closed date is explained by everyone who counted at its peak`() async throws {
    try await Self.play { _, _, desk in
      let lines = try await Self.explain(desk, ExplainRequest(date: Self.yesterday))
      let head = lines.head
      #expect(head["state"]?.string == "closed")
      #expect(head["peak"]?.integer == 5)
      #expect(head["counted"]?["collectors"]?.integer == 3)
      #expect(head["counted"]?["sum"]?.integer == 5)
      #expect(head["complete"] == .bool(true))
      #expect(head["rule"]?["identity"]?.string == "datakit:hostname")
      #expect(lines.elements.map { $0["text"]?.string } == ["a", "b", "c"])
      #expect(lines.elements.map { $0["weight"]?.integer } == [2, 2, 1])
      guard case .array(let gaps)? = head["gaps"] else { throw TestSite.Missing(what: "gaps") }
      #expect(gaps.first?["reason"]?.string == "before")
      let part = try await Self.explain(
        desk, ExplainRequest(date: Self.yesterday, skip: 1, limit: 1))
      #expect(part.elements.map { $0["text"]?.string } == ["b"])
      #expect(part.head["counted"]?["sum"]?.integer == 5)
      #expect(part.head["listed"]?.integer == 1)
    }
  }

  private static func expectToday(_ desk: ControlDesk, _ state: String) async throws {
    let lines = try await explain(desk, ExplainRequest())
    #expect(lines.head["date"]?.string == "2026-11-22")
    #expect(lines.head["state"]?.string == state)
    #expect(lines.head["peak"]?.integer == 6)
    #expect(lines.head["complete"] == .bool(true), "\(lines.head.text)")
    #expect(lines.elements.map { $0["text"]?.string } == ["a", "b", "c", "d"])
    #expect(lines.elements.allSatisfy { $0["to"] == nil })
  }

  /// A site whose daemon has ended.
  private static func stopped() async throws -> TestSite {
    let site = try TestSite(at: TestSite.midnight - 60)
    let running = try await site.start(installing: try site.license())
    _ = try running.beat("a", "b", weight: 2)
    try await running.pass(10)
    _ = try running.beat("c")
    try await running.pass(80)
    _ = try running.beat("d")
    try await running.pass(10)
    try await expectToday(running.daemon.desk, "open")
    try await running.daemon.finish()
    return site
  }

  @Test func `the open date is explained as of the last commit, by the daemon and without it`()
    async throws
  {
    let site = try await Self.stopped()
    let installation = try await site.open()
    let gateway = FakeGateway(
      vendor: site.vendor, clocks: site.clocks, key: installation.keys.installation.publicKey,
      line: site.line)
    let desk = try await ControlDesk.direct(
      installation, client: gateway, logger: TestSite.logger)
    try await Self.expectToday(desk, "last")
  }

  @Test func `who has gone since the peak of the open date is among those counted`() async throws {
    let site = try TestSite()
    let running = try await site.start(installing: try site.license(window: 60))
    _ = try running.beat("a", "b", weight: 3)
    try await running.pass(70)
    _ = try running.beat("c")
    try await running.pass(5)
    let lines = try await Self.explain(running.daemon.desk, ExplainRequest())
    #expect(lines.head["peak"]?.integer == 6)
    #expect(lines.head["complete"] == .bool(true), "\(lines.head.text)")
    #expect(lines.elements.map { $0["text"]?.string } == ["a", "b"])
    #expect(lines.elements.allSatisfy { $0["to"] != nil })
  }

  @Test func `a date without a record is refused`() async throws {
    try await Self.play { _, _, desk in
      let early = CivilDate("2026-11-20")
      await #expect(throws: VerifierError(.requestRefused, "")) {
        try await desk.explain(ExplainRequest(date: early))
      }
    }
  }

  @Test func `a proof of the desk opens one leaf, and no other name is in it`() async throws {
    try await Self.play { _, running, desk in
      let date = try #require(Self.yesterday)
      let json = try await desk.prove("a", kind: nil, on: date)
      #expect(!json.text.contains("\"b\"") && !json.text.contains("\"c\""))
      let proof = try EvidenceProof(json.serialized)
      let cryptography = LibcryptoProvider()
      let record = try proof.subject.open(using: cryptography).payload
      #expect(record.installation == running.ledger.installation)
      #expect(try proof.weightAtPeak(in: record, using: cryptography) == 2)
      for (name, kind) in [("nobody", nil), ("a", "collector"), ("d", "datakit")]
        as [(
          String, String?
        )]
      {
        await #expect(throws: VerifierError(.requestRefused, "")) {
          try await desk.prove(name, kind: kind, on: date)
        }
      }
      for (day, words) in [
        ("2026-11-22", "2026-11-22 is not closed yet"),
        ("2026-11-20", "there is no record of 2026-11-20"),
      ] {
        let date = try #require(CivilDate(day))
        let error = await #expect(throws: VerifierError(.requestRefused, "")) {
          try await desk.prove("a", kind: nil, on: date)
        }
        #expect(error?.message.hasPrefix(words) == true, "\(error?.message ?? "")")
      }
    }
  }

  @Test func `all leaves of a date recount it, and none has a name`() async throws {
    try await Self.play { _, _, desk in
      let lines = Lines()
      try await desk.evidence(of: try #require(Self.yesterday)).send(to: lines)
      let cryptography = LibcryptoProvider()
      let header = try EvidenceHeader(lines.head.serialized)
      let record = try header.subject.open(using: cryptography).payload
      var recount = try #require(Recount(of: record, using: cryptography))
      for element in lines.elements { try recount.take(EvidenceLeaf(element.serialized)) }
      try recount.end()
      #expect(recount.leaves == 3)
      let text = lines.elements.map(\.text).joined()
      for name in ["a", "b", "c", "datakit"] {
        #expect(!text.contains("\"\(name)\""))
        #expect(!text.contains(Base64.encode(Array(name.utf8), .url) + "\""))
      }
    }
  }

  @Test func `evidence that is lost or changed is said so, and not handed out`() async throws {
    try await Self.play { site, running, desk in
      let date = try #require(Self.yesterday)
      func change(_ sql: String) throws {
        let queue = try DatabaseQueue(path: site.folder.journal)
        try queue.write { try $0.execute(sql: sql) }
        try queue.close()
      }
      try change("UPDATE segment SET weight = 9 WHERE id = (SELECT min(id) FROM segment)")
      await #expect(throws: VerifierError(.evidenceDiffers, "")) {
        try await desk.evidence(of: date)
      }
      await #expect(throws: VerifierError(.evidenceDiffers, "")) {
        try await desk.prove("a", kind: nil, on: date)
      }
      var lines = try await Self.explain(desk, ExplainRequest(date: date))
      #expect(lines.head["complete"] == .bool(false))
      #expect(lines.head["evidence"]?.string == "incomplete")
      try change("DELETE FROM segment WHERE date = '2026-11-21'")
      lines = try await Self.explain(desk, ExplainRequest(date: date))
      #expect(lines.head["evidence"]?.string == "lost")
      #expect(lines.head["counted"]?["sum"]?.integer == 0)
      await #expect(throws: VerifierError(.evidenceNotKept, "")) {
        try await desk.evidence(of: date)
      }
    }
  }
}
