import Foundation
import Testing

extension ProgramTests {
  /// The life of licenses, as staff play it with the program.
  @Suite(.serialized) struct LicenseTests {
    /// What a registry of its own holds.
    struct Desk {
      let stage: Stage
      let customer: String
      let key: String

      var signing: [String] { ["--registry", "registry", "--passphrase-file", "passphrase"] }

      func tally(_ words: [String]) async throws -> Outcome {
        try await stage.run("tally", words)
      }

      /// Runs a command of `license` that signs.
      func license(_ words: [String]) async throws -> Outcome {
        try await tally(["license"] + words + signing)
      }

      /// Issues a license; its id and line. A second line of the customer is meant.
      func issue(_ edition: String, _ more: [String]) async throws -> (id: String, line: String) {
        let name = "\(UUID().uuidString.prefix(8)).license"
        let meant = more.contains("--yes") ? [] : ["--yes", "LINE_EXISTS"]
        let outcome = try await license(
          [
            "issue", "--edition", edition, "--customer", customer, "--product", "platform",
            "--zone", "Asia/Shanghai", "--out", name,
          ] + more + meant)
        let words = outcome.output.split(whereSeparator: \.isWhitespace).map(String.init)
        guard outcome.status == 0, words.count == 3 else { throw TestFault(outcome.said) }
        return (words[0], words[1])
      }

      /// Everything that must stay as it is when nothing is issued.
      func contents() async throws -> String {
        let log = try await tally(["audit", "log", "--format", "json", "--registry", "registry"])
        let pending = try await tally(["intent", "show", "--registry", "registry"])
        guard log.status == 0, pending.status == 0 else { throw TestFault(log.said) }
        return log.output + pending.output
      }

      func list(_ more: [String] = []) async throws -> [Row] {
        try await tally(
          ["license", "list", "--format", "json", "--registry", "registry"] + more
        ).json([Row].self)
      }
    }

    struct Row: Decodable {
      struct License: Decodable {
        let jti: String
        let line: String
        let revision: Int
        let edition: String
      }
      let standing: String?
      let what: String?
      let days: Int?
      let license: License
    }

    static func play(_ body: (Desk) async throws -> Void) async throws {
      try await Stage.play { stage in
        try stage.write("passphrase", VendorOffice.passphrase, mode: 0o600)
        let signing = ["--registry", "registry", "--passphrase-file", "passphrase"]
        var keys: [String] = []
        for use in ["root", "license", "release"] {
          let key = try await stage.done("tally", ["key", "new", "--use", use] + signing)
          keys.append(key.trimmingCharacters(in: .whitespacesAndNewlines))
        }
        try await stage.done(
          "tally", ["keyset", "publish", "--iss", "https://v.example"] + signing)
        let customer = try await stage.done(
          "tally", ["customer", "add", "ACME Ltd", "--registry", "registry"])
        try await body(
          Desk(
            stage: stage, customer: customer.trimmingCharacters(in: .whitespacesAndNewlines),
            key: keys[1]))
      }
    }

    @Test func `a question stops the command with status 1, and a yes is kept in the log`()
      async throws
    {
      try await Self.play { desk in
        let words = [
          "issue", "--edition", "subscription", "--customer", desk.customer, "--product",
          "platform", "--zone", "Asia/Shanghai", "--from", Day.today(-800), "--years", "1",
          "--collectors", "2000000", "--out", "x.license",
        ]
        let before = try await desk.contents()
        let codes = ["TERM_OVER", "TERM_BACKDATED", "LIMIT_LARGE"]
        let stopped = try await desk.license(words)
        #expect(stopped.status == 1 && stopped.output.isEmpty, "\(stopped.said)")
        #expect(codes.allSatisfy { stopped.errors.contains("question \($0)") }, "\(stopped.said)")
        #expect(stopped.errors.contains("--yes"), "\(stopped.said)")
        struct Asked: Decodable {
          struct Question: Decodable { let code: String }
          let issued: Bool
          let questions: [Question]
        }
        let json = try await desk.license(words + ["--format", "json"])
        let asked = try json.json(Asked.self)
        #expect(json.status == 1 && !asked.issued && asked.questions.map(\.code) == codes)
        let trial = try await desk.license(words + ["--dry-run"])
        #expect(trial.status == 1 && trial.errors.contains("would stop here"), "\(trial.said)")
        #expect(try await desk.contents() == before)
        #expect(!FileManager.default.fileExists(atPath: desk.stage.path("x.license")))
        let done = try await desk.license(words + ["--yes", "--why", "order 7"])
        #expect(done.status == 0 && done.errors.contains("confirmed TERM_OVER"), "\(done.said)")
        let log = try await desk.contents()
        #expect(log.contains("order 7 (confirmed: \(codes.joined(separator: ", ")))"))
      }
    }

    @Test func `trials of everything that is signed store nothing and need no passphrase`()
      async throws
    {
      try await Self.play { desk in
        let (_, line) = try await desk.issue(
          "subscription", ["--years", "1", "--collectors", "5"])
        let before = try await desk.contents()
        let trials = [
          [
            "license", "issue", "--edition", "community", "--customer", desk.customer, "--product",
            "p", "--zone", "UTC", "--yes", "PRODUCT_NEW",
          ],
          ["license", "renew", line, "--years", "1"],
          ["license", "amend", line, "--collectors", "9", "--why", "more"],
          ["license", "reissue", line, "--key", desk.key, "--why", "test"],
          [
            "release", "sign", "--product", "platform", "--version", "1", "--released", Day.today(),
          ],
        ]
        #expect(trials.count == 5)
        for words in trials {
          for format in ["text", "json"] {
            let outcome = try await desk.tally(
              words + ["--dry-run", "--registry", "registry", "--format", format])
            #expect(outcome.status == 0, "\(outcome.said)")
            #expect(outcome.errors.contains("dry run: "), "\(outcome.said)")
            #expect(!outcome.said.contains("BEGIN"), "\(outcome.said)")
            guard format == "json" else { continue }
            struct Trial: Decodable {
              let dry_run: Bool
            }
            #expect(try outcome.json(Trial.self).dry_run, "\(outcome.said)")
          }
        }
        #expect(try await desk.contents() == before)
        let refused = try await desk.tally(
          ["license", "renew", line, "--days", "30", "--dry-run", "--registry", "registry"])
        #expect(refused.status == 64 && refused.errors.contains("at least a year"))
      }
    }

    @Test func `renewed, amended, compared and listed, a line tells its story`() async throws {
      try await Self.play { desk in
        let (first, line) = try await desk.issue(
          "subscription", ["--years", "1", "--collectors", "500", "--grace-days", "7"])
        let renewed = try await desk.license(["renew", line, "--years", "1", "--out", "r.license"])
        #expect(renewed.status == 0, "\(renewed.said)")
        #expect(renewed.errors.contains("term.through moves from"), "\(renewed.said)")
        #expect(renewed.errors.contains("--basis was not given"), "\(renewed.said)")
        let hidden = ["amend", first, "--collectors", "800", "--why", "order 4711"]
        #expect(try await desk.license(hidden).status == 1)
        #expect(try await desk.license(hidden + ["--yes"]).status == 1)
        let amended = try await desk.license(
          hidden + ["--yes", "REVISION_HIDDEN", "--out", "a.license"])
        #expect(amended.status == 0, "\(amended.said)")
        #expect(amended.errors.contains("collectors.limit rises from 500 to 800"))
        let early = try #require(try await desk.list().first { $0.license.revision == 2 })
        let back = try await desk.license(
          ["reissue", early.license.jti, "--key", desk.key, "--why", "keep the renewal"])
        #expect(back.status == 0, "\(back.said)")
        let rows = try await desk.list(["--line", line])
        #expect(
          rows.map { "\($0.license.revision) \($0.standing ?? "")" } == [
            "1 superseded", "2 superseded", "3 in force", "4 upcoming",
          ])
        struct Diff: Decodable {
          struct Difference: Decodable { let member: String }
          let differences: [Difference]
        }
        let registry = ["--registry", "registry"]
        let diff = try await desk.tally(
          ["license", "diff", "\(line)@1", "a.license", "--format", "json"] + registry
        ).json(Diff.self)
        #expect(
          diff.differences.map(\.member) == ["jti", "revision", "iat", "collectors.limit"])
        let words = try await desk.tally(["license", "diff", "\(line)@1", "\(line)@3"] + registry)
        #expect(words.output.contains("collectors.limit rises from 500 to 800"))
        let none = try await desk.tally(["license", "diff", first, first] + registry)
        #expect(none.status == 0 && none.output == "no difference\n", "\(none.said)")
        let missing = try await desk.tally(["license", "diff", "\(line)@9", first] + registry)
        #expect(missing.status == 2 && missing.errors.contains("1, 2, 3, 4"), "\(missing.said)")
        let verified = try await desk.tally(["license", "verify", "a.license"] + registry)
        #expect(verified.status == 0, "\(verified.said)")
      }
    }

    @Test func `what ends soon is found, by customer and edition too`() async throws {
      try await Self.play { desk in
        let (_, subscription) = try await desk.issue(
          "subscription", ["--from", Day.today(-330), "--years", "1", "--collectors", "5", "--yes"])
        let (_, perpetual) = try await desk.issue(
          "perpetual",
          [
            "--from", Day.today(-340), "--years", "1", "--collectors", "5", "--release", "1",
            "--yes",
          ])
        let (_, renewed) = try await desk.issue(
          "subscription", ["--from", Day.today(-330), "--years", "1", "--collectors", "5", "--yes"])
        let renewal = try await desk.license(["renew", renewed, "--years", "1"])
        #expect(renewal.status == 0, "\(renewal.said)")
        _ = try await desk.issue("community", [])
        let found = try await desk.list(["--expiring", "60d"])
        #expect(found.map(\.license.line) == [perpetual, subscription])
        #expect(found.map(\.what) == ["maintenance", "term"])
        #expect(found.allSatisfy { (0...60).contains($0.days ?? -1) })
        #expect(try await desk.list(["--expiring", "5d"]).isEmpty)
        let paid = try await desk.list(["--expiring", "60d", "--edition", "perpetual"])
        #expect(paid.map(\.license.line) == [perpetual])
        #expect(try await desk.list(["--expiring", "60d", "--customer", "cus_1"]).isEmpty)
        #expect(try await desk.list(["--edition", "subscription"]).count == 3)
      }
    }

    @Test func `a stolen key's licenses are reissued once, and the copies verify`() async throws {
      try await Self.play { desk in
        let (_, line) = try await desk.issue(
          "subscription", ["--years", "1", "--collectors", "5"])
        _ = try await desk.issue("community", [])
        let made = try await desk.tally(["key", "new", "--use", "license"] + desk.signing)
        let new = made.output.trimmingCharacters(in: .whitespacesAndNewlines)
        _ = try await desk.tally(["keyset", "publish"] + desk.signing)
        let words = [
          "reissue", "--all", "--signed-by", desk.key, "--key", new, "--why", "key stolen",
          "--out-folder", "copies",
        ]
        let done = try await desk.license(words)
        #expect(done.status == 0 && done.output.split(separator: "\n").count == 2, "\(done.said)")
        let files = try FileManager.default.contentsOfDirectory(atPath: desk.stage.path("copies"))
        #expect(files.count == 2)
        for file in files {
          let outcome = try await desk.tally(
            ["license", "verify", "copies/\(file)", "--registry", "registry"])
          #expect(outcome.status == 0 && outcome.output.contains(new), "\(outcome.said)")
        }
        let again = try await desk.license(words + ["--format", "json"])
        #expect(again.status == 0 && again.output == "[]\n", "\(again.said)")
        #expect(
          try await desk.list(["--line", line]).map(\.standing) == ["superseded", "in force"])
      }
    }

    @Test func `verify says yes, no or cannot tell, and inspect trusts nothing`() async throws {
      try await Self.play { desk in
        _ = try await desk.license([
          "issue", "--edition", "community", "--customer", desk.customer, "--product", "p",
          "--zone", "UTC", "--out", "c.license",
        ])
        let verify = ["license", "verify", "--registry", "registry", "--format", "json"]
        struct Answer: Decodable { let verified: Bool }
        let yes = try await desk.tally(verify + ["c.license"])
        #expect(try yes.status == 0 && yes.json(Answer.self).verified, "\(yes.said)")
        let blocks = try desk.stage.text("c.license").split(separator: "\n")
        let body = try #require(blocks.lastIndex { $0.hasPrefix("-----BEGIN") })
        var lines = blocks.map(String.init)
        lines[body + 1] = String(lines[body + 1].reversed())
        try desk.stage.write("bad.license", lines.joined(separator: "\n") + "\n")
        let no = try await desk.tally(verify + ["bad.license"])
        #expect(try no.status == 1 && !no.json(Answer.self).verified, "\(no.said)")
        let cannot = try await desk.tally(verify + ["missing.license"])
        #expect(cannot.status == 2 && cannot.output.isEmpty, "\(cannot.said)")
        let inspected = try await desk.tally(["license", "inspect", "c.license"])
        #expect(inspected.status == 0 && inspected.output.contains("not verified"))
        #expect(inspected.errors.contains("not verified"), "\(inspected.said)")
      }
    }

    @Test func `each program writes completion scripts for the shells`() async throws {
      try await Stage.play { stage in
        #expect(Programs.names.count == 3)
        for program in Programs.names {
          for shell in ["bash", "zsh", "fish"] {
            let script = try await stage.done(program, ["--generate-completion-script", shell])
            #expect(script.contains(program) && script.contains("format"), "\(program) \(shell)")
            guard shell == "bash" else { continue }
            try stage.write("completion", script)
            try await stage.done("bash", ["-n", "completion"])
          }
        }
      }
    }
  }
}
