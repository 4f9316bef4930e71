import Foundation
import Testing

extension ProgramTests {
  /// One customer's license in another customer's hands, with the whole programs.
  @Suite(.serialized) struct OtherCustomerTests {
    struct Verdict: Decodable {
      struct Finding: Decodable {
        let code: String
        let severity: String
      }
      let verdict: String
      let findings: [Finding]
    }

    /// What the start-up check of an installation says of a license file.
    static func check(_ license: String, _ standing: String, _ site: Site) async throws -> Verdict {
      let outcome = try await site.stage.run(
        "tally-verifier",
        [
          "check", "--license", license, "--standing", standing, "--release", site.office.release,
          "--running", VendorOffice.version, "--format", "json",
        ] + site.office.trust)
      return try outcome.json(Verdict.self)
    }

    /// A second customer's license and verifier, which is activated.
    static func neighbour(_ site: Site, _ gateway: Daemon) async throws -> CloneTests.Copy {
      let office = site.office
      let customer = try await office.tally([
        "customer", "add", "Neighbour \(UUID().uuidString)", "--registry", office.registry,
      ]).trimmingCharacters(in: .whitespacesAndNewlines)
      try await office.tally(
        [
          "license", "issue", "--edition", "payg", "--customer", customer, "--product",
          VendorOffice.product, "--zone", VendorOffice.zone, "--from", Day.today(-2), "--years",
          "1",
        ] + Edition.usage(gateway: gateway.address) + [
          "--yes", "--out", site.stage.path("own.license"),
        ] + office.signing)
      let copy = CloneTests.Copy(site: site, state: "neighbour")
      let installed = try await copy.verifier(["license", "install", "own.license"])
      #expect(installed.status == 0, "\(installed.said)")
      let activated = try await copy.verifier(["activate"])
      #expect(activated.status == 0, "\(activated.said)")
      return copy
    }

    /// A standing whose activation is that of another one: the documents are right, each for itself.
    static func splice(_ member: String, of other: String, into own: String, _ stage: Stage) throws
    {
      func object(_ name: String) throws -> [String: Any] {
        try #require(
          try JSONSerialization.jsonObject(with: stage.data(name)) as? [String: Any])
      }
      var standing = try object(own)
      let theirs = try object(other)
      #expect(theirs.keys.contains(member) && standing.keys.contains(member))
      standing[member] = theirs[member]
      let bytes = try JSONSerialization.data(withJSONObject: standing)
      try stage.write("spliced", String(decoding: bytes, as: UTF8.self))
    }

    @Test func `another customer's license starts nothing, activates nothing and is seen`()
      async throws
    {
      try await Stage.play { stage in
        let (site, verifier, gateway) = try await ReplaceTests.counting(stage, peak: 2)
        let thief = try await Self.neighbour(site, gateway)
        let own = "\(thief.state)/standing"
        // Each with its own: both may run.
        for (license, standing) in [("payg.license", "state/standing"), ("own.license", own)] {
          let verdict = try await Self.check(license, standing, site)
          #expect(verdict.verdict == "allow", "\(verdict)")
        }
        // The stolen file beside the thief's own standing.
        let stolen = try await Self.check("payg.license", own, site)
        #expect(stolen.verdict == "deny", "\(stolen)")
        #expect(
          stolen.findings.contains { $0.code == "WRONG_INSTALLATION" && $0.severity == "deny" },
          "\(stolen)")
        // And with the activation of the one that it was stolen from put into it.
        try Self.splice("activation", of: "state/standing", into: own, stage)
        let spliced = try await Self.check("payg.license", "spliced", site)
        #expect(spliced.verdict == "deny", "\(spliced)")
        // The gateway gives its seat to nobody else, whatever folder asks.
        let fresh = CloneTests.Copy(site: site, state: "fresh")
        let installed = try await fresh.verifier(["license", "install", "payg.license"])
        #expect(installed.status == 0, "\(installed.said)")
        let refused = try await fresh.verifier(["activate"])
        #expect(refused.status == 1 && refused.said.contains("NO_SEAT"), "\(refused.said)")
        let unactivated = try await Self.check("payg.license", "fresh/standing", site)
        #expect(unactivated.findings.first?.code == "NOT_ACTIVATED", "\(unactivated)")
        #expect(try await verifier.stop() == 0)
      }
    }
  }
}
