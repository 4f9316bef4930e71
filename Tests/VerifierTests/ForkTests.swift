import Foundation
import Libcrypto
import Licensing
import Metering
import Platform
import Reporting
import Sealing
import StartupCheck
import TestSupport
import Testing
import Verifier

/// A verifier that is told `FORKED` gives its place to a new installation, while it counts.
@Suite struct ForkTests {
  /// A site at work that has counted and reported, at a gateway that then goes on with another history.
  struct Forked {
    let site: TestSite
    let gateway: ForkGateway
    let running: RunningSite
    let old: Thumbprint
    var daemon: VerifierDaemon { running.daemon }

    init(bootID: String = "boot-1") async throws {
      site = try TestSite()
      gateway = ForkGateway(site)
      let installation = try await site.open()
      let offer = try ShelfOffer(file: try site.file(try site.license()), source: "test.license")
      _ = try await installation.shelf.take(offer)
      running = try await Self.start(site, installation, gateway)
      old = installation.name
      _ = try running.beat("a", "b", "c")
      try await running.pass(6)
      #expect(try await running.daemon.report().run?.outcome == "RECEIPTED")
      gateway.plant(in: old)
      _ = try running.beat("d")
      try await running.pass(6)
    }

    static func start(
      _ site: TestSite, _ installation: Installation, _ gateway: ForkGateway
    ) async throws -> RunningSite {
      let daemon = try await VerifierDaemon(
        installation, client: gateway, logger: TestSite.logger)
      return RunningSite(
        site: site, daemon: daemon,
        gateway: FakeGateway(
          vendor: site.vendor, clocks: site.clocks,
          key: installation.keys.installation.publicKey, line: site.line))
    }

    func names(_ folder: String? = nil) throws -> [String] {
      try Files.names(in: folder ?? site.folder.path).sorted()
    }

    func aside() throws -> String {
      let names = try names().filter { $0.hasPrefix("replaced-") }
      #expect(names.count == 1, "\(names)")
      return "\(site.folder.path)/\(names.first ?? "")"
    }

    func verdict() async throws -> Verdict {
      guard case .verdict(let verdict) = await daemon.standing.judgement else {
        throw TestSite.Missing(what: "a verdict")
      }
      return verdict
    }
  }

  /// Another installation stands, whole and activated, in the place of the old one.
  static func expectSucceeded(_ forked: Forked) async throws {
    let new = forked.daemon.desk.installation
    #expect(new.name != forked.old)
    #expect(forked.gateway.chains[new.name]?.replaces == forked.old)
    #expect(forked.gateway.chains[forked.old]?.replacedBy == new.name)
    #expect(try await new.working()?.needsActivation == false)
    #expect(try await forked.verdict().findings(.ledgerDamaged).isEmpty)
    #expect(try await forked.verdict().findings(.wrongInstallation).isEmpty)
    let aside = try forked.aside()
    let kept = try forked.names(aside)
    #expect(kept.contains("installation.key") && kept.contains("ledger.sqlite"), "\(kept)")
    #expect(kept.contains("standing") && !kept.contains("journal.sqlite"), "\(kept)")
    #expect(try !forked.names().contains { $0.hasPrefix("replacement") })
  }

  @Test func `a fork is succeeded at once, and the count goes on`() async throws {
    let forked = try await Forked()
    let (token, before) = (try Files.read(forked.site.folder.token), try forked.running.view)
    let run = try await forked.daemon.report().run
    #expect(run?.outcome == "RECEIPTED", "\(String(describing: run))")
    try await Self.expectSucceeded(forked)
    #expect(try Files.read(forked.site.folder.token) == token)
    #expect(
      forked.daemon.desk.installation.keys.token
        == String(decoding: token.dropLast(), as: UTF8.self))
    let after = try forked.running.view
    #expect(after.collectors == 4 && after.summary == before.summary)
    #expect(try forked.running.beat("a", "e") == [.kept, .joined])
    try await forked.running.pass(6)
    #expect(try await forked.daemon.report().run?.outcome == "RECEIPTED")
    let records = try #require(
      forked.gateway.chains[forked.daemon.desk.installation.name]?.records)
    #expect(records.map(\.seq) == Array(1...Int64(records.count)))
    #expect(records.last?.peak?.count == 5 && records.last?.from == before.summary?.from)
    #expect(records.allSatisfy { $0.installation == forked.daemon.desk.installation.name })
  }

  @Test func `what was done is told in the latest runs, and the count by outcome`() async throws {
    let forked = try await Forked()
    _ = try await forked.daemon.report()
    let runs = try await forked.daemon.desk.installation.ledger.runs(limit: 10)
    #expect(runs.map(\.outcome) == ["RECEIPTED", "REPLACED", "RECEIPTED"])
    #expect(runs[1].detail.contains(forked.old.text))
    #expect(forked.daemon.desk.tally.byOutcome == ["RECEIPTED": 2, "REPLACED": 1])
    let status = try await forked.daemon.desk.status()
    #expect(status["activation"]?["replaces"]?["installation"]?.string == forked.old.text)
    #expect(status["activation"]?["replaces"]?["seq"]?.integer == 2)
  }

  /// A site whose installation was succeeded, and which has stopped.
  static func stopped() async throws -> (site: TestSite, gateway: ForkGateway, name: Thumbprint) {
    let forked = try await Forked()
    _ = try await forked.daemon.report()
    try await forked.daemon.finish()
    return (forked.site, forked.gateway, forked.daemon.desk.installation.name)
  }

  @Test func `a start finds the new installation, and who was online`() async throws {
    let (site, gateway, name) = try await Self.stopped()
    let installation = try await site.open()
    #expect(installation.name == name && installation.damage == nil)
    let again = try await Forked.start(site, installation, gateway)
    #expect(try again.view.collectors == 4)
    #expect(try again.view.summary?.peak?.count == 4)
  }

  @Test func `a refused place is a finding, and everything stays as it was`() async throws {
    let forked = try await Forked()
    let (names, key) = (
      try forked.names(), try Files.read(forked.site.folder.installationKey, secret: true)
    )
    for code in [Problem.Code.replaceNotAllowed, .noSeat] {
      forked.gateway.set(.refusing(code))
      forked.site.clocks.pass(3601)
      #expect(try await forked.daemon.report().run?.outcome == code.rawValue)
      #expect(try await forked.daemon.report().run == nil)
      #expect(forked.daemon.desk.installation.name == forked.old)
      #expect(try forked.names() == names)
      #expect(try Files.read(forked.site.folder.installationKey, secret: true) == key)
      let finding = try #require(try await forked.verdict().findings(.ledgerDamaged).first)
      #expect("\(finding.facts[.reason] ?? .null)".contains(code.rawValue))
    }
    #expect(try forked.running.beat("e") == [.joined])
    try await forked.running.pass(6)
    #expect(try forked.running.view.collectors == 1, "two hours have passed")
    // Staff have decided: by itself within the hour, or by hand at once.
    forked.gateway.set(.willing)
    #expect(try await forked.daemon.desk.report().outcome == "RECEIPTED")
    try await Self.expectSucceeded(forked)
  }

  @Test func `a place that was refused is asked for again by itself`() async throws {
    let forked = try await Forked()
    forked.gateway.set(.refusing(.replaceNotAllowed))
    #expect(try await forked.daemon.report().run?.outcome == "REPLACE_NOT_ALLOWED")
    forked.gateway.set(.willing)
    forked.site.clocks.pass(1700)
    #expect(try await forked.daemon.report().run == nil)
    forked.site.clocks.pass(1901)
    #expect(try await forked.daemon.report().run?.outcome == "RECEIPTED")
    try await Self.expectSucceeded(forked)
  }

  @Test func `an answer that is lost costs no second key`() async throws {
    let forked = try await Forked()
    forked.gateway.set(.answerLost)
    for _ in 0..<3 {
      #expect(try await forked.daemon.report().run?.outcome == "GATEWAY_UNREACHABLE")
      #expect(forked.daemon.desk.installation.name == forked.old)
      forked.site.clocks.pass(60)
    }
    forked.gateway.set(.willing)
    #expect(try await forked.daemon.report().run?.outcome == "RECEIPTED")
    try await Self.expectSucceeded(forked)
    #expect(Set(forked.gateway.asked).count == 1 && forked.gateway.asked.count == 4)
  }

  @Test func `what happens while the gateway is asked is not lost`() async throws {
    let forked = try await Forked()
    let (running, site) = (forked.running, forked.site)
    let renewal = try site.license(revision: 2)
    forked.gateway.meanwhile {
      _ = try running.beat("e", "f")
      try await running.pass(3)
      _ = try await running.daemon.desk.install(try site.file(renewal), source: "renewal")
      try await running.daemon.minute()
    }
    #expect(try await forked.daemon.report().run?.outcome == "RECEIPTED")
    try await Self.expectSucceeded(forked)
    #expect(try running.view.collectors == 6)
    let content = await forked.daemon.desk.installation.shelf.content
    #expect(content.licenses.map(\.payload.revision).sorted() == [1, 2])
  }

  @Test func `a restored copy goes on, is told FORKED and heals`() async throws {
    let forked = try await Forked()
    // A gateway that has more: the copy's word is answered with a receipt beyond the ledger's end.
    let status = try await forked.daemon.desk.status()
    #expect(status["reporting"]?["halt"] == nil)
    let site = try TestSite()
    let gateway = ForkGateway(site)
    let installation = try await site.open()
    _ = try await installation.shelf.take(
      try ShelfOffer(file: try site.file(try site.license()), source: "test.license"))
    let running = try await Forked.start(site, installation, gateway)
    _ = try running.beat("a")
    try await running.pass(6)
    _ = try await running.daemon.report()
    gateway.plant(in: installation.name)
    gateway.plant(in: installation.name)
    site.clocks.pass(301)
    #expect(try await running.daemon.report().run?.outcome == "RECEIPTED")
    #expect(await running.daemon.reporter.halt == .rewound)
    let rewound = try await running.daemon.desk.status()
    #expect(rewound["reporting"]?["halt"]?.string == "LEDGER_REWOUND")
    _ = try running.beat("b")
    try await running.pass(6)
    #expect(try await running.daemon.report().run?.outcome == "RECEIPTED")
    #expect(running.daemon.desk.installation.name != installation.name)
    #expect(await running.daemon.reporter.halt == nil)
  }

  @Test func `a day that closes at the change is closed once, in the old chain`() async throws {
    let forked = try await Forked()
    forked.site.clocks.set(wall: TestSite.midnight - 2)
    try await forked.running.pass(1)
    let date = try #require(try forked.running.view.summary?.date)
    forked.gateway.meanwhile { forked.site.clocks.pass(4) }
    #expect(try await forked.daemon.report().run?.outcome == "RECEIPTED")
    try await forked.running.pass(6)
    let view = try forked.running.view
    #expect(view.collectors == 4)
    let days = try await forked.daemon.desk.installation.ledger.days(limit: 10)
    #expect(!days.map(\.date).contains(date))
  }
}
