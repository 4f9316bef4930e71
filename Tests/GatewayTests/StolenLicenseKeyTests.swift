import Gateway
import Libcrypto
import LibcryptoIssuing
import Licensing
import Reporting
import Sealing
import Testing
import TestSupport

/// What a thief can do with a license key, who activates an installation of his own under another
/// customer's line.
@Suite struct StolenLicenseKeyTests {
  private static func activate(_ license: License, at site: TestSite) async throws {
    let installation = try TestInstallation(license: license.jti, root: site.vendor.trust.root)
    _ = try await site.gateway.activations.activate(
      ActivationRequest(
        license: try site.vendor.jws(license), enrolment: try installation.enrolment()))
  }

  @Test func `a license that was only shown governs nothing beside published ones`() async throws {
    try await TestSite.play(installations: 2) { site in
      _ = try await site.gateway.publications.publish(Publication(licenses: [site.licenseText]))
      let forged = try TestSite.payg("f", revision: 900, installations: 1, leaseHours: 1)
      try await Self.activate(forged, at: site)
      let line = site.license.line
      let shelf = LicenseShelf(site.store, site.gateway.trust)
      let terms = try await shelf.terms(of: line)
      #expect(terms.licenses.count == 2, "it is kept: records may name it")
      #expect(terms.inForce(at: TestSite.noon)?.payload.jti == site.license.jti)
      #expect(
        terms.leaseThrough(at: TestSite.noon, word: TestSite.noon)
          == TestSite.noon + 72 * 3600)
      // The second seat of the published license is there.
      let answer = try await site.activate(try site.installation())
      #expect(try ActivationTests.open(answer, site).revision == 1)
    }
  }

  @Test func `where nothing is published, or only what has not begun, the one shown governs`()
    async throws
  {
    try await TestSite.play { site in
      _ = try await site.activated()
      let shelf = LicenseShelf(site.store, site.gateway.trust)
      let line = site.license.line
      #expect(try await shelf.terms(of: line).inForce(at: TestSite.noon)?.payload == site.license)
      let renewal = try TestSite.payg(
        "2", revision: 2, from: "2027-11-01", through: "2028-10-31")
      _ = try await site.gateway.publications.publish(
        Publication(licenses: [try site.vendor.jws(renewal)]))
      let later = LicenseShelf(site.store, site.gateway.trust)
      let terms = try await later.terms(of: line)
      #expect(terms.inForce(at: TestSite.noon)?.payload == site.license)
      #expect(terms.inForce(at: TestSite.noon + 366 * 86_400)?.payload == renewal)
    }
  }

  @Test func `the vendor publishes over what a thief has shown`() async throws {
    try await TestSite.play { site in
      // Another customer, another zone, the name and the revision of the license to come.
      try await Self.activate(
        try TestSite.payg("1", revision: 1, sub: "cus_9", zone: "Asia/Shanghai"), at: site)
      try await Self.activate(
        try TestSite.payg("f", line: "lin_2", revision: 4, sub: "cus_9"), at: site)
      let second = try TestSite.payg("2", line: "lin_2", revision: 4)
      let standing = try await site.gateway.publications.publish(
        Publication(licenses: [site.licenseText, try site.vendor.jws(second)]))
      #expect(standing.licenses == 2)
      let shelf = LicenseShelf(site.store, site.gateway.trust)
      let terms = try await shelf.terms(of: site.license.line)
      #expect(terms.inForce(at: TestSite.noon)?.payload == site.license)
      #expect(terms.licenses.map(\.payload) == [site.license], "the forged one gave way")
      let other = try await shelf.terms(of: second.line)
      #expect(other.inForce(at: TestSite.noon)?.payload == second)
      #expect(other.published == [second.jti])
      // What was published stays as it is, whatever is shown after.
      let refused = try await problem {
        try await Self.activate(
          try TestSite.payg("3", revision: 7, sub: "cus_9"), at: site)
      }
      #expect(refused.code == .conflict)
    }
  }
}
