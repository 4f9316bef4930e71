import Foundation
import Testing

extension ProgramTests {
  /// What staff is asked before a license is issued or revoked, and how it is answered.
  @Suite(.serialized) struct LicenseQuestionTests {
    typealias Desk = LicenseTests.Desk

    struct Asked: Decodable {
      struct Question: Decodable { let code: String }
      let questions: [Question]
    }

    @Test func `a yes confirms the codes that it names and no other`() async throws {
      try await LicenseTests.play { desk in
        let words = [
          "issue", "--edition", "subscription", "--customer", desk.customer, "--product",
          "platform", "--zone", "Asia/Shanghai", "--from", Day.today(-100), "--years", "1",
          "--collectors", "2000000", "--out", "x.license",
        ]
        let before = try await desk.contents()
        let part = try await desk.license(words + ["--yes", "TERM_BACKDATED"])
        #expect(part.status == 1, "\(part.said)")
        #expect(part.errors.contains("confirmed TERM_BACKDATED"), "\(part.said)")
        #expect(part.errors.contains("question LIMIT_LARGE"), "\(part.said)")
        #expect(part.errors.contains("--yes TERM_BACKDATED,LIMIT_LARGE"), "\(part.said)")
        for (wrong, word) in [
          ("TERM_BAKDATED", "no question has this code"), ("lin_1", "lin_1"), ("a,", "a,"),
        ] {
          let outcome = try await desk.license(words + ["--yes", wrong])
          #expect(outcome.status == 64 && outcome.errors.contains(word), "\(outcome.said)")
        }
        #expect(try await desk.contents() == before)
        let done = try await desk.license(
          words + ["--yes", "LIMIT_LARGE,TERM_BACKDATED,TERM_OVER"])
        #expect(done.status == 0, "\(done.said)")
        // The log keeps what was asked, not what else was named.
        let log = try await desk.contents()
        #expect(log.contains("(confirmed: TERM_BACKDATED, LIMIT_LARGE)"), "\(log)")
      }
    }

    @Test func `a renewal from today shows what it does to the one in force, and asks`()
      async throws
    {
      try await LicenseTests.play { desk in
        let (first, line) = try await desk.issue(
          "subscription", ["--years", "1", "--collectors", "500"])
        let early = try await desk.license([
          "renew", line, "--years", "1", "--basis", "from-end", "--collectors", "100", "--yes",
          "COLLECTORS_CUT",
        ])
        #expect(early.status == 0, "\(early.said)")
        let words = ["renew", line, "--years", "3", "--basis", "today"]
        let before = try await desk.contents()
        for flags in [[], ["--yes"]] {
          let stopped = try await desk.license(words + flags)
          #expect(stopped.status == 1, "\(stopped.said)")
          #expect(stopped.errors.contains("question REVISION_REPLACED"), "\(stopped.said)")
          #expect(stopped.errors.contains(first), "\(stopped.said)")
          #expect(
            stopped.errors.contains("collectors.limit falls from 500 to 100"), "\(stopped.said)")
        }
        #expect(try await desk.contents() == before)
        let done = try await desk.license(words + ["--yes", "DAYS_TWICE,REVISION_REPLACED"])
        #expect(done.status == 0, "\(done.said)")
      }
    }

    @Test func `a revocation shows whose license it is, asks, and has a trial`() async throws {
      try await LicenseTests.play { desk in
        for words in [["key", "new", "--use", "revocation"], ["keyset", "publish"]] {
          let outcome = try await desk.tally(words + desk.signing)
          #expect(outcome.status == 0, "\(outcome.said)")
        }
        let (first, line) = try await desk.issue(
          "subscription", ["--years", "1", "--collectors", "5"])
        let renewed = try await desk.license(["renew", line, "--years", "1"])
        #expect(renewed.status == 0, "\(renewed.said)")
        let before = try await desk.contents()
        let one = ["revoke", first, "--reason", "not paid"]
        let stopped = try await desk.license(one + ["--yes"])
        #expect(stopped.status == 1, "\(stopped.said)")
        for word in [
          "ACME Ltd", "in force", "question LINE_STOPS", "5 collectors", "question REVOCATION_ENDS",
          line,
        ] {
          #expect(stopped.errors.contains(word), "\(stopped.said)")
        }
        let trial = try await desk.tally(
          ["license"] + one + ["--dry-run", "--format", "json", "--registry", "registry"])
        #expect(trial.status == 1, "\(trial.said)")
        #expect(
          try trial.json(Asked.self).questions.map(\.code) == ["LINE_STOPS", "REVOCATION_ENDS"])
        #expect(try await desk.contents() == before)
        let done = try await desk.license(
          ["revoke", line, "--reason", "not paid", "--yes", "LINE_STOPS"])
        #expect(done.status == 0 && done.output.contains("2 licenses are revoked"), "\(done.said)")
        let rows = try await desk.list(["--line", line])
        #expect(rows.map(\.standing) == ["revoked", "revoked"])
      }
    }

    /// By a clock that is a year ahead every customer would lose a year.
    @Test func `nothing is issued by a clock that the registry does not expect unless it is named`()
      async throws
    {
      try await LicenseTests.play { desk in
        var name = ""
        for words in [
          ["key", "new", "--use", "revocation"], ["key", "new", "--use", "license"],
          ["keyset", "publish"],
        ] {
          let outcome = try await desk.tally(words + desk.signing)
          #expect(outcome.status == 0, "\(outcome.said)")
          if words.last == "license" {
            name = outcome.output.trimmingCharacters(in: .whitespacesAndNewlines)
          }
        }
        let payg = [
          "--days", "30", "--price", "CNY 1.20", "--gateway", "https://g.example", "--lease-hours",
          "72", "--key", desk.key,
        ]
        let (_, line) = try await desk.issue("payg", payg)
        let revoked = try await desk.license(
          ["revoke", line, "--reason", "x", "--yes", "LINE_STOPS"])
        #expect(revoked.status == 0, "\(revoked.said)")
        let (_, other) = try await desk.issue("payg", payg)
        // As if the last document were of a hundred days ago, or of a hundred days from now.
        func move(days: Int) async throws {
          let script = """
            import sqlite3
            db = sqlite3.connect("registry/registry.sqlite")
            db.execute("DROP TRIGGER IF EXISTS audit_is_not_changed")
            db.execute("UPDATE audit SET at = strftime('%s') + 86400 * (\(days)) "
              "WHERE action <> 'customer add'")
            db.commit()
            """
          let python = try await desk.stage.run(try Programs.python(), ["-c", script])
          #expect(python.status == 0, "\(python.said)")
        }
        let issue = [
          "license", "issue", "--edition", "community", "--customer", desk.customer, "--product",
          "platform", "--zone", "UTC",
        ]
        let commands: [[String]] = [
          issue, ["license", "renew", other, "--days", "9"],
          ["license", "amend", other, "--grace-days", "9", "--why", "w"],
          ["release", "sign", "--product", "p", "--version", "1", "--released", "2026-01-01"],
          ["license", "revoke", other, "--reason", "x"], ["revocations", "issue"],
          ["keyset", "publish"],
          ["license", "reissue", other, "--key", name, "--why", "w"],
        ]
        for (days, code) in [(-100, "CLOCK_FORWARD"), (100, "CLOCK_BACK")] {
          try await move(days: days)
          let before = try await desk.contents()
          for words in commands {
            for flags in [[], ["--yes"]] {
              let stopped = try await desk.tally(words + flags + desk.signing)
              #expect(
                stopped.status == 1 && stopped.output.isEmpty, "\(words) \(stopped.said)")
              #expect(
                stopped.errors.contains("question \(code)"), "\(words) \(stopped.said)")
            }
          }
          #expect(try await desk.contents() == before)
        }
        try await move(days: -100)
        let codes = "CLOCK_FORWARD,LINE_EXISTS"
        let done = try await desk.tally(issue + ["--yes", codes] + desk.signing)
        #expect(done.status == 0, "\(done.said)")
        #expect(try await desk.contents().contains("(confirmed: CLOCK_FORWARD, LINE_EXISTS)"))
        let next = try await desk.tally(issue + ["--yes", "LINE_EXISTS"] + desk.signing)
        #expect(next.status == 0, "\(next.said)")
      }
    }

    @Test func `questions are asked in the language of the flag or of the environment`()
      async throws
    {
      try await LicenseTests.play { desk in
        let words = [
          "license", "issue", "--edition", "community", "--customer", desk.customer, "--product",
          "platform", "--zone", "UTC", "--collectors", "2000000", "--dry-run", "--registry",
          "registry",
        ]
        let english = try await desk.tally(words)
        #expect(english.errors.contains("question LIMIT_LARGE: 2000000"), "\(english.said)")
        for (more, environment) in [
          (["--lang", "zh"], [:]), (["--lang=zh_CN"], ["LANG": "en_US.UTF-8"]),
          ([], ["LANG": "zh_CN.UTF-8"]),
        ] as [([String], [String: String])] {
          let chinese = try await desk.stage.run(
            "tally", more + words, environment: environment)
          #expect(chinese.status == 1, "\(chinese.said)")
          #expect(chinese.errors.contains("问题 LIMIT_LARGE：允许在线的采集器"), "\(chinese.said)")
          #expect(chinese.output.hasPrefix("将会签发，由密钥"), "\(chinese.said)")
        }
        let flag = try await desk.tally(["--lang", "zh"] + words + ["--lang", "en"])
        #expect(flag.errors == english.errors, "\(flag.said)")
        let wrong = try await desk.tally(words + ["--lang", "de"])
        #expect(wrong.status == 64 && wrong.errors.contains("en and zh"), "\(wrong.said)")
      }
    }

    @Test func `an option that is given twice with different values issues nothing`() async throws {
      try await LicenseTests.play { desk in
        let before = try await desk.contents()
        let words = [
          "license", "issue", "--edition", "subscription", "--customer", desk.customer,
          "--product", "platform", "--zone", "UTC", "--years", "1", "--collectors", "500",
        ]
        for more in [["--collectors", "50"], ["--zone", "Asia/Shanghai"], ["--years=2"]] {
          let outcome = try await desk.tally(words + more + desk.signing)
          #expect(outcome.status == 64 && outcome.output.isEmpty, "\(outcome.said)")
          #expect(outcome.errors.contains("give it once"), "\(outcome.said)")
        }
        #expect(try await desk.contents() == before)
      }
    }

    @Test func `no trial is made while something is pending`() async throws {
      try await LicenseTests.play { desk in
        let (_, line) = try await desk.issue(
          "subscription", ["--years", "1", "--collectors", "5"])
        // As a machine leaves it that dies between the intent and its end.
        let script = """
          import sqlite3
          db = sqlite3.connect("registry/registry.sqlite")
          db.execute("UPDATE intents SET state = 'pending' WHERE id = (SELECT max(id) FROM intents)")
          db.commit()
          """
        let python = try await desk.stage.run(try Programs.python(), ["-c", script])
        #expect(python.status == 0, "\(python.said)")
        let trials = [
          ["renew", line, "--years", "1"], ["amend", line, "--collectors", "9", "--why", "more"],
          ["reissue", line, "--key", desk.key, "--why", "test"],
          ["revoke", line, "--reason", "not paid"],
        ]
        #expect(trials.count == 4)
        for words in trials {
          let outcome = try await desk.tally(
            ["license"] + words + ["--dry-run", "--registry", "registry"])
          #expect(outcome.status == 2 && outcome.output.isEmpty, "\(outcome.said)")
          #expect(outcome.errors.contains("tally intent finish"), "\(outcome.said)")
        }
      }
    }
  }
}
