import Foundation
import Testing

extension ProgramTests {
  /// What the keeper of a root is shown, and can hold the draft against, before the key is used.
  @Suite(.serialized) struct CeremonySignTests {
    private struct Shown: Decodable {
      let epoch: Int
      let iat: Int
      let digest: String
      let previous: Int?
      let previous_iat: Int?
      let complete: Bool
    }

    private func offline(
      _ vendor: CeremonyVendor, _ machine: String, _ draft: String, _ out: String,
      _ more: [String]
    ) async throws -> Outcome {
      try await vendor.offline(
        machine,
        [
          "keyset", "sign", "--draft", vendor.file(draft), "--key", "root.pem",
          "--passphrase-file", "passphrase", "--trust-root", vendor.office.root, "--out",
          vendor.file(out),
        ] + more)
    }

    @Test func `a digest that was noted lets one draft be signed and no other`() async throws {
      try await Stage.play { stage in
        let vendor = try await CeremonyVendor.open(on: stage)
        let words = try await vendor.draft("2.draft")
        let shown = try await vendor.offline(
          "a",
          [
            "keyset", "show", "--draft", stage.path("2.draft"), "--trust-root",
            vendor.office.root, "--format", "json",
          ]
        ).json(Shown.self)
        #expect(shown.epoch == 2 && shown.previous == 1 && !shown.complete)
        #expect(shown.iat >= (shown.previous_iat ?? .max))
        #expect(words.contains("digest: \(shown.digest)"))
        _ = try await vendor.newKey("license")
        try await vendor.draft("other.draft")
        let other = try await offline(
          vendor, "a", "other.draft", "x.draft", ["--digest", shown.digest])
        #expect(other.status == 1 && other.errors.contains("another draft"), "\(other.said)")
        #expect(!FileManager.default.fileExists(atPath: stage.path("x.draft")))
        let mine = try await offline(
          vendor, "a", "2.draft", "2-a.draft", ["--digest", shown.digest, "--after", "1"])
        #expect(mine.status == 0 && mine.output.contains("digest: \(shown.digest)"), "\(mine.said)")
        #expect(
          mine.output.contains("dated 20") && mine.output.contains("after keyset 1, dated 20"))
        #expect(!mine.errors.contains("enough roots"), "\(mine.said)")
        // A wrong passphrase: what it changes has been shown all the same, and nothing is made.
        try stage.write("wrong", "wrong\n", mode: 0o600)
        let wrong = try await vendor.offline(
          "b",
          [
            "keyset", "sign", "--draft", stage.path("2-a.draft"), "--key", "root.pem",
            "--passphrase-file", stage.path("wrong"), "--trust-root", vendor.office.root, "--out",
            stage.path("y.draft"),
          ])
        #expect(wrong.status == 2 && wrong.output.contains("keyset 2 of"), "\(wrong.said)")
        #expect(!FileManager.default.fileExists(atPath: stage.path("y.draft")))
      }
    }

    @Test func `a draft that is complete says so, and its number is left out when thrown away`()
      async throws
    {
      try await Stage.play { stage in
        let vendor = try await CeremonyVendor.open(on: stage)
        try await vendor.draft("2.draft")
        try await vendor.sign("2.draft", by: "a", to: "2-a.draft")
        let complete = try await offline(vendor, "b", "2-a.draft", "2-ab.draft", [])
        #expect(complete.status == 0, "\(complete.said)")
        #expect(
          complete.errors.contains("enough roots") && complete.errors.contains("--epoch 3"),
          "\(complete.said)")
        let words = try await vendor.draft("3.draft", ["--epoch", "3"])
        #expect(words.contains("leaves out the number 2"))
        // Who signed keyset 2 as published is told that this one leads on from keyset 1.
        let after = try await offline(vendor, "a", "3.draft", "3-a.draft", ["--after", "2"])
        #expect(after.status == 1 && after.errors.contains("keyset 2 is known"), "\(after.said)")
        for machine in ["a", "c"] {
          let signed = try await offline(
            vendor, machine, "3.draft", "3-\(machine).draft", ["--after", "1"])
          #expect(signed.status == 0, "\(signed.said)")
        }
        let done = try await vendor.publish(["3-a.draft", "3-c.draft"])
        #expect(done.output.contains("keyset 3 of") && done.output.contains("digest: "))
        let late = try await vendor.publishing(["2-ab.draft"])
        #expect(late.status == 1, "\(late.said)")
        #expect(try await vendor.audit())
      }
    }

    @Test func `a name that begins with a hyphen is a name in every command`() async throws {
      try await Stage.play { stage in
        let vendor = try await CeremonyVendor.open(on: stage)
        // `-h` in front would end the command with its help, and with status 0.
        let name = "-h" + String(repeating: "A", count: 41)
        let registry = [
          ["key", "revoke", name, "--reason", "x"], ["key", "retire", name],
          ["key", "restore", name], ["key", "export", name],
          ["keyset", "draft", "--out", stage.path("x.draft"), "--drop-root", name],
          [
            "keyset", "publish", "--root", "\(name)=\(vendor.office.passphraseFile)",
          ],
        ]
        #expect(registry.count == 6)
        for words in registry {
          let outcome = try await vendor.tally(words)
          #expect(outcome.status == 2, "\(words): \(outcome.said)")
          #expect(outcome.errors.contains(name) && !outcome.errors.contains("=" + name), "\(words)")
        }
        let sign = try await vendor.tally(
          [
            "license", "issue", "--edition", "community", "--customer", vendor.office.customer,
            "--product", "p", "--zone", "UTC", "--key", name, "--yes", "--passphrase-file",
            vendor.office.passphraseFile,
          ])
        #expect(sign.status == 2 && sign.errors.contains(name), "\(sign.said)")
        let staff = ["--by", "alice", "--why", "test"]
        let gateway = [
          ["installation", "show", name], ["installation", "release", name] + staff,
          ["installation", "replace", name, "--successor", name] + staff,
          ["installation", "close", name, "--through", "2026-11-01"] + staff,
          ["statement", "explain", name, "--date", "2026-11-01"],
        ]
        for words in gateway {
          let outcome = try await stage.run("tally-gateway", words + ["--state", "none"])
          // The name was read: what is missing is the ledger.
          #expect(outcome.status == 1, "\(words): \(outcome.said)")
          #expect(outcome.errors.contains("none holds no gateway's ledger"), "\(outcome.said)")
        }
        let activate = try await stage.run(
          "tally-verifier",
          ["activate", "--state", "state", "--replace", name] + vendor.office.trust)
        // The name was read: what is missing is the license.
        #expect(activate.status == 1, "\(activate.said)")
        #expect(activate.errors.contains("no license is left"), "\(activate.said)")
      }
    }
  }
}
