import Authority
import Foundation
import Libcrypto
import Licensing
import Sealing
import Testing

/// What is asked before a keyset leaves that licenses in use die with.
@Suite struct DyingTests {
  private func newKey(_ office: Office, _ constraints: KeyConstraints = KeyConstraints()) throws
    -> Thumbprint
  {
    try office.authority.newKey(
      KeyOrder(role: .online(.license), constraints: constraints), passphrase: Office.secret(),
      why: "the next key"
    ).thumbprint
  }

  private func publish(_ office: Office) throws {
    _ = try office.authority.publishKeyset(
      iss: nil, threshold: nil, passphrase: Office.secret(), why: "case 17")
  }

  private func questions(_ office: Office, for target: String? = nil) throws -> [IssuingQuestion] {
    office.authority.questions(
      sending: try office.authority.plan(for: target), without: try office.authority.unbelieved())
  }

  @Test func `a keyset is not sent out while licenses in use die with it`() throws {
    let office = try Office()
    let old = try office.key(.online(.license)).thumbprint
    let sold = try office.issue(.subscription).payload
    _ = try office.issue(.payg)
    #expect(try questions(office).isEmpty)
    let new = try newKey(office)
    _ = try office.authority.revokeKey(old, reason: "stolen", why: "case 17")
    #expect(try questions(office).isEmpty, "nobody has been told of it yet")
    try publish(office)
    let asked = try questions(office)
    #expect(asked.map(\.code) == ["LICENSES_DIE"])
    for part in [
      "2 licenses", "keyset 2", sold.line.text, "ACME Ltd", "100 collectors", "2027-11-20",
      "tally license reissue --all --signed-by \(old) --key \(new)",
    ] { #expect(asked[0].message.contains(part), "\(asked[0].message)") }
    #expect(!Confirmation(isGeneral: true).confirms(asked[0]) && asked[0].chinese != nil)
    // One copy is not enough; a line that is revoked needs none.
    _ = try office.reissue(ReissueOrder(names: [.line(sold.line)], key: new))
    #expect(try questions(office).first?.message.hasPrefix("1 license in force") == true)
    _ = try office.reissue(ReissueOrder(signedBy: old, key: new))
    #expect(try questions(office).isEmpty)
  }

  @Test func `who has the keyset already is not asked about, and no revoked line is`() throws {
    let office = try Office()
    let old = try office.key(.online(.license)).thumbprint
    let sold = try office.issue(.subscription).payload
    _ = try newKey(office)
    _ = try office.authority.retireKey(old, force: true, why: "")
    try publish(office)
    let target = "https://usage.vendor.example"
    #expect(try questions(office, for: target).map(\.code) == ["LICENSES_DIE"])
    try office.authority.markPublished(
      office.authority.plan(for: target), at: target, why: "meant")
    #expect(try questions(office, for: target).isEmpty)
    _ = try office.authority.revokeLicenses(
      [sold.jti], reason: "x", passphrase: Office.secret(), confirmed: true, why: "")
    #expect(try questions(office).isEmpty)
  }

  @Test func `in the order of the ceremony nothing is asked before the copies can be signed`()
    throws
  {
    for (name, constraints, isAsked) in [
      ("any", KeyConstraints(), false),
      ("few days", KeyConstraints(maximumDays: 10), true),
      ("another edition", KeyConstraints(editions: ["payg"]), true),
    ] as [(String, KeyConstraints, Bool)] {
      let office = try Office()
      _ = try office.issue(.subscription)
      let old = try office.key(.online(.license)).thumbprint
      _ = try newKey(office, constraints)
      let order = KeysetOrder()
      #expect(
        try office.authority.questions(publishing: order, isHandedOut: true).isEmpty, "\(name)")
      _ = try office.authority.revokeKey(old, reason: "stolen", why: "")
      let kept = try office.authority.questions(publishing: order, isHandedOut: false)
      #expect(kept.map(\.code) == (isAsked ? ["LICENSES_DIE"] : []), "\(name)")
      let handed = try office.authority.questions(publishing: order, isHandedOut: true)
      #expect(handed.map(\.code) == ["LICENSES_DIE"], "\(name)")
      #expect(handed[0].message.contains("--signed-by \(old)"), "\(handed[0].message)")
      guard isAsked else { continue }
      #expect(kept[0].message.contains("tally key new --use license"), "\(kept[0].message)")
    }
  }

  @Test
  func `without another key a revoked one is asked about, and nothing before the first keyset`()
    throws
  {
    let office = try Office()
    let old = try office.key(.online(.license)).thumbprint
    _ = try office.authority.revokeKey(old, reason: "stolen", why: "")
    let order = KeysetOrder()
    #expect(try office.authority.questions(publishing: order, isHandedOut: true).isEmpty)
    _ = try office.authority.restoreKey(old, why: "")
    _ = try office.issue(.community)
    _ = try office.authority.revokeKey(old, reason: "stolen", why: "")
    #expect(
      try office.authority.questions(publishing: order, isHandedOut: false).map(\.code)
        == ["LICENSES_DIE"])
  }

  @Test func `a retirement can be tried, and stores nothing`() throws {
    let office = try Office()
    let key = try office.key(.online(.license)).thumbprint
    let sold = try office.issue(.subscription)
    let before = try office.contents()
    let error = #expect(throws: AuthorityError.self) {
      try office.authority.trialRetirement(of: key)
    }
    #expect(error?.code == .conflict)
    let (record, signed) = try office.authority.trialRetirement(of: key, force: true)
    #expect(record.retiredAt == Office.start && signed.licenses.map(\.license) == [sold.payload])
    #expect(try office.contents() == before)
    #expect(try office.key(.online(.license)).stands)
  }
}
