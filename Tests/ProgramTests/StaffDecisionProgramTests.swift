import Foundation
import Testing

extension ProgramTests {
  /// What the vendor's staff decide on the command line, while serve runs and while it does not.
  @Suite(.serialized) struct StaffDecisionTests {
    struct Answer: Decodable {
      struct Decision: Decodable {
        let kind: String
        let installation: String
        let by: String
        let why: String
        let through: Int?
      }
      let new: Bool
      let decision: Decision
      let sealed: String
    }

    struct Quoting: Decodable {
      struct Statement: Decodable { let decisions: [String]? }
      let statement: Statement
    }

    static func installation(
      _ site: Site, _ words: [String], _ more: [String] = []
    ) async throws -> Outcome {
      try await site.stage.run(
        "tally-gateway", ["installation"] + words + ["--state", "gateway"] + more)
    }

    static let who = ["--by", "alice", "--why", "the disk is lost"]

    /// What opens the folder while serve does not run.
    static func keys(_ site: Site) -> [String] {
      [
        "--key", site.office.pem("gateway"), "--passphrase-file", site.office.passphraseFile,
        "--keyset", "keyset.tally",
      ] + site.office.trust
    }

    @Test func `a place that cannot be taken by itself is taken once staff permit it`()
      async throws
    {
      try await Stage.play { stage in
        let (site, verifier, gateway) = try await ReplaceTests.counting(stage, peak: 5)
        let first = try await ReplaceTests.review(site).review.installation
        #expect(try await verifier.stop() == 0)
        try ReplaceTests.loseLedger(stage)
        let replaced = try await site.verifier(["activate", "--replace", first])
        #expect(replaced.status == 0, "\(replaced.said)")
        let second = try await ReplaceTests.review(site).review.installation
        try await ReplaceTests.expectSecondRefused(site, second)

        // serve runs: it decides with its own key, and needs none here.
        let permitted = try await Self.installation(
          site, ["replace", second] + Self.who, ["--format", "json"])
        #expect(permitted.status == 0, "\(permitted.said)")
        let answer = try permitted.json(Answer.self)
        #expect(answer.new && answer.decision.kind == "replace" && answer.decision.by == "alice")
        let tokens = try await stage.done(
          "tally-gateway", ["token", "list", "--state", "gateway"])
        #expect(tokens.contains("revoked") && !tokens.contains("valid"), "\(tokens)")
        let taken = try await site.verifier(["activate", "--replace", second])
        #expect(taken.status == 0, "\(taken.said)")
        #expect(try await ReplaceTests.listed(site).count == 3)

        let license = try #require(try await ReplaceTests.listed(site).first?.license)
        let made = try await Self.expectFinal(site, license)

        // serve does not run: the folder is opened with the key.
        #expect(try await gateway.stop() == 0)
        let third = try await ReplaceTests.review(site).review.installation
        let keyless = try await Self.installation(site, ["release", third] + Self.who)
        #expect(keyless.status == 64 && keyless.errors.contains("key"), "\(keyless.said)")
        let gone = try await Self.installation(
          site, ["release", second] + Self.who, Self.keys(site))
        #expect(gone.status == 1 && gone.errors.contains(third), "\(gone.said)")
        let freed = try await Self.installation(
          site, ["release", third] + Self.who, Self.keys(site) + ["--lang", "zh"])
        #expect(freed.status == 0 && freed.output.contains("席位已释放"), "\(freed.said)")
        try await Self.expectShown(site, third)
        let again = try await site.stage.run(
          "tally-gateway", Self.final(license, "2020-01") + Self.keys(site))
        #expect(again.status == 0 && again.output == made.output, "\(again.said)")
      }
    }

    static func final(_ license: String, _ month: String) -> [String] {
      [
        "statement", "final", "--license", license, "--month", month, "--state", "gateway",
        "--format", "json",
      ]
    }

    /// The present month is open; a month of the past without anything is final at once.
    static func expectFinal(_ site: Site, _ license: String) async throws -> Outcome {
      let open = try await site.stage.run(
        "tally-gateway", final(license, String(Day.today().prefix(7))))
      #expect(open.status == 1 && open.errors.contains("installation close"), "\(open.said)")
      let made = try await site.stage.run("tally-gateway", final(license, "2020-01"))
      #expect(made.status == 0 && made.output.contains("final"), "\(made.said)")
      let shown = try await site.stage.run(
        "tally-gateway",
        [
          "statement", "show", "--license", license, "--month", "2020-01", "--state", "gateway",
          "--out", "final.statement",
        ])
      #expect(shown.status == 0, "\(shown.said)")
      #expect(try site.stage.text("final.statement").contains("BEGIN TALLY STATEMENT"))
      return made
    }

    static func expectShown(_ site: Site, _ freed: String) async throws {
      let list = try await installation(site, ["list"])
      #expect(list.status == 0 && list.output.contains("released"), "\(list.said)")
      let show = try await installation(site, ["show", freed])
      #expect(show.status == 0 && show.output.contains("seat freed"), "\(show.said)")
      #expect(show.output.contains("alice") && show.output.contains("the disk is lost"))
      let stranger = String(freed.reversed().map { $0 == "A" ? "B" : $0 }.prefix(42)) + "A"
      let unknown = try await installation(site, ["show", stranger])
      #expect(unknown.status == 1, "\(unknown.said)")
      let license = try #require(
        try await ReplaceTests.listed(site).first { $0.installation == freed }?.license)
      let statement = try await site.stage.run(
        "tally-gateway",
        [
          "statement", "show", "--license", license, "--month", String(Day.today().prefix(7)),
          "--state", "gateway", "--format", "json",
        ])
      #expect(try statement.json(Quoting.self).statement.decisions?.count == 2)
      let text = try await site.stage.run(
        "tally-gateway",
        [
          "statement", "show", "--license", license, "--month", String(Day.today().prefix(7)),
          "--state", "gateway",
        ])
      #expect(text.output.contains("alice") && text.output.contains("seat freed"), "\(text.said)")
      try await expectExplained(site)
    }

    /// The line of the first installation's date leads to its record and receipt.
    static func expectExplained(_ site: Site) async throws {
      let first = try #require(
        try await ReplaceTests.listed(site).first { $0.replaces == nil }?.installation)
      let words = ["statement", "explain", first, "--date", Day.today(), "--state", "gateway"]
      let text = try await site.stage.run("tally-gateway", words)
      #expect(text.status == 0 && text.output.contains("receipt through record"), "\(text.said)")
      let chinese = try await site.stage.run("tally-gateway", words + ["--lang", "zh"])
      #expect(chinese.status == 0 && chinese.output.contains("回执至记录"), "\(chinese.said)")
      let json = try await site.stage.run("tally-gateway", words + ["--format", "json"])
      #expect(json.status == 0 && json.output.contains("\"sealed\""), "\(json.said)")
      let none = try await site.stage.run(
        "tally-gateway", words.map { $0 == Day.today() ? "2020-01-01" : $0 })
      #expect(none.status == 1, "\(none.said)")
    }
  }
}
