import Foundation
import Testing

extension ProgramTests {
  /// Every command of every program, as someone who reads Chinese sees it: no line is English alone.
  ///
  /// A command that is not run here fails the test by its name: whoever adds one adds a line to the
  /// play, and sees what it says in Chinese.
  @Suite(.serialized) struct ChineseOutputTests {
    /// One command line, the status that it ends with, and what it quotes as it is.
    private struct Act {
      let words: [String]
      let status: Int32
      let given: [String]

      init(_ words: [String], _ status: Int32 = 0, given: [String] = []) {
        self.words = words
        self.status = status
        self.given = given
      }
    }

    /// Commands that run until they are stopped, and say nothing for people but their log.
    private static let daemons: Set<String> = ["tally-verifier serve", "tally-gateway serve"]

    private static func hasChinese(_ text: String) -> Bool {
      text.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) }
    }

    /// Runs a command and holds what it says.
    @discardableResult
    private static func run(
      _ program: String, _ act: Act, on stage: Stage, _ more: [String] = []
    ) async throws -> Outcome {
      let outcome = try await stage.run(
        program, act.words + more, environment: ["LANG": "zh_CN.UTF-8"])
      let name = "\(program) \(act.words.joined(separator: " "))"
      #expect(outcome.status == act.status, "\(name): \(outcome.said)")
      for text in [outcome.output, outcome.errors] {
        #expect(EnglishLines.of(text, given: act.given) == [], "\(name)")
      }
      // What was cut off with a slip of typing is the parser's, and stays English.
      #expect(outcome.status != 64, "\(name): \(outcome.said)")
      return outcome
    }

    /// Holds that every command of a program was run.
    private static func hold(_ program: String, _ acts: [[String]]) async throws {
      let dump = try await HelpDump.of(program)
      let leaves = dump.commands.filter { $0.command.subcommands?.isEmpty ?? true }.map(\.path)
        .filter { $0.count > 1 }
      #expect(leaves.count > 3)
      for path in leaves where !daemons.contains(path.joined(separator: " ")) {
        let isRun = acts.contains { $0.starts(with: path.dropFirst()) }
        #expect(isRun, "no play runs \(path.joined(separator: " ")): add it")
      }
    }

    /// What `audit log` shows as it was stored: commands by their names.
    private static let actions = [
      "key new", "key retire", "key revoke", "key restore", "keyset publish", "customer add",
      "license issue", "license renew", "license amend", "license reissue", "license revoke",
      "revocations issue", "release sign", "release reissue", "intent drop",
    ]

    private static func playOfTally(_ desk: LicenseTests.Desk) async throws -> [Act] {
      let signing = desk.signing
      let registry = ["--registry", "registry"]
      let (id, line) = try await desk.issue(
        "subscription", ["--years", "1", "--collectors", "500", "--grace-days", "7"])
      _ = try await desk.issue(
        "payg",
        [
          "--years", "1", "--price", "CNY 1.20", "--lease-hours", "72", "--gateway",
          "https://g.example", "--yes",
        ])
      let issue = [
        "license", "issue", "--customer", desk.customer, "--product", "p", "--zone",
        "Asia/Shanghai", "--edition",
      ]
      let release = ["release", "sign", "--product", "p", "--released", Day.today(), "--version"]
      let trusted = ["--trust-root", "root.jwks"]
      return [
        Act(["key", "new", "--use", "license"] + signing),
        Act(["key", "new", "--use", "root", "--out", "root.pem", "--passphrase-file", "passphrase"]
        ),
        Act(
          [
            "key", "export", "--key", "root.pem", "--passphrase-file", "passphrase", "--out",
            "root.jwk",
          ]),
        Act(["key", "root", "--out", "root.jwks"] + registry), Act(["key", "list"] + registry),
        Act(["key", "retire", desk.key] + registry, 2),
        Act(["key", "retire", desk.key, "--force", "--dry-run"] + registry),
        Act(["key", "retire", desk.key, "--force"] + registry),
        Act(["key", "restore", desk.key] + registry), Act(["keyset", "publish"] + signing),
        Act(["key", "revoke", desk.key, "--reason", "被盗", "--dry-run"] + registry),
        Act(["keyset", "draft", "--out", "next.draft"] + registry),
        Act(["keyset", "show", "--draft", "next.draft"] + trusted),
        Act(
          [
            "keyset", "sign", "--draft", "next.draft", "--key", "root.pem", "--passphrase-file",
            "passphrase", "--out", "signed.draft",
          ] + trusted, 1),
        Act(["keyset", "publish"] + signing), Act(["keyset", "export", "--out", "k"] + registry),
        Act(["customer", "add", "示例公司"] + registry), Act(["customer", "list"] + registry),
        Act(["customer", "add", "B\u{3BF}sch"] + registry, 1),
        Act(issue + ["community", "--dry-run"] + registry, 1),
        Act(issue + ["community", "--yes", "--dry-run"] + registry),
        Act(issue + ["community", "--yes", "--out", "c.license"] + signing),
        Act(
          issue + [
            "perpetual", "--years", "1", "--release", "1.0", "--collectors", "5", "--yes", "--out",
            "p.license", "--yes", "LINE_EXISTS,RELEASE_NOT_SIGNED",
          ] + signing),
        Act(issue + ["subscription", "--years", "30", "--collectors", "9"] + signing, 1),
        Act(
          issue + ["subscription", "--years", "30", "--collectors", "9", "--dry-run"] + registry,
          1),
        Act(["license", "renew", line, "--years", "1", "--out", "r.license"] + signing),
        Act(["license", "renew", line, "--years", "1", "--dry-run"] + registry, 1),
        Act(
          [
            "license", "amend", line, "--collectors", "800", "--why", "order 4711", "--out",
            "a.license", "--yes", "REVISION_HIDDEN,REVISION_REPLACED",
          ] + signing),
        Act(
          [
            "license", "amend", line, "--collectors", "8", "--why", "w", "--dry-run", "--yes",
            "REVISION_HIDDEN,REVISION_REPLACED",
          ] + registry, 1),
        Act(["license", "reissue", line, "--key", desk.key, "--why", "w", "--dry-run"] + registry),
        Act(["license", "reissue", line, "--key", desk.key, "--why", "w"] + signing),
        Act(["license", "export", id, "--out", "e.license"] + registry),
        Act(["license", "inspect", "a.license"]),
        Act(["license", "verify", "a.license"] + trusted),
        Act(["license", "list"] + registry),
        Act(["license", "list", "--expiring", "36600d"] + registry),
        Act(["license", "list", "--expiring", "1d"] + registry),
        Act(["license", "diff", id, line] + registry), Act(["license", "diff", id, id] + registry),
        Act(["license", "diff", "a.license", "c.license"] + registry),
        Act(release + ["1.0", "--dry-run"] + registry),
        Act(release + ["1.0", "--out", "1.release"] + signing),
        Act(release + ["1.0", "--out", "1.again"] + signing),
        Act(release + ["1.0", "--dry-run"] + registry),
        Act(release + ["1.0", "--commit", "abc"] + signing, 1),
        Act(
          ["release", "sign", "--product", "p", "--version", "2", "--released", Day.today(5)]
            + signing + ["--out", "2.release"]),
        Act(
          ["release", "reissue", "1.0", "--key", desk.key, "--why", "w", "--dry-run"] + registry, 2),
        Act(["release", "export", "--product", "p", "--version", "1.0", "--out", "o"] + registry),
        Act(["release", "list"] + registry),
        Act(
          ["license", "revoke", line, "--reason", "未付款", "--dry-run", "--yes", "LINE_STOPS"]
            + registry, 2),
        Act(["key", "new", "--use", "revocation"] + signing),
        Act(["keyset", "publish"] + signing),
        Act(["license", "revoke", line, "--reason", "未付款", "--dry-run"] + registry, 1),
        Act(["license", "revoke", line, "--reason", "未付款", "--yes", "LINE_STOPS"] + signing),
        Act(["revocations", "show"] + registry),
        Act(["revocations", "issue", "--out", "v.revocations"] + signing),
        Act(["revocations", "export", "--out", "w.revocations"] + registry),
        Act(["publish", "--to", "all.publication", "--dry-run"] + registry),
        Act(["publish", "--to", "all.publication", "--why", "介质"] + registry),
        Act(["key", "revoke", desk.key, "--reason", "被盗"] + registry),
        Act(["keyset", "publish"] + signing),
        Act(["publish", "--to", "less.publication", "--dry-run"] + registry, 1),
        Act(["publish", "--to", "less.publication"] + registry, 1),
        Act(["publish", "--to", "less.publication", "--yes", "LICENSES_DIE"] + registry),
        Act(["keyset", "export", "--out", "dying.keyset"] + registry),
        Act(["intent", "show"] + registry), Act(["intent", "finish"] + signing),
        Act(["intent", "drop", "--why", "w"] + registry, 2),
        Act(["audit", "log"] + registry, given: actions + ["order 4711"]),
        Act(["audit", "verify"] + registry),
        Act(["registry", "restore", "--from", "all.publication"] + registry),
        Act(["evidence", "check", "a.license"], 1),
        Act(["statement", "check", "a.license"] + registry, 1),
      ]
    }

    @Test func `English in a Chinese line is found, and names and quotations are none`() {
      let english = [
        "nothing was stored", "已完成 and no more", "recorded: not yet", "a lease to 2026-01-01",
        "示例, up to", "peak      none: nothing was observed", "tally: dry run: nothing",
      ]
      let chinese = [
        "", "许可证 lic_1，修订号 2", "LICENSE  LINE", "无法读取（cannot be read: try again）",
        "请运行 \"tally license reissue lin_1 --key K --why ...\"", "请运行 tally usage verify",
        "ACME Ltd，订阅版 subscription", "datakit  web", "collectors.limit 从 5 升到 8", "CNY 1.20",
      ]
      #expect(english.count == 7 && chinese.count == 10)
      for line in english { #expect(EnglishLines.of(line) == [line]) }
      for line in chinese { #expect(EnglishLines.of(line) == []) }
    }

    @Test func `everything that tally says has its Chinese`() async throws {
      try await LicenseTests.play { desk in
        let acts = try await Self.playOfTally(desk)
        for act in acts {
          let given = act.words.starts(with: ["audit", "log"]) ? try await Self.reasons(desk) : []
          try await Self.run(
            "tally", Act(act.words, act.status, given: act.given + given), on: desk.stage)
        }
        try await Self.hold("tally", acts.map(\.words))
      }
    }

    /// Reasons stand in the log in the words in which they were kept.
    private static func reasons(_ desk: LicenseTests.Desk) async throws -> [String] {
      struct Row: Decodable { let why: String }
      let log = try await desk.stage.run(
        "tally", ["audit", "log", "--format", "json", "--registry", "registry"])
      return try log.json([Row].self).map(\.why).filter { !$0.isEmpty }
    }

    @Test func `everything that the customer's and the vendor's daemons are asked has its Chinese`()
      async throws
    {
      try await Stage.play { stage in
        let site = try await Site.open(on: stage)
        let gateway = try await site.startGateway()
        try await site.install(gateway: gateway.port)
        let verifier = try await site.startVerifier()
        try await HTTP.usageTrace("web-07", cores: 2, to: verifier.address)
        try await eventually("a receipt") { try await site.status().ledger.receipted >= 1 }
        let license = try stage.text("payg.license")
        try stage.write("again.license", license)
        let release = ["--release", site.office.release, "--running", VendorOffice.version]
        let state = ["--state", "state"]
        let file = ["--license", "payg.license"] + release
        let acts = [
          Act(["check"] + file, 1), Act(["check", "--standing", "state/standing"] + file),
          Act(
            ["simulate"] + file + ["--at", Day.today(1), "--until", Day.today(40)], 1),
          Act(["license", "install", "again.license"] + state), Act(["activate"] + state),
          Act(["status"] + state), Act(["collectors"] + state, given: ["datakit web-07"]),
          Act(["report"] + state),
          Act(["doctor"] + state + release, 0), Act(["usage", "show"] + state),
          Act(["usage", "explain"] + state, given: ["datakit web-07"]),
          Act(
            ["usage", "prove", "--day", Day.today(-1), "--collector", "x", "--out", "x"] + state, 1),
          Act(["usage", "export", "--out", "a.bundle"] + state),
          Act(["usage", "import", "a.bundle"] + state, 1), Act(["usage", "verify"] + state),
          Act(["statement", "fetch", "--month", String(Day.today().prefix(7))] + state),
          Act(
            [
              "statement", "fetch", "--month", String(Day.today().prefix(7)), "--out", "m.tally",
            ] + state), Act(["statement", "check", "m.tally"] + state),
          Act(["statement", "check", "m.tally"]), Act(["statement", "check", "payg.license"], 1),
        ]
        for act in acts { try await Self.run("tally-verifier", act, on: stage, site.office.trust) }
        try await Self.hold("tally-verifier", acts.map(\.words))
        try await Self.playAtGateway(site, verifier)
        #expect(try await verifier.stop() == 0)
        // Without the daemon as well, and of an installation that is new.
        try await Self.run("tally-verifier", Act(["status"] + state), on: stage, site.office.trust)
        try await Self.run(
          "tally-verifier", Act(["license", "install", "payg.license", "--state", "new"]),
          on: stage,
          site.office.trust)
        try await Self.run(
          "tally-verifier", Act(["usage", "show", "--state", "new"]), on: stage, site.office.trust)
      }
    }

    private static func playAtGateway(_ site: Site, _ verifier: Daemon) async throws {
      let stage = site.stage
      let state = ["--state", "gateway"]
      let made = try await run(
        "tally-gateway", Act(["token", "new", "--scope", "read"] + state), on: stage)
      #expect(made.output.hasPrefix("tally_gw_") && !hasChinese(made.output), "\(made.said)")
      let token = try #require(made.errors.firstMatch(of: /tok_[0-9a-f]+/)).output
      struct Row: Decodable {
        let line: String
        let installation: String
      }
      let list = try await stage.run(
        "tally-gateway", ["installation", "list", "--format", "json"] + state)
      let row = try #require(try list.json([Row].self).first)
      let word = ["--by", "alice", "--why", "停用"] + state
      let month = ["--month", String(Day.today().prefix(7))]
      func installation(_ verb: String, _ more: [String]) -> Act {
        Act(["installation", verb, row.installation] + more)
      }
      let acts = [
        Act(["token", "new", "--scope", "read"] + state), Act(["token", "list"] + state),
        Act(["token", "revoke", String(token)] + state),
        Act(["token", "revoke", String(token)] + state, 1), Act(["token", "list"] + state),
        Act(["installation", "list"] + state), installation("show", state),
        installation("close", ["--through", Day.today(-1)] + word), installation("replace", word),
        installation("release", word), installation("show", state),
        Act(["bill", "waive", row.installation, "--from", Day.today(-1)] + word, 1),
        Act(
          ["bill", "correct", row.installation, "--from", Day.today(-1), "--quantity", "1"] + word,
          1),
        Act(["bill", "restore", row.installation, "--from", Day.today(-1)] + word, 1),
        Act(["import", "a.bundle", "--out", "b"] + state),
        Act(["statement", "show", "--line", row.line] + month + state),
        Act(
          ["statement", "export", "--line", row.line, "--format", "csv", "--out", "m.csv"] + month
            + state),
        Act(["statement", "all", "--format", "json", "--out", "m.jsonl"] + month + state),
        Act(["statement", "final", "--line", row.line] + month + state, 1),
        Act(["statement", "explain", row.installation, "--date", Day.today()] + state),
        Act(["backup", "copy.sqlite"] + state), Act(["backup", "copy.sqlite"] + state, 2),
        Act(["doctor"] + state),
      ]
      let more = try await webhookActs(stage, state)
      for act in acts + more { try await run("tally-gateway", act, on: stage) }
      let findings = try await playFindings(site, verifier)
      try await hold("tally-gateway", (acts + more + findings).map(\.words))
    }

    /// The installation's seat was freed; that it reports after all is found.
    private static func playFindings(_ site: Site, _ verifier: Daemon) async throws -> [Act] {
      let state = ["--state", "gateway"]
      try await HTTP.usageTrace("web-late", cores: 2, to: verifier.address)
      try await eventually("the finding") {
        try await FindingTests.listed(site).contains { $0.code == "RELEASED_REPORTS" }
      }
      let id = try #require(try await FindingTests.listed(site).first).id
      let word = ["--by", "alice", "--why", "停用"] + state
      let acts = [
        Act(["finding", "list"] + state),
        Act(["finding", "acknowledge", id, "--note", "工单"] + word),
        Act(["finding", "list"] + state), Act(["finding", "show", id] + state),
        Act(["finding", "resolve", id, "--as", "settled"] + word),
        Act(["finding", "resolve", id, "--as", "fixed"] + word, 1),
        Act(["finding", "show", id] + state), Act(["finding", "reopen", id] + word),
        Act(["finding", "list", "--in", "all"] + state),
        Act(["finding", "show", "fnd_99"] + state, 1),
      ]
      for act in acts { try await run("tally-gateway", act, on: site.stage) }
      return acts
    }

    /// Of an endpoint where nobody listens.
    private static func webhookActs(_ stage: Stage, _ state: [String]) async throws -> [Act] {
      struct Added: Decodable { let id: String }
      let url = "http://127.0.0.1:9/"
      let id = try await stage.run(
        "tally-gateway", ["webhook", "add", url, "--format", "json"] + state
      ).json(Added.self).id
      return [
        Act(["webhook", "add", url, "--note", "值班"] + state),
        Act(["webhook", "add", "http://example.com/"] + state, 1),
        Act(["webhook", "list"] + state), Act(["webhook", "rotate", id] + state),
        Act(["webhook", "test", id] + state, 1),
        Act(["webhook", "replay", id, "--since", Day.today(-1)] + state),
        Act(["webhook", "deliveries", id] + state), Act(["webhook", "remove", id] + state),
        Act(["webhook", "remove", id] + state, 1),
      ]
    }
  }
}
