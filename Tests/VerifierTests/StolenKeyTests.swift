import CivilTime
import Libcrypto
import LibcryptoIssuing
import Licensing
import Logging
import Metering
import Reporting
import Sealing
import StartupCheck
import TestSupport
import Testing
import Verifier

/// The license key is stolen: the keyset that revokes it is known here before the license that was
/// issued anew under another key.
@Suite struct StolenKeyTests {
  /// A vendor whose license key was revoked, with another one in its place.
  struct Revoked {
    let vendor: TestVendor
    let key: VendorKey
    let keyset: String

    init(_ vendor: TestVendor) throws {
      self.vendor = vendor
      let new = try VendorKey.generate(.edDSA)
      key = new
      let old = try vendor.key(.license)
      let payload = Keyset(
        iss: vendor.iss, epoch: 2, iat: TestSite.noon - 60, roots: vendor.roots,
        keys: try KeyUse.allCases.map { use in
          OnlineKey(
            key: use == .license ? new.publicKey : try vendor.key(use).publicKey, use: use, from: 0,
            through: 253_402_300_799)
        },
        revoked: [
          RevokedKey(
            kid: old.publicKey.thumbprint(using: LibcryptoProvider()), at: TestSite.noon - 60,
            reason: "stolen")
        ]
      ).json.serialized
      keyset = KeysetDocument.text(
        payload: payload, signatures: [try vendor.root.signKeyset(payload)])
    }

    /// A release file that carries the keyset, as the next install package has one.
    func releaseFile(_ site: TestSite) throws -> GivenFile {
      let blocks = [
        ArmourBlock(kind: .keyset, document: keyset),
        ArmourBlock(
          kind: .release,
          document: try vendor.jws(
            Release(
              iss: vendor.iss, iat: TestSite.noon - 86_400, product: "platform", version: "1.0.0",
              released: try #require(CivilDate("2026-11-01"))))),
      ]
      return GivenFile(
        Array(Armour.write(blocks).utf8), as: .release, source: "platform.release")
    }

    /// What the gateway gives along once the license was issued anew.
    func delivery(_ license: License) throws -> Delivery {
      Delivery(licenses: [try key.seal(license)], keysets: [keyset])
    }
  }

  /// A site that counted, reported and stopped before its vendor revoked the key.
  private static func stopped(
    revision: Int64 = 1
  ) async throws -> (site: TestSite, gateway: FakeGateway, revoked: Revoked) {
    let site = try TestSite()
    let before = try await site.start(installing: try site.license(revision: revision))
    _ = try before.beat("a", "b")
    try await before.pass(10)
    #expect(try await before.report(force: true)?.outcome == "RECEIPTED")
    try await before.daemon.finish()
    return (site, before.gateway, try Revoked(site.vendor))
  }

  /// That site, started again with the release file that revokes the key.
  private static func restarted(
    revision: Int64 = 1
  ) async throws -> (site: TestSite, running: RunningSite, revoked: Revoked) {
    let (site, gateway, revoked) = try await stopped(revision: revision)
    return (site, try await again(site, revoked, gateway), revoked)
  }

  private static func again(
    _ site: TestSite, _ revoked: Revoked, _ gateway: FakeGateway
  ) async throws -> RunningSite {
    var surroundings = try site.surroundings()
    surroundings.release = try revoked.releaseFile(site)
    let daemon = try await VerifierDaemon(
      try await Installation(surroundings), client: gateway, logger: TestSite.logger)
    return RunningSite(site: site, daemon: daemon, gateway: gateway)
  }

  private static func codes(_ running: RunningSite) async throws -> [FindingCode] {
    guard
      case .verdict(let verdict) = await running.daemon.standing.refresh(
        try running.view, writes: false)
    else { throw TestSite.Missing(what: "a verdict") }
    return verdict.findings.map(\.code)
  }

  @Test func `it counts, reports and heals by itself, though the keyset came first`() async throws {
    let (site, running, revoked) = try await Self.restarted()
    let dead = try await Self.codes(running)
    #expect(dead.starts(with: [.keyRevoked, .noLicense]), "\(dead)")
    // Counting goes on under the license that was counted under last, and the gateway is told.
    _ = try running.beat("c")
    try await running.pass(20)
    #expect(try await running.records().last?.license == "lic_1")
    #expect(try await running.records().last?.peak?.count == 3)
    #expect(try await running.report()?.outcome == "RECEIPTED")
    #expect(running.gateway.stored.records == (try await running.records()))
    #expect(running.gateway.stored.enrolments == 1)
    // A sign of life goes on renewing the receipt, as before.
    for _ in 0..<15 {
      _ = try running.beat("a", "b", "c")
      try await running.pass(23)
    }
    let requests = running.gateway.stored.requests
    #expect(try await running.report()?.outcome == "RECEIPTED")
    #expect(running.gateway.stored.requests > requests)
    // Then the license is issued anew, and comes with the next report.
    running.gateway.deliver(try revoked.delivery(try site.license(revision: 2)))
    #expect(try await running.report(force: true)?.outcome == "RECEIPTED")
    let healed = try await Self.codes(running)
    #expect(!healed.contains(.keyRevoked) && !healed.contains(.noLicense), "\(healed)")
    #expect(try await running.daemon.desk.installation.working()?.isTrusted == true)
    _ = try running.beat("d")
    try await running.pass(5)
    #expect(try await running.records().last?.license == "lic_2")
  }

  @Test func `it heals as well where the keyset came with a report, and after a restart`()
    async throws
  {
    let site = try TestSite()
    let revoked = try Revoked(site.vendor)
    let gateway = try await Self.told(site, revoked)
    let second = try await Self.again(site, revoked, gateway)
    second.gateway.deliver(try revoked.delivery(try site.license(revision: 2)))
    #expect(try await second.report(force: true)?.outcome == "RECEIPTED")
    #expect(try await !Self.codes(second).contains(.noLicense))
    #expect(try second.view.collectors == 2)
  }

  /// Plays a site that learns with a report that the key is dead, and goes on.
  private static func told(_ site: TestSite, _ revoked: Revoked) async throws -> FakeGateway {
    let first = try await site.start(installing: try site.license())
    _ = try first.beat("a")
    try await first.pass(5)
    first.gateway.deliver(Delivery(keysets: [revoked.keyset]))
    #expect(try await first.report(force: true)?.outcome == "RECEIPTED")
    #expect(try await Self.codes(first).starts(with: [.keyRevoked, .noLicense]))
    _ = try first.beat("b")
    try await first.pass(5)
    #expect(try await first.report(force: true)?.outcome == "RECEIPTED")
    try await first.daemon.finish()
    return first.gateway
  }

  @Test func `what a thief numbered highest keeps no license out, nor does it let a stranger's in`()
    async throws
  {
    let (site, running, revoked) = try await Self.restarted(revision: 999)
    var stranger = try site.license(revision: 1000)
    stranger.customer = "Somebody Else"
    stranger.sub = try #require(CustomerID("cus_2"))
    running.gateway.deliver(try revoked.delivery(stranger))
    #expect(try await running.report(force: true)?.outcome == "RECEIPTED")
    #expect(try await running.daemon.desk.installation.working()?.isTrusted == false)
    running.gateway.deliver(try revoked.delivery(try site.license(revision: 2)))
    #expect(try await running.report(force: true)?.outcome == "RECEIPTED")
    let working = try #require(try await running.daemon.desk.installation.working())
    #expect(working.isTrusted && working.payload.revision == 2)
  }

  @Test func `the customer reads its own count, and is told why the license does not count`()
    async throws
  {
    let (_, running, _) = try await Self.restarted()
    let desk = running.daemon.desk
    #expect(try await desk.usage(on: nil)["peak"]?.integer == 2)
    let status = try await desk.status()
    #expect(status["license"]?["jti"]?.string == "lic_1")
    #expect(status["license"]?["verifies"] == .bool(false))
    #expect(status["reporting"]?["gateway"]?.string == "http://127.0.0.1:9")
    #expect(try await desk.activate().code == "ACTIVATED")
    #expect(try await desk.review()["whole"] == .bool(true))
    #expect(try await desk.reporter.bundle(BundleRequest()).bundle.activation == nil)
    // Beats are counted and kept, so it is ready; the verdict says the rest.
    #expect(try await RouteTests.ask(running, "/readyz").status == 200)
    let metrics = try await RouteTests.ask(running, "/metrics").body
    #expect(metrics.contains("\ntally_ready 1\n"))
    #expect(metrics.contains("\ntally_verdict_severity 2\n"))
    #expect(metrics.contains("\ntally_license_revision 0\n"))
  }

  @Test func `without serve, usage is read and a report is made in the same way`() async throws {
    let (site, gateway, revoked) = try await Self.stopped()
    var surroundings = try site.surroundings()
    surroundings.release = try revoked.releaseFile(site)
    let desk = try await ControlDesk.direct(
      try await Installation(surroundings), client: gateway, logger: TestSite.logger)
    #expect(try await desk.usage(on: nil)["peak"]?.integer == 2)
    #expect(try await desk.report().outcome == "RECEIPTED")
    gateway.deliver(try revoked.delivery(try site.license(revision: 2)))
    #expect(try await desk.report().outcome == "RECEIPTED")
    #expect(try await desk.status()["license"]?["revision"]?.integer == 2)
    #expect(try await desk.status()["license"]?["verifies"] == .bool(true))
  }
}
