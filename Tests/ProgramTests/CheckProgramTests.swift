import Foundation
import Testing

extension ProgramTests {
  @Suite(.serialized) struct CheckTests {
    @Test func `text for people and JSON for machines say the same`() async throws {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        let file = stage.path("subscription.license")
        try await office.issue(.subscription, to: file)
        let text = try await office.check(file, format: "text", on: stage)
        let json = try await office.check(file, on: stage)
        #expect(text.status == 0 && json.status == 0, "\(text.said) \(json.said)")
        let report = try json.json(VerdictReport.self)
        #expect(report.verdict == "allow" && report.code == "VALID")
        for finding in report.findings {
          #expect(text.output.contains(finding.code), "\(text.said)")
          #expect(text.output.contains(finding.message), "\(text.said)")
        }
        #expect(json.errors.contains("root"), "the root from a file is announced: \(json.said)")
      }
    }

    @Test func `releases that no edition covers are refused by name`() async throws {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        try await office.issue(.community, to: stage.path("community"))
        try await office.issue(
          .subscription, to: stage.path("ended"),
          ["--from", Day.today(-800), "--years", "1", "--collectors", "5"])
        try await office.issue(
          .perpetual, to: stage.path("perpetual"),
          ["--from", Day.today(-600), "--years", "1", "--release", "1.90.1", "--collectors", "5"])
        for (version, age) in [("1.90.1", 500), ("1.95.0", 181), ("1.95.2", 180)] {
          try await office.signRelease(
            version, released: Day.today(-age), to: stage.path("\(version).release"))
        }
        let cases: [(String, String, String, Int32, String)] = [
          ("community", "1.95.0", "1.95.0", 1, "RELEASE_EXPIRED"),
          ("community", "1.95.2", "1.95.2", 0, "EXPIRING_SOON"),
          ("community", "1.95.2", "1.90.1", 1, "RELEASE_MISMATCH"),
          ("ended", "1.90.1", "1.90.1", 1, "EXPIRED"),
          ("perpetual", "1.90.1", "1.90.1", 0, "MAINTENANCE_ENDED"),
          ("perpetual", "1.95.2", "1.95.2", 1, "RELEASE_NOT_COVERED"),
        ]
        #expect(cases.count == 6)
        for (license, release, running, status, code) in cases {
          let outcome = try await office.check(
            stage.path(license), running: running, release: stage.path("\(release).release"),
            on: stage)
          let report = try outcome.json(VerdictReport.self)
          #expect(outcome.status == status, "\(license) \(release): \(outcome.said)")
          #expect(report.code == code, "\(license) \(release): \(outcome.said)")
        }
      }
    }

    @Test func `what cannot be read is exit 2, never a no`() async throws {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        try await office.issue(.subscription, to: stage.path("good"))
        let cases: [(String, Outcome)] = [
          ("missing", try await office.check(stage.path("missing"), on: stage)),
          ("a folder", try await office.check(stage.folder.path, on: stage)),
          ("a path below a file", try await office.check(stage.path("good/more"), on: stage)),
          ("a device", try await office.check("/dev/null", on: stage)),
          (
            "a missing release",
            try await office.check(
              stage.path("good"), release: stage.path("missing"), on: stage)
          ),
          (
            "a standing that is a folder",
            try await office.check(
              stage.path("good"), more: ["--standing", stage.folder.path], on: stage)
          ),
        ]
        #expect(cases.count == 6)
        for (name, outcome) in cases {
          #expect(outcome.status == 2, "\(name): \(outcome.said)")
          #expect(!outcome.errors.isEmpty, "\(name): \(outcome.said)")
          #expect(!outcome.output.contains("allow"), "\(name): \(outcome.said)")
        }
      }
    }

    @Test func `a standing that is not there yet does not matter`() async throws {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        try await office.issue(.subscription, to: stage.path("good"))
        let outcome = try await office.check(
          stage.path("good"), more: ["--standing", stage.path("not-yet")], on: stage)
        #expect(outcome.status == 0, "\(outcome.said)")
      }
    }

    @Test func `a file that its reader may not open is exit 2`() async throws {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        try await office.issue(.subscription, to: stage.path("secret"))
        for (mode, status) in [(0o000, 2), (0o400, 0)] as [(Int, Int32)] {
          try FileManager.default.setAttributes(
            [.posixPermissions: mode], ofItemAtPath: stage.path("secret"))
          let outcome = try await stage.unprivileged(
            "tally-verifier",
            [
              "check", "--license", stage.path("secret"), "--release", office.release,
              "--running", VendorOffice.version,
            ] + office.trust)
          #expect(outcome.status == status, "\(outcome.said)")
          #expect(status == 0 || outcome.errors.contains("secret"), "\(outcome.said)")
        }
      }
    }

    @Test func `wrong usage is exit 64 and says what is wrong`() async throws {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        try await office.issue(.subscription, to: stage.path("good"))
        let good = ["--license", stage.path("good"), "--release", office.release]
        let cases: [(String, [String], String)] = [
          ("an unknown flag", good + ["--lisence", "x"] + office.trust, "--lisence"),
          ("an unknown format", good + ["--format", "xml"] + office.trust, "xml"),
          ("a version that is none", good + ["--running", "1 98"] + office.trust, "version"),
          ("no trust root", good + ["--running", "1.98.190"], "--trust-root"),
          ("a stray word", good + ["more"] + office.trust, "more"),
        ]
        #expect(cases.count == 5)
        for (name, arguments, word) in cases {
          let outcome = try await stage.run("tally-verifier", ["check"] + arguments)
          #expect(outcome.status == 64, "\(name): \(outcome.said)")
          #expect(outcome.errors.contains(word), "\(name): \(outcome.said)")
          #expect(outcome.output.isEmpty, "\(name): \(outcome.said)")
        }
        for program in Programs.names {
          for arguments in [["--no-such-flag"], ["no-such-command"]] {
            let outcome = try await stage.run(program, arguments)
            #expect(outcome.status == 64, "\(program) \(arguments): \(outcome.said)")
          }
        }
      }
    }

    @Test func `check writes nothing and needs no disk to write on`() async throws {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        try await office.issue(.subscription, to: stage.path("good"))
        let before = try FileManager.default.contentsOfDirectory(atPath: stage.folder.path)
        let (outcome, _) = try await stage.readOnly(
          "tally-verifier",
          [
            "check", "--license", stage.path("good"), "--release", office.release, "--running",
            VendorOffice.version,
          ] + office.trust)
        #expect(outcome.status == 0, "\(outcome.said)")
        let after = try FileManager.default.contentsOfDirectory(atPath: stage.folder.path)
        #expect(before.sorted() == after.sorted())
      }
    }
  }
}
