import Foundation
import Testing

extension ProgramTests {
  /// A stolen license key, at an installation that knows that it was revoked before the license was issued
  /// anew: nobody goes there, and it heals by itself.
  @Suite(.serialized) struct StolenKeyProgramTests {
    /// By which way the keyset that revokes the key comes before everything else.
    enum Way: String, CaseIterable { case releaseFile, report }

    private struct Status: Decodable {
      struct License: Decodable {
        let revision: Int
        let verifies: Bool
      }
      let license: License
    }

    @Test(arguments: Way.allCases)
    func `an installation that learnt too early that its license's key is dead heals by itself`(
      way: Way
    ) async throws {
      try await Stage.play { stage in
        let scene = try await CeremonyRecoveryTests.Scene(on: stage)
        let site = scene.site
        let first = try await site.startVerifier()
        try await Self.count("a", first, site, peak: 1)
        let (old, new) = try await Self.revoke(scene)
        switch way {
        case .releaseFile:
          let file = try stage.text("office/platform.release")
          try stage.write(
            "office/platform.release", file + (try await scene.vendor.office.keyset()))
        case .report:
          try await scene.publish(meaning: ["LICENSES_DIE"])
          try await eventually("the keyset arrives") {
            try await scene.verdict().code == "KEY_REVOKED"
          }
        }
        #expect(try await first.stop() == 0, "\(first.errors)")
        let second = try await site.startVerifier()
        try await Self.expectAlive(scene, second)
        // Then the license is issued anew, and nobody does anything here.
        try await scene.vendor.done(
          [
            "license", "reissue", "--all", "--signed-by", old, "--key", new, "--why", "case 17",
            "--passphrase-file", scene.vendor.office.passphraseFile,
          ])
        try await scene.publish()
        try await eventually("it heals") { try await scene.verdict().verdict == "allow" }
        let status = try await site.verifier(["status", "--format", "json"]).json(Status.self)
        #expect(status.license.revision == 2 && status.license.verifies)
        #expect(try await site.usage().peak == 2)
        #expect(try await second.stop() == 0, "\(second.errors)")
      }
    }

    /// - Returns: the stolen key and the one in its place, once a keyset says so.
    private static func revoke(
      _ scene: CeremonyRecoveryTests.Scene
    ) async throws -> (old: String, new: String) {
      let old = scene.vendor.office.keys["license"] ?? ""
      let new = try await scene.vendor.newKey("license")
      try await scene.vendor.done(
        ["key", "revoke", old, "--reason", "copied from a laptop", "--why", "case 17"])
      try await scene.vendor.nextKeyset("2", by: ["a", "c"])
      return (old, new)
    }

    private static func count(
      _ name: String, _ daemon: Daemon, _ site: Site, peak: Int
    ) async throws {
      try await HTTP.usageTrace(name, cores: 1, to: daemon.address)
      try await eventually("\(name) is counted") { try await site.usage().peak == peak }
    }

    /// While no license verifies: it says so, it is ready, it counts, it reports.
    private static func expectAlive(
      _ scene: CeremonyRecoveryTests.Scene, _ daemon: Daemon
    ) async throws {
      let site = scene.site
      let dead = try await scene.verdict()
      #expect(dead.verdict == "deny" && dead.code == "KEY_REVOKED", "\(dead)")
      #expect(try await HTTP.get("\(daemon.address)/readyz").status == 200)
      try await count("b", daemon, site, peak: 2)
      let report = try await site.verifier(["report"])
      #expect(report.status == 0 && report.output.contains("RECEIPTED"), "\(report.said)")
      #expect(try await site.installations().first?.peak == 2)
      let (outcome, doctor) = try await DoctorTests.run(site)
      #expect(outcome.status == 1, "\(outcome.said)")
      let license = try doctor.of("license")
      #expect(license.state == "fail" && license.what.hasPrefix("KEY_REVOKED"), "\(license)")
      for name in ["activation", "gateway", "reports", "zone"] {
        let check = try doctor.of(name)
        #expect(check.state == "ok", "\(check)")
      }
      let status = try await site.verifier(["status"])
      #expect(status.output.contains("it no longer verifies"), "\(status.said)")
      for words in [
        ["usage", "show"], ["usage", "explain"], ["usage", "verify"], ["activate"],
        ["usage", "export", "--out", scene.vendor.stage.path("by-hand.bundle")],
      ] {
        let outcome = try await site.verifier(words)
        #expect(outcome.status == 0, "\(words): \(outcome.said)")
      }
    }
  }
}
