import Foundation
import Testing

extension ProgramTests {
  /// The ceremonies of Docs/Ceremonies.md, played with the programs as built.
  @Suite(.serialized) struct CeremonyTests {
    @Test func `three offline roots make the first keyset, and two of them suffice`() async throws {
      try await Stage.play { stage in
        let vendor = try await CeremonyVendor.begin(on: stage)
        let words = try await vendor.draft("1.draft", vendor.first)
        #expect(words.contains("asks for 2 of 3 roots"))
        #expect(words.contains("adds revocation key \(vendor.office.keys["revocation"] ?? "?")"))
        let shown = try await vendor.offline(
          "a",
          [
            "keyset", "show", "--draft", stage.path("1.draft"), "--trust-root",
            vendor.office.root,
          ])
        #expect(shown.status == 0 && shown.output.contains("keyset 1 of"), "\(shown.said)")
        for line in words.split(separator: "\n").dropLast() {
          #expect(shown.output.contains(line), "\(line)")
        }
        // One root's signature is one too few; both files together are enough.
        let signed = try await vendor.sign("1.draft", by: "a", to: "1-a.draft")
        #expect(signed.contains("1 of the 2 signatures"))
        let before = try await vendor.state()
        let early = try await vendor.publishing(["1-a.draft"])
        #expect(early.status == 1 && early.errors.contains("1 missing from"), "\(early.said)")
        #expect(early.errors.contains(vendor.roots["c"] ?? "?"), "\(early.said)")
        #expect(try await vendor.state() == before)
        try await vendor.sign("1.draft", by: "c", to: "1-c.draft")
        let done = try await vendor.publish(["1-a.draft", "1-c.draft"])
        #expect(done.output.hasPrefix("keyset 1 of https://license.vendor.example"))
        // As after a machine that died: publishing it again changes nothing, and says so.
        let after = try await vendor.state()
        let again = try await vendor.publish(["1-a.draft", "1-c.draft"])
        #expect(again.errors.contains("keyset 1 is published already"), "\(again.said)")
        #expect(try await vendor.state() == after)
        let root = try await vendor.done(["key", "root"])
        #expect(root == (try stage.text("office/root.jwks")))
        #expect(try await vendor.audit())
        // No private half of a root is on the signing machine.
        let list = try await vendor.done(["key", "list"])
        #expect(list.split(separator: "\n").filter { $0.hasSuffix("absent") }.count == 3)
      }
    }

    @Test func `a ceremony that is broken off leaves nothing, and one root counts once`()
      async throws
    {
      try await Stage.play { stage in
        let vendor = try await CeremonyVendor.open(on: stage)
        let before = try await vendor.state()
        let words = try await vendor.draft("2.draft")
        #expect(words.contains("keyset 2 of") && words.contains("after keyset 1"))
        try await vendor.sign("2.draft", by: "a", to: "2-a.draft")
        // The same root again, on its own signature or beside it.
        let again = try await vendor.signing("2-a.draft", by: "a", to: "2-aa.draft")
        #expect(again.status == 1 && again.errors.contains("counts once"), "\(again.said)")
        #expect(!FileManager.default.fileExists(atPath: stage.path("2-aa.draft")))
        try await vendor.sign("2.draft", by: "a", to: "2-a2.draft")
        let twice = try await vendor.publishing(["2-a.draft", "2-a2.draft"])
        #expect(twice.status == 1 && twice.errors.contains("1 of the 2"), "\(twice.said)")
        #expect(try await vendor.state() == before)
        // Thrown away: the next draft has the same epoch.
        let next = try await vendor.draft("2-new.draft")
        #expect(next.contains("keyset 2 of") && next.contains("after keyset 1"))
        #expect(try await vendor.state() == before)
        // One after the other, each on the file of the one before.
        try await vendor.sign("2-new.draft", by: "b", to: "2-b.draft")
        try await vendor.sign("2-b.draft", by: "c", to: "2-bc.draft")
        try await vendor.publish(["2-bc.draft"])
        #expect(try await vendor.epoch() == 2)
        // The first draft is stale now, and stays refused with all signatures.
        try await vendor.sign("2-a.draft", by: "b", to: "2-ab.draft")
        let after = try await vendor.state()
        let stale = try await vendor.publishing(["2-ab.draft"])
        // Of one second both drafts are the same bytes: those are published, and nothing is left to do.
        let isSame = FileManager.default.contentsEqual(
          atPath: stage.path("2.draft"), andPath: stage.path("2-new.draft"))
        #expect(stale.status == (isSame ? 0 : 1), "\(stale.said)")
        #expect(
          stale.errors.contains(isSame ? "published already" : "the next is 3"), "\(stale.said)")
        #expect(try await vendor.state() == after)
      }
    }

    @Test func `what is no draft, or not ours, is refused on the offline machine`() async throws {
      try await Stage.play { stage in
        let vendor = try await CeremonyVendor.open(on: stage)
        try await vendor.draft("2.draft")
        try await vendor.sign("2.draft", by: "a", to: "2-a.draft")
        // A letter of a block is turned; a text is none; a license is no draft.
        let text = try stage.text("2-a.draft")
        let turned = text.replacing("A", with: "B", maxReplacements: 9)
        try stage.write("damaged.draft", turned)
        try stage.write("text.draft", "no draft\n")
        try await vendor.office.issue(.community, to: stage.path("license.draft"))
        for name in ["damaged.draft", "text.draft", "license.draft"] {
          let refused = try await vendor.signing(name, by: "b", to: "out.draft")
          #expect(refused.status == 1, "\(name): \(refused.said)")
          #expect(!FileManager.default.fileExists(atPath: stage.path("out.draft")), "\(name)")
        }
        // Another vendor's root verifies nothing of it.
        try stage.write(
          "other.jwks", try await vendor.done(["key", "root"]).replacing("2}", with: "1}"))
        let other = try await vendor.offline(
          "c",
          [
            "keyset", "sign", "--draft", stage.path("2.draft"), "--key", "root.pem",
            "--passphrase-file", "passphrase", "--trust-root", stage.path("b.jwk"), "--out", "x",
          ])
        #expect(other.status == 2 || other.status == 1, "\(other.said)")
        // Not as another key than a root.
        let pem = vendor.office.pem("license")
        let notRoot = try await stage.run(
          "tally",
          [
            "keyset", "sign", "--draft", stage.path("2.draft"), "--key", pem, "--passphrase-file",
            vendor.office.passphraseFile, "--trust-root", vendor.office.root, "--out", "y.draft",
          ])
        #expect(notRoot.status == 1 && notRoot.errors.contains("neither a root"), "\(notRoot.said)")
      }
    }

    @Test func `keys overlap, and the old one goes when nothing needs it`() async throws {
      try await Stage.play { stage in
        let vendor = try await CeremonyVendor.open(on: stage)
        let old = vendor.office.keys["license"] ?? ""
        try await vendor.office.issue(.subscription, to: stage.path("old.license"))
        let new = try await vendor.newKey("license")
        let overlap = try await vendor.nextKeyset("2")
        #expect(overlap.output.contains("adds license key \(new)"))
        try await vendor.office.issue(.subscription, to: stage.path("new.license"))
        for name in ["old.license", "new.license"] {
          #expect(try await vendor.check(name).verdict == "allow", "\(name)")
        }
        // The old key is still needed: nothing is done.
        let before = try await vendor.state()
        let needed = try await vendor.tally(["key", "retire", old, "--why", "rotation"])
        #expect(needed.status == 2 && needed.errors.contains("--force"), "\(needed.said)")
        #expect(try await vendor.state() == before)
        try await vendor.done(
          [
            "license", "reissue", "--all", "--signed-by", old, "--key", new, "--why", "rotation",
            "--out-folder", stage.path("reissued"), "--passphrase-file",
            vendor.office.passphraseFile,
          ])
        try await vendor.done(["key", "retire", old, "--why", "rotation"])
        let without = try await vendor.nextKeyset("3", by: ["b", "c"])
        #expect(without.output.contains("removes license key \(old)"))
        let copy = try #require(
          try FileManager.default.contentsOfDirectory(atPath: stage.path("reissued")).first)
        #expect(try await vendor.check("reissued/\(copy)").verdict == "allow")
        // Who has the new keyset does not know the old key any more.
        try stage.write(
          "both.license", try stage.text("old.license") + (try await vendor.office.keyset()))
        let dead = try await vendor.check("both.license")
        #expect(dead.verdict == "deny" && dead.code == "UNKNOWN_KEY", "\(dead)")
        #expect(try await vendor.audit())
      }
    }

    @Test func `roots change by both thresholds, and old programs follow`() async throws {
      try await Stage.play { stage in
        var vendor = try await CeremonyVendor.open(on: stage)
        for machine in ["d", "e"] { try await vendor.makeRoot(machine) }
        let words = try await vendor.draft(
          "2.draft",
          [
            "--add-root", stage.path("d.jwk"), "--add-root", stage.path("e.jwk"), "--drop-root",
            vendor.roots["a"] ?? "", "--drop-root", vendor.roots["b"] ?? "", "--threshold", "2",
          ])
        for machine in ["d", "e"] {
          #expect(words.contains("adds root \(vendor.roots[machine] ?? "?")"))
        }
        for machine in ["a", "b"] {
          #expect(words.contains("removes root \(vendor.roots[machine] ?? "?")"))
        }
        for machine in ["a", "b", "d", "e"] {
          try await vendor.sign("2.draft", by: machine, to: "2-\(machine).draft")
        }
        let before = try await vendor.state()
        for (machines, whose) in [
          (["a", "b"], "the new roots"), (["d", "e"], "the roots in force"),
          (["a", "d"], "1 missing"), (["a", "b", "d"], "the new roots"),
        ] {
          let few = try await vendor.publishing(machines.map { "2-\($0).draft" })
          #expect(few.status == 1 && few.errors.contains(whose), "\(machines): \(few.said)")
        }
        #expect(try await vendor.state() == before)
        try await vendor.publish(["a", "b", "d", "e"].map { "2-\($0).draft" })
        // A root that left signs no more, the ones that came do, from the old root.jwks.
        try await vendor.draft("3.draft")
        let gone = try await vendor.signing("3.draft", by: "a", to: "3-a.draft")
        #expect(gone.status == 1, "\(gone.said)")
        for machine in ["c", "e"] {
          try await vendor.sign("3.draft", by: machine, to: "3-\(machine).draft")
        }
        try await vendor.publish(["3-c.draft", "3-e.draft"])
        try await vendor.office.issue(.community, to: stage.path("c.license"))
        // Programs with the old root and programs with the new one open the same file.
        #expect(try await vendor.check("c.license").verdict == "allow")
        try stage.write("new.jwks", try await vendor.done(["key", "root"]))
        let new = try await stage.run(
          "tally-verifier",
          [
            "check", "--license", "c.license", "--release", vendor.office.release, "--running",
            VendorOffice.version, "--trust-root", "new.jwks", "--format", "json",
          ])
        #expect(try new.json(VerdictReport.self).verdict == "allow", "\(new.said)")
        #expect(try await vendor.audit())
      }
    }

    @Test func `each of several roots at hand has its own passphrase`() async throws {
      try await Stage.play { stage in
        try stage.write("one", "first\n", mode: 0o600)
        try stage.write("two", "second\n", mode: 0o600)
        var roots: [String] = []
        for secret in ["one", "two"] {
          roots.append(
            try await stage.done(
              "tally",
              [
                "key", "new", "--use", "root", "--registry", "registry", "--passphrase-file",
                secret,
              ]
            ).trimmingCharacters(in: .whitespacesAndNewlines))
        }
        try await stage.done(
          "tally",
          [
            "key", "new", "--use", "license", "--registry", "registry", "--passphrase-file", "one",
          ])
        let publish = [
          "keyset", "publish", "--iss", "https://v.example", "--registry", "registry",
          "--threshold",
          "2",
        ]
        let wrong = try await stage.run("tally", publish + ["--passphrase-file", "one"])
        #expect(wrong.status == 2 && wrong.errors.contains("passphrase"), "\(wrong.said)")
        let few = try await stage.run("tally", publish + ["--root", "\(roots[0])=one"])
        #expect(few.status == 1, "\(few.said)")
        try await stage.done(
          "tally", publish + ["--root", "\(roots[0])=one", "--root", "\(roots[1])=two"])
      }
    }
  }
}
