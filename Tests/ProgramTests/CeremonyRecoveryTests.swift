import Foundation
import Testing

extension ProgramTests {
  /// Revoking keys and licenses, as far as the installation that learns of it from a running gateway.
  @Suite(.serialized) struct CeremonyRecoveryTests {
    /// A vendor, a gateway, and a customer's activated installation under pay-as-you-go.
    struct Scene {
      let vendor: CeremonyVendor
      let site: Site
      let gateway: Daemon

      init(on stage: Stage) async throws {
        vendor = try await CeremonyVendor.open(on: stage)
        site = Site(stage: stage, office: vendor.office)
        try stage.write("keyset.tally", try await vendor.office.keyset())
        gateway = try await site.startGateway()
        try await site.install(gateway: gateway.port)
        let token = try await stage.done(
          "tally-gateway", ["token", "new", "--scope", "publish", "--state", "gateway"])
        try stage.write("token", token, mode: 0o600)
        try await publish()
        let activated = try await site.verifier(["activate"])
        guard activated.status == 0 else { throw TestFault(activated.said) }
        try await report()
      }

      /// Sends everything new to the gateway.
      @discardableResult
      func publish(meaning codes: [String] = []) async throws -> String {
        try await vendor.done(
          [
            "publish", "--to", "http://127.0.0.1:\(gateway.port)", "--token-file",
            vendor.stage.path("token"),
          ] + codes.flatMap { ["--yes", $0] })
      }

      /// The installation's daily job.
      func report() async throws {
        let outcome = try await site.verifier(["report"])
        guard outcome.status == 0 else { throw TestFault(outcome.said) }
      }

      /// What the platform is told when it starts.
      func verdict() async throws -> VerdictReport {
        try await vendor.stage.run(
          "tally-verifier",
          [
            "check", "--standing", "state/standing", "--release", vendor.office.release,
            "--running",
            VendorOffice.version, "--format", "json",
          ] + vendor.office.trust
        ).json(VerdictReport.self)
      }

      struct Issued: Decodable {
        struct License: Decodable {
          let jti: String
          let line: String
          let revision: Int
        }
        let state: String
        let kid: String
        let license: License
      }

      func licenses() async throws -> [Issued] {
        try await vendor.tally(["license", "list", "--format", "json"]).json([Issued].self)
      }
    }

    @Test func `a revoked license is refused where it runs, until a higher revision lifts it`()
      async throws
    {
      try await Stage.play { stage in
        let scene = try await Scene(on: stage)
        #expect(try await scene.verdict().verdict == "allow")
        let license = try #require(try await scene.licenses().first).license
        let secret = ["--passphrase-file", scene.vendor.office.passphraseFile]
        let revoked = try await scene.vendor.done(
          [
            "license", "revoke", license.jti, "--reason", "not paid", "--why", "case 19", "--yes",
            "LINE_STOPS",
          ] + secret)
        #expect(revoked.hasPrefix("revocations 1: 1 licenses"))
        #expect(try await scene.licenses().map(\.state) == ["revoked"])
        // Nobody knows before it is sent out.
        try await scene.report()
        #expect(try await scene.verdict().verdict == "allow")
        #expect(try await scene.publish().contains("revocations 1, 0 licenses"))
        try await scene.report()
        let dead = try await scene.verdict()
        #expect(dead.verdict == "deny" && dead.code == "LICENSE_REVOKED", "\(dead)")
        #expect(dead.findings.first?.message.contains("not paid") == true, "\(dead)")
        // By hand as well: the block appended to the license file.
        try await scene.vendor.done(["revocations", "export", "--out", stage.path("v.revocations")])
        try stage.write(
          "hand.license", try stage.text("payg.license") + (try stage.text("v.revocations")))
        let byHand = try await scene.vendor.check("hand.license")
        #expect(byHand.findings.contains { $0.code == "LICENSE_REVOKED" }, "\(byHand)")
        // A second document keeps what the first said.
        let again = try await scene.vendor.tally(
          ["license", "revoke", license.jti, "--reason", "again"] + secret)
        #expect(again.status == 2, "\(again.said)")
        try await scene.vendor.done(
          [
            "license", "renew", license.line, "--years", "1", "--basis", "today", "--why", "paid",
            "--yes", "REVOCATION_LIFTED",
          ] + secret)
        try await scene.publish()
        try await scene.report()
        let lifted = try await scene.verdict()
        #expect(lifted.verdict == "allow", "\(lifted)")
        #expect(try await scene.vendor.audit())
      }
    }

    @Test func `after a stolen key the old license is dead, and the copy lives`() async throws {
      try await Stage.play { stage in
        let scene = try await Scene(on: stage)
        let vendor = scene.vendor
        let old = vendor.office.keys["license"] ?? ""
        try await vendor.office.issue(.subscription, to: stage.path("other.license"))
        let new = try await vendor.newKey("license")
        let revoked = try await vendor.tally(
          ["key", "revoke", old, "--reason", "copied from a laptop", "--why", "case 17"])
        #expect(revoked.status == 0, "\(revoked.said)")
        for license in try await scene.licenses() {
          #expect(revoked.errors.contains(license.license.jti), "\(revoked.said)")
        }
        let keyset = try await vendor.nextKeyset("2", by: ["a", "c"])
        #expect(keyset.output.contains("revokes key \(old)"), "\(keyset.said)")
        #expect(keyset.output.contains("copied from a laptop"), "\(keyset.said)")
        #expect(!keyset.errors.contains("question"), "in the order of the page: \(keyset.said)")
        let early = try await vendor.tally(["publish", "--to", stage.path("early")])
        #expect(early.status == 1 && early.errors.contains("LICENSES_DIE"), "\(early.said)")
        for part in ["2 licenses", "ACME Ltd", "--signed-by \(old) --key \(new)"] {
          #expect(early.errors.contains(part), "\(early.said)")
        }
        #expect(!FileManager.default.fileExists(atPath: stage.path("early")))
        try await vendor.done(
          [
            "license", "reissue", "--all", "--signed-by", old, "--key", new, "--why", "case 17",
            "--passphrase-file", vendor.office.passphraseFile,
          ])
        // Keyset and copies arrive together: there is no moment without a good license.
        #expect(try await scene.publish().contains("keyset 2, 2 licenses"))
        try await scene.report()
        let alive = try await scene.verdict()
        #expect(alive.verdict == "allow", "\(alive)")
        // The old files are dead wherever the keyset is known.
        let keysets = try await vendor.office.keyset()
        for name in ["payg.license", "other.license"] {
          try stage.write("dead.license", try stage.text(name) + keysets)
          let dead = try await vendor.check("dead.license")
          #expect(dead.verdict == "deny" && dead.code == "KEY_REVOKED", "\(name): \(dead)")
        }
        let copies = try await scene.licenses().filter { $0.kid == new }
        #expect(copies.count == 2 && copies.allSatisfy { $0.license.revision == 2 })
        #expect(try await vendor.audit())
      }
    }

    @Test func `a stolen revocation key is revoked, and the list begins anew under another`()
      async throws
    {
      try await Stage.play { stage in
        let scene = try await Scene(on: stage)
        let vendor = scene.vendor
        let secret = ["--passphrase-file", vendor.office.passphraseFile]
        let license = try #require(try await scene.licenses().first).license.jti
        try await vendor.done(
          ["license", "revoke", license, "--reason", "not paid", "--yes", "LINE_STOPS"] + secret)
        try await scene.publish()
        try await scene.report()
        #expect(try await scene.verdict().code == "LICENSE_REVOKED")
        let old = vendor.office.keys["revocation"] ?? ""
        _ = try await vendor.newKey("revocation")
        try await vendor.done(["key", "revoke", old, "--reason", "stolen"])
        try await vendor.nextKeyset("2")
        // With the key its document counts as never seen.
        #expect(try await scene.publish().contains("keyset 2, 0 licenses"))
        try await scene.report()
        #expect(try await scene.verdict().verdict == "allow")
        let issued = try await vendor.done(["revocations", "issue", "--why", "case 20"] + secret)
        #expect(issued.hasPrefix("revocations 2: 1 licenses"))
        try await scene.publish()
        try await scene.report()
        #expect(try await scene.verdict().code == "LICENSE_REVOKED")
        #expect(try await vendor.audit())
      }
    }
  }
}
