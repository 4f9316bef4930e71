import Billing
import CivilTime
import Gateway
import LibcryptoIssuing
import Licensing
import Metering
import Reporting
import Sealing
import Testing
import TestSupport

/// A date that was receipted is never billed again by less.
@Suite(.everyStore) struct ClosedDateTests {
  static func findings(
    _ site: TestSite, _ installation: TestInstallation
  ) async throws -> Set<LedgerFinding.Code> {
    let name = installation.thumbprint
    return Set(try await site.store.read { try $0.findings(of: name) }.map(\.code))
  }

  static func line(_ site: TestSite, _ date: String) async throws -> StatementLine? {
    let month = try TestSite.some(Month("2026-11"))
    let statement = try await site.gateway.statements.statement(of: site.license.line, in: month)
    return statement.lines.first { $0.date.description == date }
  }

  /// Adds a record that nobody here understands; the next one attests it.
  static func addUnknown(to installation: inout TestInstallation) throws {
    let record = try installation.next(peak: 2, after: 60)
    let payload: JSONValue = .object(
      [JSONMember("ver", .integer(2))] + record.members + [JSONMember("new", .integer(1))])
    try installation.take(
      sealed: try ReportTests.unsignedRecord(payload, by: installation.thumbprint),
      seq: record.seq)
  }

  @Test func `a date far ahead of the clock closes itself and none before it, once`() async throws {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try installation.go(to: "2026-12-24")
      try installation.day(peak: 1)
      try installation.go(to: "2026-11-21")
      try installation.day(peak: 9)
      let answer = try await site.report(installation, installation.records)
      #expect(answer.results.map(\.status) == [.stored, .stored])
      #expect(try await Self.findings(site, installation).contains(.clockAhead))
      #expect(try await Self.line(site, "2026-11-21")?.quantity == 9)
      // The date itself comes to pass.
      site.clock.set(try DateCloserTests.midnight("2026-12-25"))
      try installation.go(to: "2026-12-24")
      let head = try await site.store.state(of: installation.thumbprint)?.head
      #expect(head?.closed?.date.description == "2026-11-21")
      try ClosedDateTests.addUnknown(to: &installation)
      try installation.day(peak: 500)
      let again = try await site.report(installation, Array(installation.records[2...]))
      #expect(again.results.map(\.status) == [.quarantined, .quarantined])
      #expect(again.results.map(\.code) == ["UNSUPPORTED_VERSION", "DATE_CLOSED"])
    }
  }

  @Test func `a record that is not understood does not open a closed date again`() async throws {
    try await TestSite.play { site in
      site.clock.advance(86_400)
      var installation = try await site.activated()
      try installation.take(try installation.next(peak: 500, after: 0, closing: true))
      _ = try await site.report(installation, installation.records)
      try await site.restart()
      try Self.addUnknown(to: &installation)
      try installation.take(try installation.next(peak: 1, after: 0, closing: true))
      try installation.sample(peak: 2, after: 60)
      let answer = try await site.report(installation, Array(installation.records[1...]))
      #expect(answer.results.map(\.status) == [.quarantined, .quarantined, .quarantined])
      #expect(answer.results.map(\.code) == ["UNSUPPORTED_VERSION", "DATE_CLOSED", "DATE_CLOSED"])
      #expect(try await Self.findings(site, installation) == [.quarantined, .dateClosed])
      #expect(try await Self.line(site, "2026-11-21")?.quantity == 500)
      installation.advance()
      installation.advance()
      try installation.sample(peak: 3, after: 60)
      let later = try await site.report(installation, [installation.records[4]])
      #expect(later.results.map(\.status) == [.stored], "only the exact beginning is waived")
    }
  }

  @Test func `the next date under the name of a closed one is quarantined`() async throws {
    try await TestSite.play { site in
      site.clock.advance(2 * 86_400)
      var installation = try await site.activated()
      let closed = installation.date
      try installation.day(peak: 500)
      var record = try installation.next(peak: 1, after: 0, closing: true)
      record.date = closed
      try installation.take(record)
      let answer = try await site.report(installation, installation.records)
      #expect(answer.results.map(\.code) == [nil, "DATE_CLOSED"])
      #expect(try await Self.line(site, "2026-11-21")?.quantity == 500)
    }
  }

  @Test(arguments: [true, false])
  func `a day record below a receipted sample is found and billed by the sample`(
    together: Bool
  ) async throws {
    try await TestSite.play { site in
      site.clock.advance(86_400)
      var installation = try await site.activated()
      try installation.sample(peak: 500, after: 60)
      try installation.sample(peak: 3, after: 120)
      if !together { _ = try await site.report(installation, installation.records) }
      try installation.day(peak: 1)
      let answer = try await site.report(installation, installation.records)
      #expect(answer.results.last?.status == .stored)
      #expect(try await Self.findings(site, installation) == [.peakLowered])
      let line = try await Self.line(site, "2026-11-21")
      #expect(line?.basis == .day)
      #expect(line?.peak == 1)
      #expect(line?.sampledPeak == 500)
      #expect(line?.rule?.identity == "datakit:hostname")
      #expect(line?.quantity == 500)
    }
  }

  @Test func `a record with another revision than its license has is quarantined`() async throws {
    try await TestSite.play { site in
      var installation = try await site.activated()
      installation.revision = 2
      try installation.sample(peak: 5, after: 60)
      let answer = try await site.report(installation, installation.records)
      #expect(answer.results.map(\.status) == [.quarantined])
      #expect(answer.results.map(\.code) == ["REVISION_MISMATCH"])
      #expect(
        try await Self.findings(site, installation) == [.quarantined, .revisionMismatch])
    }
  }

  @Test func `a license reissued after its key was revoked arrives by itself`() async throws {
    try await TestSite.play { site in
      let installation = try await site.activated()
      let fresh = try VendorKey.generate(.edDSA)
      let old = site.vendor.trust.keyset
      let stolen = try site.vendor.key(.license).thumbprint
      let payload = Keyset(
        iss: old.iss, epoch: 2, iat: old.iat, roots: old.roots,
        keys: old.keys.filter { $0.use != .license } + [
          OnlineKey(
            key: fresh.publicKey, use: .license, from: 0, through: 253_402_300_799,
            constraints: KeyConstraints())
        ], revoked: [RevokedKey(kid: stolen, at: TestSite.noon, reason: "stolen")]
      ).json.serialized
      let keyset = KeysetDocument.text(
        payload: payload, signatures: [try site.vendor.root.signKeyset(payload)])
      let reissued = try fresh.seal(try TestSite.payg("2", revision: 2))
      _ = try await site.gateway.publications.publish(
        Publication(licenses: [reissued], keysets: [keyset]))
      let answer = try await site.report(
        installation, [], alive: try installation.alive(at: TestSite.noon),
        have: Holdings(revision: 1, epoch: 1))
      #expect(answer.delivery.licenses == [reissued])
      #expect(answer.delivery.keysets == [keyset])
    }
  }

  @Test func `a newer license shown again with a known key is kept`() async throws {
    try await TestSite.play { site in
      let installation = try await site.activated()
      let newer = try TestSite.payg("2", revision: 2)
      let request = ActivationRequest(
        license: try site.vendor.jws(newer),
        enrolment: try installation.enrolment(license: newer.jti))
      _ = try await site.gateway.activations.activate(request)
      let stored = try await site.store.read { try $0.license(newer.jti) }
      #expect(stored?.revision == 2)
    }
  }

  @Test func `nobody activates while the license in force of the line is revoked`() async throws {
    try await TestSite.play(installations: 2) { site in
      let newer = try TestSite.payg("2", revision: 2)
      let revocations = try site.vendor.jws(
        Revocations(
          iss: site.vendor.iss, iat: TestSite.noon, seq: 1,
          revoked: [Revocations.Entry(jti: newer.jti, at: TestSite.noon, reason: "unpaid")]))
      _ = try await site.gateway.publications.publish(
        Publication(licenses: [try site.vendor.jws(newer)], revocations: revocations))
      let refused = try await problem { try await site.activate(try site.installation()) }
      #expect(refused.code == .licenseRevoked)
    }
  }
}
