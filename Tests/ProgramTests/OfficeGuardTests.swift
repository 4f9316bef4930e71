import Foundation
import Testing

extension ProgramTests {
  /// What keeps staff and scripts from a slip, and others from the registry.
  @Suite(.serialized) struct OfficeGuardTests {
    private static func setMode(_ mode: Int, _ path: String, _ stage: Stage) throws {
      try FileManager.default.setAttributes(
        [.posixPermissions: mode], ofItemAtPath: stage.path(path))
    }

    private static func community(_ desk: LicenseTests.Desk) -> [String] {
      [
        "license", "issue", "--edition", "community", "--customer", desk.customer, "--product",
        "platform", "--zone", "UTC",
      ]
    }

    @Test func `a registry that others can write into is refused, with the cure`() async throws {
      try await LicenseTests.play { desk in
        let before = try await desk.contents()
        let places = [
          ("registry", 0o700), ("registry/registry.sqlite", 0o600), ("registry/keys", 0o700),
        ]
        #expect(places.count == 3)
        for (path, right) in places {
          for loose in [right | 0o020, right | 0o002, 0o777] {
            try Self.setMode(loose, path, desk.stage)
            for words in [
              Self.community(desk) + desk.signing, ["license", "list", "--registry", "registry"],
              ["key", "new", "--use", "license"] + desk.signing,
            ] {
              let outcome = try await desk.tally(words)
              #expect(outcome.status == 2 && outcome.output.isEmpty, "\(path): \(outcome.said)")
              #expect(
                outcome.errors.contains("\(path) can be written by others"), "\(outcome.said)")
              #expect(outcome.errors.contains("chmod go-w"), "\(outcome.said)")
            }
          }
          // Who may read is another question: nothing in it but the keys is secret.
          try Self.setMode(right | 0o044, path, desk.stage)
          #expect(try await desk.contents() == before)
          try Self.setMode(right, path, desk.stage)
        }
        let done = try await desk.tally(Self.community(desk) + desk.signing)
        #expect(done.status == 0, "\(done.said)")
      }
    }

    /// A script that tries first must not learn of a fault from the real run.
    @Test func `a trial ends as the command would, and stores nothing`() async throws {
      try await LicenseTests.play { desk in
        let pem = "registry/keys/\(desk.key).pem"
        try desk.stage.write("wrong", "not the passphrase\n", mode: 0o600)
        try desk.stage.write("loose", VendorOffice.passphrase, mode: 0o644)
        let (_, line) = try await desk.issue(
          "subscription", ["--years", "1", "--collectors", "5"])
        let commands = [
          Self.community(desk) + ["--yes", "LINE_EXISTS"],
          ["license", "renew", line, "--years", "1"],
          ["license", "amend", line, "--collectors", "9", "--why", "w"],
        ]
        let before = try await desk.contents()
        let registry = ["--registry", "registry"]
        let faults: [(name: String, mode: Int, more: [String], status: Int32)] = [
          ("a loose key", 0o640, ["--passphrase-file", "passphrase"], 2),
          ("a wrong passphrase", 0o600, ["--passphrase-file", "wrong"], 2),
          ("a loose passphrase", 0o600, ["--passphrase-file", "loose"], 2),
          ("no such passphrase", 0o600, ["--passphrase-file", "none"], 2),
        ]
        for fault in faults {
          try Self.setMode(fault.mode, pem, desk.stage)
          for words in commands {
            let real = try await desk.tally(words + registry + fault.more)
            let trial = try await desk.tally(words + registry + fault.more + ["--dry-run"])
            #expect(real.status == fault.status, "\(fault.name): \(real.said)")
            #expect(trial.status == fault.status, "\(fault.name): \(trial.said)")
          }
        }
        try Self.setMode(0o640, pem, desk.stage)
        let bare = try await desk.tally(commands[0] + registry + ["--dry-run"])
        #expect(bare.status == 2 && bare.errors.contains("chmod 600"), "\(bare.said)")
        try Self.setMode(0o600, pem, desk.stage)
        let asked = try await desk.tally(
          Self.community(desk) + registry + ["--dry-run", "--format", "json"])
        #expect(asked.status == 1 && asked.errors.contains("would stop here"), "\(asked.said)")
        struct Trial: Decodable { let dry_run: Bool }
        #expect(try asked.json(Trial.self).dry_run, "\(asked.said)")
        for words in commands {
          for more in [[], ["--passphrase-file", "passphrase"]] {
            let fine = try await desk.tally(words + registry + more + ["--dry-run"])
            #expect(fine.status == 0, "\(fine.said)")
          }
        }
        #expect(try await desk.contents() == before)
      }
    }

    private struct Row: Decodable { let who: String }

    /// Whom the log names when a customer is added.
    private static func who(_ sudo: String?, _ desk: LicenseTests.Desk) async throws -> String {
      let added = try await desk.stage.run(
        "tally", ["customer", "add", "C \(UUID().uuidString)", "--registry", "registry"],
        environment: sudo.map { ["SUDO_USER": $0] } ?? [:])
      #expect(added.status == 0, "\(added.said)")
      let rows = try await desk.tally(
        ["audit", "log", "--last", "1", "--format", "json", "--registry", "registry"]
      ).json([Row].self)
      return rows.first?.who ?? ""
    }

    @Test func `the log keeps who became the user that runs the program`() async throws {
      try await LicenseTests.play { desk in
        let login = try await Self.who(nil, desk)
        #expect(!login.isEmpty && !login.contains("SUDO_USER"))
        #expect(try await Self.who("maria", desk) == "\(login) (SUDO_USER maria)")
        for odd in ["", login, "a\nb", String(repeating: "x", count: 65)] {
          #expect(try await Self.who(odd, desk) == login, "\(odd)")
        }
      }
    }

    @Test func `a customer of the same name is asked about on the command line`() async throws {
      try await LicenseTests.play { desk in
        let words = ["customer", "add", "acme ltd", "--registry", "registry"]
        let before = try await desk.contents()
        let stopped = try await desk.tally(words)
        #expect(stopped.status == 1 && stopped.output.isEmpty, "\(stopped.said)")
        #expect(stopped.errors.contains("question CUSTOMER_EXISTS"), "\(stopped.said)")
        #expect(stopped.errors.contains(desk.customer), "\(stopped.said)")
        #expect(try await desk.contents() == before)
        let done = try await desk.tally(words + ["--yes", "CUSTOMER_EXISTS", "--why", "a branch"])
        #expect(done.status == 0, "\(done.said)")
        #expect(try await desk.contents().contains("a branch (confirmed: CUSTOMER_EXISTS)"))
      }
    }

    @Test func `a release of the past is signed by its code alone`() async throws {
      try await LicenseTests.play { desk in
        let words = [
          "release", "sign", "--product", "platform", "--version", "1", "--released",
          Day.today(-400), "--covered-as-of", Day.today(-500), "--out", "1.release",
        ]
        let before = try await desk.contents()
        for more in [[], ["--yes"], ["--yes", "RELEASE_BACKDATED"]] {
          let stopped = try await desk.tally(words + more + desk.signing)
          #expect(stopped.status == 1 && stopped.output.isEmpty, "\(stopped.said)")
          #expect(stopped.errors.contains("question COVERAGE_BACKDATED"), "\(stopped.said)")
        }
        #expect(try await desk.contents() == before)
        let codes = "RELEASE_BACKDATED,COVERAGE_BACKDATED"
        let done = try await desk.tally(words + ["--yes", codes] + desk.signing)
        #expect(done.status == 0, "\(done.said)")
      }
    }
  }
}
