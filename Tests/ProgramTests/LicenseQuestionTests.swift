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
          "renew", line, "--years", "1", "--basis", "from-end", "--collectors", "100",
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
        let done = try await desk.license(words + ["--yes", "REVISION_REPLACED"])
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
        for word in ["ACME Ltd", "in force", "question REVOCATION_ENDS", line] {
          #expect(stopped.errors.contains(word), "\(stopped.said)")
        }
        let trial = try await desk.tally(
          ["license"] + one + ["--dry-run", "--format", "json", "--registry", "registry"])
        #expect(trial.status == 0, "\(trial.said)")
        #expect(try trial.json(Asked.self).questions.map(\.code) == ["REVOCATION_ENDS"])
        #expect(try await desk.contents() == before)
        let done = try await desk.license(["revoke", line, "--reason", "not paid"])
        #expect(done.status == 0 && done.output.contains("2 licenses are revoked"), "\(done.said)")
        let rows = try await desk.list(["--line", line])
        #expect(rows.map(\.standing) == ["revoked", "revoked"])
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
