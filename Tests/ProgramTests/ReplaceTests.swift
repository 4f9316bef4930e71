import Foundation
import Testing

extension ProgramTests {
  /// What a customer does whose ledger is damaged or lost, with the whole programs.
  @Suite(.serialized) struct ReplaceTests {
    /// What `usage verify` says.
    struct Review: Decodable {
      struct Finding: Decodable {
        let place: String
        let seq: Int?
        let what: String
        let cure: String
      }
      let installation: String
      let whole: Bool
      let records: Int
      let receipts: Int
      let open_date: String?
      let finding: Finding?
    }

    /// What the gateway lists.
    struct Listed: Decodable {
      let installation: String
      let license: String
      let replaces: String?
      let replaced_by: String?
      let peak: Int?
      let seq: Int
    }

    struct Billed: Decodable {
      struct Statement: Decodable { let lines: [Line] }
      struct Line: Decodable {
        let installation: String
        let date: String
        let quantity: Int
        let yields_to: String?
      }
      let statement: Statement
    }

    static func review(_ site: Site) async throws -> (outcome: Outcome, review: Review) {
      let outcome = try await site.verifier(["usage", "verify", "--format", "json"])
      return (outcome, try outcome.json(Review.self))
    }

    static func listed(_ site: Site) async throws -> [Listed] {
      try await site.stage.run(
        "tally-gateway", ["installation", "list", "--state", "gateway", "--format", "json"]
      ).json([Listed].self)
    }

    /// A site that has counted and reported a peak; its verifier runs.
    static func counting(
      _ stage: Stage, peak: Int
    ) async throws -> (site: Site, verifier: Daemon, gateway: Daemon) {
      let site = try await Site.open(on: stage)
      let gateway = try await site.startGateway()
      try await site.install(gateway: gateway.port)
      let verifier = try await site.startVerifier()
      try await report("web-1", peak: peak, site, verifier)
      return (site, verifier, gateway)
    }

    /// Counts, and waits until the gateway has it.
    static func report(
      _ host: String, peak: Int, _ site: Site, _ verifier: Daemon
    ) async throws {
      try await eventually("the activation") {
        try await site.verifier(["activate"]).status == 0
      }
      try await HTTP.usageTrace(host, cores: peak, to: verifier.address)
      try await eventually("the peak \(peak) at the gateway") {
        _ = try await site.verifier(["report"])
        let name = try await review(site).review.installation
        return try await listed(site).first { $0.installation == name }?.peak == peak
      }
    }

    static func execute(_ sql: String, on stage: Stage) async throws {
      try await stage.done(
        "python3",
        [
          "-c",
          "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit()",
          "state/ledger.sqlite", sql,
        ])
    }

    @Test func `usage verify finds a ledger whole, and names the record that was changed`()
      async throws
    {
      try await Stage.play { stage in
        let (site, verifier, _) = try await Self.counting(stage, peak: 5)
        let served = try await Self.review(site)
        #expect(served.outcome.status == 0 && served.review.whole, "\(served.outcome.said)")
        #expect(served.review.records >= 1 && served.review.receipts >= 1)
        #expect(try await verifier.stop() == 0)
        let direct = try await Self.review(site)
        #expect(direct.outcome.status == 0 && direct.review.whole, "\(direct.outcome.said)")
        #expect(direct.review.open_date != nil)
        let text = try await site.verifier(["usage", "verify"])
        #expect(text.status == 0 && text.output.contains("is whole"), "\(text.said)")
        try await Self.execute(
          "UPDATE record SET jws = substr(jws, 1, 300) || CASE substr(jws, 301, 1) WHEN 'A' THEN "
            + "'B' ELSE 'A' END || substr(jws, 302) WHERE seq = 1", on: stage)
        let damaged = try await Self.review(site)
        #expect(damaged.outcome.status == 1 && !damaged.review.whole, "\(damaged.outcome.said)")
        let finding = try #require(damaged.review.finding)
        #expect(finding.place == "record" && finding.seq == 1)
        #expect(finding.cure.contains("--replace \(damaged.review.installation)"))
        let said = try await site.verifier(["usage", "verify"])
        #expect(said.status == 1 && said.errors.contains("record 1: "), "\(said.said)")
      }
    }

    @Test func `a lost ledger is replaced once, and the date of the change is billed once`()
      async throws
    {
      try await Stage.play { stage in
        let (site, verifier, _) = try await Self.counting(stage, peak: 5)
        let old = try await Self.review(site).review.installation
        let busy = try await site.verifier(["activate", "--replace", old])
        #expect(
          busy.status == 2 && busy.errors.contains("stop tally-verifier serve"), "\(busy.said)")
        #expect(try await verifier.stop() == 0)
        try Self.loseLedger(stage)
        try await LostFileTests.expectRefusal(naming: "activate --replace \(old)", site, stage)
        let verify = try await site.verifier(["usage", "verify"])
        #expect(verify.status == 1 && verify.errors.contains("ledger.sqlite"), "\(verify.said)")
        let replaced = try await site.verifier(["activate", "--replace", old])
        #expect(replaced.status == 0, "\(replaced.said)")
        #expect(replaced.errors.contains("takes the place of \(old)"), "\(replaced.said)")
        #expect(replaced.errors.contains("nothing was deleted"), "\(replaced.said)")
        try Self.expectAside(stage)
        let second = try await site.startVerifier()
        try await Self.report("web-2", peak: 3, site, second)
        let new = try await Self.review(site)
        #expect(new.review.whole && new.review.installation != old, "\(new.outcome.said)")
        try await Self.expectBilledOnce(site, old: old, new: new.review.installation)
        #expect(try await second.stop() == 0)
        try await Self.expectSecondRefused(site, new.review.installation)
      }
    }

    static func loseLedger(_ stage: Stage) throws {
      for file in try FileManager.default.contentsOfDirectory(atPath: stage.path("state"))
      where file.hasPrefix("ledger.sqlite") {
        try FileManager.default.removeItem(atPath: stage.path("state/\(file)"))
      }
    }

    static func expectAside(_ stage: Stage) throws {
      let files = try FileManager.default.contentsOfDirectory(atPath: stage.path("state"))
      let asides = files.filter { $0.hasPrefix("replaced-") }
      #expect(asides.count == 1, "\(files)")
      #expect(!files.contains { $0.hasPrefix("replacement") }, "\(files)")
      let kept = try FileManager.default.contentsOfDirectory(
        atPath: stage.path("state/\(asides.first ?? "")"))
      for name in ["installation.key", "evidence.key", "token", "journal.sqlite", "standing"] {
        #expect(kept.contains(name), "\(kept)")
      }
    }

    static func expectBilledOnce(_ site: Site, old: String, new: String) async throws {
      let listed = try await listed(site)
      #expect(listed.count == 2)
      let before = try #require(listed.first { $0.installation == old })
      #expect(before.replaced_by == new)
      #expect(listed.first { $0.installation == new }?.replaces == old)
      let shown = try await site.stage.run(
        "tally-gateway",
        [
          "statement", "show", "--license", before.license, "--month",
          String(Day.today().prefix(7)), "--state", "gateway", "--format", "json",
        ])
      let lines = try shown.json(Billed.self).statement.lines
      let yielding = lines.filter { $0.yields_to != nil }
      #expect(yielding.map(\.installation) == [new], "\(shown.said)")
      #expect(yielding.first?.yields_to == old)
      let date = lines.filter { $0.date == yielding.first?.date }
      #expect(date.map(\.quantity).reduce(0, +) == 5, "\(shown.said)")
    }

    /// Within 30 days the second is not automatic, and nothing is changed by asking.
    static func expectSecondRefused(_ site: Site, _ installation: String) async throws {
      try loseLedger(site.stage)
      func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: site.stage.path("state")).sorted()
      }
      let before = (try files(), try site.stage.data("state/installation.key"))
      let refused = try await site.verifier(["activate", "--replace", installation])
      #expect(refused.status == 1, "\(refused.said)")
      #expect(refused.errors.contains("REPLACE_NOT_ALLOWED"), "\(refused.said)")
      #expect(try files() == before.0)
      #expect(try site.stage.data("state/installation.key") == before.1)
    }
  }
}
