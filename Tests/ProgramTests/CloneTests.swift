import Foundation
import Testing

extension ProgramTests {
  /// What a copied, restored or rebuilt state folder leads to, with the whole programs: the honest site
  /// heals by itself, and a clone is an installation of its own.
  @Suite(.serialized) struct CloneTests {
    /// What the gateway shows of one installation.
    struct Shown: Decodable {
      struct Finding: Decodable { let code: String }
      let findings: [Finding]
      let seq: Int
    }

    struct Status: Decodable {
      struct Activation: Decodable {
        struct Replaced: Decodable {
          let installation: String
          let seq: Int
        }
        let replaces: Replaced?
      }
      struct Reporting: Decodable { let halt: String? }
      let installation: String
      let activation: Activation?
      let reporting: Reporting
    }

    /// A verifier of a site whose state lies in another folder.
    struct Copy {
      let site: Site
      let state: String

      func start() async throws -> Daemon {
        try await site.stage.start(
          "tally-verifier",
          [
            "serve", "--state", state, "--listen", "127.0.0.1:0", "--gather-seconds", "0",
            "--report-seconds", "1", "--release", site.office.release, "--running",
            VendorOffice.version,
          ] + site.office.trust)
      }

      func verifier(_ arguments: [String]) async throws -> Outcome {
        try await site.stage.run(
          "tally-verifier", arguments + ["--state", state] + site.office.trust)
      }

      func status() async throws -> Status {
        try await verifier(["status", "--format", "json"]).json(Status.self)
      }

      func peak() async throws -> Int? {
        try await verifier(["usage", "show", "--format", "json"]).json(Site.Usage.self).peak
      }
    }

    static func copy(_ folder: String, to other: String, _ stage: Stage) throws {
      try? FileManager.default.removeItem(atPath: stage.path(other))
      try FileManager.default.copyItem(atPath: stage.path(folder), toPath: stage.path(other))
    }

    static func listed(_ site: Site, _ installation: String) async throws -> ReplaceTests.Listed? {
      try await ReplaceTests.listed(site).first { $0.installation == installation }
    }

    static func shown(
      _ installation: String, _ gateway: Daemon, _ site: Site
    ) async throws -> Shown {
      let token = try await site.stage.done(
        "tally-gateway", ["token", "new", "--scope", "read", "--state", "gateway"])
      let answer = try await HTTP.get(
        "\(gateway.address)/v1/installations/\(installation)",
        token: token.split(whereSeparator: \.isWhitespace).last.map(String.init))
      guard answer.status == 200 else { throw TestFault("\(answer)") }
      return try JSONDecoder().decode(Shown.self, from: Data(answer.body.utf8))
    }

    /// Waits until a verifier is another installation than before, by itself.
    static func successor(of old: String, _ copy: Copy) async throws -> String {
      try await eventually("another installation stands in \(copy.state)") {
        try await copy.status().installation != old
      }
      let status = try await copy.status()
      #expect(status.activation?.replaces?.installation == old)
      #expect(status.reporting.halt == nil)
      return status.installation
    }

    /// Waits until the gateway has a peak of an installation.
    static func expectPeak(_ peak: Int, of installation: String, _ site: Site) async throws {
      try await eventually("the peak \(peak) of \(installation)") {
        try await listed(site, installation)?.peak == peak
      }
    }

    @Test func `two copies that go on are two installations, each billed by its own chain`()
      async throws
    {
      try await Stage.play { stage in
        let (site, first, gateway) = try await ReplaceTests.counting(stage, peak: 5)
        let old = try await ReplaceTests.review(site).review.installation
        #expect(try await first.stop() == 0)
        try Self.copy("state", to: "state-b", stage)
        let (a, b) = (Copy(site: site, state: "state"), Copy(site: site, state: "state-b"))
        let one = try await a.start()
        try await HTTP.usageTrace("web-2", cores: 4, to: one.address)
        // The chain belongs to whoever reports first.
        try await Self.expectPeak(9, of: old, site)
        let other = try await b.start()
        try await HTTP.usageTrace("web-3", cores: 3, to: other.address)
        let new = try await Self.successor(of: old, b)
        try await Self.expectPeak(8, of: new, site)
        #expect(try await Self.listed(site, old)?.replaced_by == new)
        // The first goes on: it is told nothing, and both are seen.
        try await HTTP.usageTrace("web-4", cores: 1, to: one.address)
        try await Self.expectPeak(10, of: old, site)
        #expect(try await a.status().installation == old)
        let codes = try await Self.shown(old, gateway, site).findings.map(\.code)
        #expect(codes.contains("FORKED") && codes.contains("REPLACED_REPORTS"), "\(codes)")
        #expect(try await Self.shown(new, gateway, site).seq >= 1)
        #expect(try await one.stop() == 0)
        #expect(try await other.stop() == 0)
        let review = try await b.verifier(["usage", "verify"])
        #expect(review.status == 0, "\(review.said)")
      }
    }

    @Test func `a copy made before the first report is found as well`() async throws {
      try await Stage.play { stage in
        let site = try await Site.open(on: stage)
        let between = try await site.startBadGateway()
        let gateway = try await site.startGateway()
        try site.behave("reset")
        try await site.install(gateway: between.port)
        let first = try await site.startVerifier()
        try await HTTP.usageTrace("web-1", cores: 2, to: first.address)
        try await eventually("the first record") { try await site.status().ledger.seq >= 1 }
        #expect(try await first.stop() == 0)
        #expect(try await site.installations().isEmpty)
        try Self.copy("state", to: "state-b", stage)
        try site.behave("pass")
        let (a, b) = (Copy(site: site, state: "state"), Copy(site: site, state: "state-b"))
        let old = try await a.status().installation
        #expect(try await b.status().installation == old)
        let one = try await a.start()
        try await HTTP.usageTrace("web-2", cores: 4, to: one.address)
        try await Self.expectPeak(6, of: old, site)
        let other = try await b.start()
        try await HTTP.usageTrace("web-3", cores: 1, to: other.address)
        let new = try await Self.successor(of: old, b)
        try await Self.expectPeak(3, of: new, site)
        let there = try await Self.shown(old, gateway, site)
        #expect(there.findings.contains { $0.code == "FORKED" })
        #expect(try await one.stop() == 0)
        #expect(try await other.stop() == 0)
      }
    }

    @Test func `a chain rebuilt with the installation's key is found at the next contact`()
      async throws
    {
      try await Stage.play { stage in
        let site = try await Site.open(on: stage)
        let between = try await site.startBadGateway()
        let gateway = try await site.startGateway()
        try await site.install(gateway: between.port)
        let first = try await site.startVerifier()
        try await ReplaceTests.report("web-1", peak: 5, site, first)
        let old = try await ReplaceTests.review(site).review.installation
        #expect(try await first.stop() == 0)
        try Self.copy("state", to: "state-k", stage)
        let second = try await site.startVerifier()
        try await HTTP.usageTrace("web-2", cores: 4, to: second.address)
        try await Self.expectPeak(9, of: old, site)
        #expect(try await second.stop() == 0)
        let honest = try #require(try await Self.listed(site, old))
        // From the copy another chain is made with the same key, where nobody hears of it.
        try site.behave("reset")
        let forger = Copy(site: site, state: "state-k")
        let forging = try await forger.start()
        try await HTTP.usageTrace("web-9", cores: 1, to: forging.address)
        try await eventually("the other chain") { try await forger.peak() == 6 }
        #expect(try await forging.stop() == 0)
        let whole = try await forger.verifier(["usage", "verify"])
        #expect(whole.status == 0, "it is whole in itself: \(whole.said)")
        try site.behave("pass")
        let meeting = try await forger.start()
        let new = try await Self.successor(of: old, forger)
        let kept = try #require(try await Self.listed(site, old))
        #expect(kept.seq == honest.seq && kept.peak == honest.peak)
        #expect(kept.replaced_by == new)
        let findings = try await Self.shown(old, gateway, site).findings
        #expect(findings.contains { $0.code == "FORKED" })
        #expect(try await meeting.stop() == 0)
      }
    }

    @Test func `what has no receipt is protected by nothing but its own disk, as the manual says`()
      async throws
    {
      try await Stage.play { stage in
        let site = try await Site.open(on: stage)
        let between = try await site.startBadGateway()
        let gateway = try await site.startGateway()
        try await site.install(gateway: between.port)
        let first = try await site.startVerifier()
        try await ReplaceTests.report("web-1", peak: 5, site, first)
        let old = try await ReplaceTests.review(site).review.installation
        #expect(try await first.stop() == 0)
        try Self.copy("state", to: "state-k", stage)
        try site.behave("reset")
        let second = try await site.startVerifier()
        try await HTTP.usageTrace("web-2", cores: 4, to: second.address)
        try await eventually("the tail") { try await site.usage().peak == 9 }
        #expect(try await second.stop() == 0)
        try site.behave("pass")
        let rebuilt = Copy(site: site, state: "state-k")
        let third = try await rebuilt.start()
        try await HTTP.usageTrace("web-3", cores: 1, to: third.address)
        try await Self.expectPeak(6, of: old, site)
        #expect(try await rebuilt.status().installation == old)
        #expect(try await Self.shown(old, gateway, site).findings.map(\.code) == [])
        let page = try String(
          contentsOf: Programs.package.appending(path: "Docs/ThreatModel.md"), encoding: .utf8)
        #expect(page.contains("no receipt"))
        #expect(try await third.stop() == 0)
      }
    }

    @Test func `of fifty verifiers started at once on one folder one works`() async throws {
      try await Stage.play { stage in
        let office = try await VendorOffice.shared()
        let arguments = DaemonStartTests.serve(office, state: "state")
        let daemons = try (0..<50).map { _ in
          try stage.launch("tally-verifier", arguments)
        }
        try await eventually("49 have given up") {
          daemons.count { $0.status != nil } == 49
        }
        let working = daemons.filter { $0.status == nil }
        #expect(working.count == 1)
        for daemon in daemons where daemon.status != nil {
          #expect(daemon.status == 2, "\(daemon.errors)")
          #expect(daemon.errors.contains("another process works on state"), "\(daemon.errors)")
          #expect(daemon.output.isEmpty)
        }
        let winner = try #require(working.first)
        try await winner.waitUntilListening()
        #expect(try await HTTP.get("\(winner.address)/healthz").status == 200)
        #expect(try await winner.stop() == 0)
        let review = try await stage.run(
          "tally-verifier", ["usage", "verify", "--state", "state"] + office.trust)
        #expect(review.status == 0, "\(review.said)")
      }
    }
  }
}
