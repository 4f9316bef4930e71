import Libcrypto
import Licensing
import Sealing
import StartupCheck
import TestSupport
import Testing
import Verifier

@Suite struct StandingTests {
  static func document(_ site: TestSite) throws -> StandingDocument {
    guard case .document(let document) = try StandingFile(site.folder.standing).read() else {
      throw TestSite.Missing(what: "the standing")
    }
    return document
  }

  @Test func `the standing follows install, activation, receipt, day and minute`() async throws {
    let site = try TestSite(at: TestSite.midnight - 60)
    let running = try await site.start()
    #expect(try Self.document(site).licenses.isEmpty)
    _ = try await running.daemon.desk.install(
      try site.file(try site.license()), source: "a.license")
    #expect(try Self.document(site).licenses.count == 1)
    #expect(try Self.document(site).keysets == [site.vendor.keyset])
    #expect(try Self.document(site).activation == nil)
    _ = try await running.report()
    #expect(try Self.document(site).activation != nil)
    #expect(try Self.document(site).receipts.count == 1)
    let first = try #require(try Self.document(site).floor)
    _ = try running.beat("a")
    try await running.pass(70)
    let record = try #require(try await running.ledger.days(limit: 1).first)
    #expect(try Self.document(site).record == record.jws)
    try await running.daemon.minute()
    #expect(try #require(try Self.document(site).floor) >= first + 70)
    #expect(try await running.ledger.floor() == (try Self.document(site).floor))
  }

  @Test func `what check reads from it is what serve judges`() async throws {
    let site = try TestSite()
    let running = try await site.start(installing: try site.license())
    _ = try await running.report()
    let judgement = await running.daemon.standing.refresh(try running.view)
    guard case .verdict(let verdict) = judgement else {
      Issue.record("no verdict")
      return
    }
    #expect(verdict.outcome == .allow)
    let dossier = Dossier(
      roots: site.vendor.roots, given: [try site.releaseFile()],
      standing: try StandingFile(site.folder.standing).read(), using: LibcryptoProvider())
    let read = dossier.judge(running: RunningRelease("1.0.0"), clock: site.clocks)
    #expect(read == judgement)
  }

  @Test func `a clock that was set back is judged by the floor`() async throws {
    let site = try TestSite()
    let running = try await site.start(installing: try site.license())
    site.clocks.set(wall: TestSite.noon - 400 * 86_400)
    try await running.daemon.minute()
    guard case .verdict(let verdict) = await running.daemon.standing.judgement else {
      Issue.record("no verdict")
      return
    }
    #expect(verdict.findings(.clockUntrusted).count == 1)
    #expect(verdict.findings(.notYetValid).isEmpty)
  }

  @Test func `nothing is written where nothing changed`() async throws {
    let site = try TestSite()
    let running = try await site.start(installing: try site.license())
    let before = try Self.document(site).written
    site.clocks.pass(0)
    await running.daemon.standing.refresh(try running.view)
    #expect(try Self.document(site).written == before)
  }
}
