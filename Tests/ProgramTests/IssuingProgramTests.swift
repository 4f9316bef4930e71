import Foundation
import Testing

extension ProgramTests {
  @Suite(.serialized) struct IssuingTests {
    @Test func `tally issues all four editions, and check judges each`() async throws {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        for edition in Edition.allCases {
          let file = stage.path("\(edition).license")
          try await office.issue(edition, to: file)
          let outcome = try await office.check(file, on: stage)
          let report = try outcome.json(VerdictReport.self)
          switch edition {
          case .payg:
            #expect(outcome.status == 1, "\(outcome.said)")
            #expect(report.verdict == "deny" && report.code == "NOT_ACTIVATED", "\(report)")
          case .subscription, .perpetual, .community:
            #expect(outcome.status == 0, "\(edition) \(outcome.said)")
            #expect(report.verdict == "allow", "\(edition) \(report)")
          }
        }
        #expect(Edition.allCases.count == 4)
      }
    }

    @Test func `a license file brings its keysets first and the license last`() async throws {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        try await office.issue(.community, to: stage.path("c.license"))
        let begins = try stage.text("c.license").split(separator: "\n").filter {
          $0.hasPrefix("-----BEGIN")
        }
        #expect(begins.first == "-----BEGIN TALLY KEYSET-----")
        #expect(begins.last == "-----BEGIN TALLY LICENSE-----")
        #expect(begins.count == 2)
      }
    }

    @Test func `a failed issue leaves no file and no license`() async throws {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        let before = try await office.tally(["license", "list", "--registry", office.registry])
        let base = [
          "license", "issue", "--edition", "subscription", "--customer", office.customer,
          "--product", VendorOffice.product, "--from", Day.today(), "--yes", "--out",
          stage.path("x.license"),
        ]
        let zone = ["--zone", VendorOffice.zone]
        let bad: [(String, [String])] = [
          ("no collectors and no term", zone),
          ("a term of no years", zone + ["--years", "0", "--collectors", "5"]),
          ("a zone that is none", ["--years", "1", "--collectors", "5", "--zone", "Mars/Base"]),
          (
            "a price of the wrong edition",
            zone + ["--years", "1", "--collectors", "5", "--price", "CNY 1.20"]
          ),
        ]
        #expect(bad.count == 4)
        for (name, more) in bad {
          let outcome = try await stage.run("tally", base + more + office.signing)
          #expect(outcome.status != 0, "\(name): \(outcome.said)")
          #expect(outcome.output.isEmpty && !outcome.errors.isEmpty, "\(name): \(outcome.said)")
          #expect(!outcome.errors.contains("question"), "\(name): \(outcome.said)")
          #expect(!FileManager.default.fileExists(atPath: stage.path("x.license")), "\(name)")
        }
        let after = try await office.tally(["license", "list", "--registry", office.registry])
        #expect(before == after)
      }
    }

    @Test func `a key file that others can read is refused, with the cure`() async throws {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        let pem = office.pem("license")
        let attributes = { (mode: Int) in
          try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: pem)
        }
        try attributes(0o644)
        let outcome = try await stage.run(
          "tally",
          [
            "license", "issue", "--edition", "community", "--customer", office.customer,
            "--product", VendorOffice.product, "--zone", VendorOffice.zone, "--yes", "--out",
            stage.path("x.license"),
          ] + office.signing)
        try attributes(0o600)
        #expect(outcome.status == 2, "\(outcome.said)")
        #expect(outcome.errors.contains("600"), "\(outcome.said)")
        #expect(outcome.errors.contains(".pem"), "\(outcome.said)")
        #expect(!FileManager.default.fileExists(atPath: stage.path("x.license")))
      }
    }

    @Test func `a wrong passphrase signs nothing, and is not shown`() async throws {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        let arguments = [
          "license", "issue", "--edition", "community", "--customer", office.customer,
          "--product", VendorOffice.product, "--zone", VendorOffice.zone, "--yes", "--out",
          stage.path("x.license"), "--registry", office.registry, "--passphrase-file", "p",
        ]
        try stage.write("p", "hunter2-is-wrong\n", mode: 0o600)
        let wrong = try await stage.run("tally", arguments)
        #expect(wrong.status == 2, "\(wrong.said)")
        #expect(wrong.errors.contains("passphrase"), "\(wrong.said)")
        #expect(!wrong.said.contains("hunter2"), "\(wrong.said)")
        try stage.write("p", VendorOffice.passphrase, mode: 0o644)
        let loose = try await stage.run("tally", arguments)
        #expect(loose.status == 2 && loose.errors.contains("600"), "\(loose.said)")
        #expect(!FileManager.default.fileExists(atPath: stage.path("x.license")))
        try FileManager.default.removeItem(atPath: stage.path("p"))
        let missing = try await stage.run("tally", arguments)
        #expect(missing.status != 0 && missing.errors.contains("p"), "\(missing.said)")
      }
    }
  }
}
