@testable import Authority
import CivilTime
import Foundation
import Libcrypto
import Licensing
import Platform
import Sealing
import StartupCheck
import Testing

@Suite struct IssuingTests {
  @Test func `each edition is issued, and the verifier opens its file under the root alone`() throws
  {
    let office = try Office()
    #expect(Edition.allCases.count == 4)
    let roots = try office.authority.roots()
    for edition in Edition.allCases {
      let license = try office.issue(edition)
      let file = try office.authority.file(of: license)
      let dossier = Dossier(
        roots: roots, given: [GivenFile(Array(file.utf8), as: .license, source: "file")],
        using: LibcryptoProvider())
      #expect(dossier.refused.isEmpty)
      #expect(dossier.licenses == [license])
      #expect(license.payload.edition == edition)
      #expect(license.payload.revision == 1)
      #expect(license.payload.iss == Office.iss)
      #expect(license.payload.customer == "ACME Ltd")
    }
    let stored = try office.authority.registry.licenses()
    #expect(stored.map(\.license.edition) == Edition.allCases)
    #expect(Set(stored.map(\.license.jti)).count == 4)
    #expect(Set(stored.map(\.license.line)).count == 4)
  }

  @Test func `a term without a first date begins today in its zone, and its last day is included`()
    throws
  {
    let office = try Office()
    // 23:30 in Shanghai on the 21st; an hour later it is the 22nd there and still the 21st in UTC.
    office.clock.set(1_795_275_000)
    #expect(
      try office.issue(.subscription).payload.term?.json.text
        == #"{"from":"2026-11-21","through":"2027-11-20"}"#)
    office.clock.set(1_795_278_600)
    #expect(
      try office.issue(.payg).payload.term?.json.text
        == #"{"from":"2026-11-22","through":"2026-12-21"}"#)
  }

  @Test func `what is not an edition's is refused, and nothing is left behind`() throws {
    let office = try Office()
    let cases: [(String, Edition, (inout LicenseOrder) -> Void, AuthorityError.Code)] = [
      ("a short subscription", .subscription, { $0.end = .length(.days(364)) }, .inputInvalid),
      ("no end", .payg, { $0.end = nil }, .inputInvalid),
      ("dates for community", .community, { $0.end = .length(.years(1)) }, .inputInvalid),
      ("no release", .perpetual, { $0.release = nil }, .documentRefused),
      ("no price", .payg, { $0.price = nil }, .documentRefused),
      (
        "a price", .subscription,
        { $0.price = Price(currency: "CNY", minorPerCollectorDay: 1) }, .documentRefused
      ),
      ("a short dwell", .community, { $0.collectors.dwell = 1 }, .documentRefused),
      ("an unknown zone", .community, { $0.zone = "Mars/Base" }, .inputInvalid),
      (
        "an unknown customer", .community,
        { order in CustomerID("cus_0").map { order.customer = $0 } }, .notFound
      ),
      ("a product that is none", .community, { $0.product = "a b" }, .documentRefused),
    ]
    #expect(cases.count == 10)
    let rows = try office.authority.registry.audit().count
    for (name, edition, change, code) in cases {
      var order = office.order(edition)
      change(&order)
      let error = #expect(throws: AuthorityError.self, "\(name)") {
        try office.authority.issueLicense(order, passphrase: Office.secret(), why: "")
      }
      #expect(error?.code == code, "\(name): \(error?.message ?? "")")
    }
    #expect(try office.authority.registry.licenses().isEmpty)
    #expect(try office.authority.registry.pendingIntent() == nil)
    #expect(try office.authority.registry.audit().count == rows)
  }

  @Test func `a key's constraints are held before anything is signed`() throws {
    let office = try Office()
    let capped = try office.authority.newKey(
      KeyOrder(
        role: .online(.license),
        constraints: KeyConstraints(editions: ["payg"], maximumDays: 30)),
      passphrase: Office.secret(), why: "")
    let early = #expect(throws: AuthorityError.self) {
      try office.authority.issueLicense(
        office.order(.payg), key: capped.thumbprint, passphrase: Office.secret(), why: "")
    }
    #expect(early?.code == .keyMissing)
    #expect(early?.message.contains("keyset publish") == true)
    _ = try office.authority.publishKeyset(
      iss: nil, threshold: nil, passphrase: Office.secret(), why: "")
    let license = try office.authority.issueLicense(
      office.order(.payg), key: capped.thumbprint, passphrase: Office.secret(), why: "")
    #expect(license.kid == capped.thumbprint)
    for change: (inout LicenseOrder) -> Void in [
      { $0.end = .length(.days(31)) }, { $0 = office.order(.subscription) },
    ] {
      var order = office.order(.payg)
      change(&order)
      let error = #expect(throws: AuthorityError.self) {
        try office.authority.issueLicense(
          order, key: capped.thumbprint, passphrase: Office.secret(), confirmed: true, why: "")
      }
      #expect(error?.code == .keyMissing)
      // The other key may: it is found by itself.
      #expect(try office.issue(order).kid != capped.thumbprint)
    }
  }

  @Test func `a PS256 key issues what the verifier opens`() throws {
    let office = try Office()
    let key = try office.authority.newKey(
      KeyOrder(role: .online(.license), algorithm: .ps256), passphrase: Office.secret(), why: "")
    _ = try office.authority.publishKeyset(
      iss: nil, threshold: nil, passphrase: Office.secret(), why: "")
    let license = try office.authority.issueLicense(
      office.order(.community), key: key.thumbprint, passphrase: Office.secret(), why: "")
    let file = try office.authority.file(of: license)
    let verified = try VerifiedFile(Array(file.utf8), roots: try office.authority.roots())
    #expect(verified.documents.map(\.license) == [license.payload])
    #expect(verified.documents.map(\.kid) == [key.thumbprint])
  }

  @Test func `identifiers sort by time and never come twice`() throws {
    let office = try Office()
    var ids: [CustomerID] = []
    for step in 0..<50 {
      office.clock.set(Office.start + Int64(step / 10))
      ids.append(try office.authority.addCustomer("Customer \(step)", why: "").id)
    }
    #expect(Set(ids).count == 50)
    let groups = stride(from: 0, to: 50, by: 10).map { Set(ids[$0..<$0 + 10]) }
    for (earlier, later) in zip(groups, groups.dropFirst()) {
      #expect(try #require(earlier.max()) < #require(later.min()))
    }
    #expect(ids.allSatisfy { $0.text.utf8.count == 36 })
  }
}

@Suite struct RenewalTests {
  @Test func `a renewal is the next revision of the same line, in the same zone`() throws {
    let office = try Office()
    let first = try office.issue(.subscription).payload
    let table: [(RenewalBasis, Int64, String)] = [
      (.fromEnd, 0, #"{"from":"2027-11-21","through":"2028-11-20"}"#),
      (.today, 0, #"{"from":"2026-11-21","through":"2027-11-20"}"#),
      (.later, 0, #"{"from":"2027-11-21","through":"2028-11-20"}"#),
      (.later, 400 * 86_400, #"{"from":"2027-12-26","through":"2028-12-25"}"#),
    ]
    #expect(table.count == 4)
    for (basis, wait, term) in table {
      let office = try Office()
      var expected = try office.issue(.subscription).payload
      office.clock.set(Office.start + wait)
      let next = try office.authority.renewLicense(
        expected.line, end: .length(.years(1)), basis: basis, passphrase: Office.secret(),
        confirmed: true, why: "")
      #expect(next.payload.term?.json.text == term)
      #expect(next.payload.jti != expected.jti)
      expected.revision = 2
      expected.jti = next.payload.jti
      expected.iat = next.payload.iat
      expected.term = next.payload.term
      #expect(next.payload == expected)
    }
    #expect(first.zone == "Asia/Shanghai")
  }

  @Test
  func `of a perpetual license the maintenance is renewed, and community has nothing to renew`()
    throws
  {
    let office = try Office()
    let perpetual = try office.issue(.perpetual).payload
    let next = try office.authority.renewLicense(
      perpetual.line, end: .through(try #require(CivilDate("2028-01-31"))), basis: .fromEnd,
      passphrase: Office.secret(), why: "")
    #expect(next.payload.maintenance?.json.text == #"{"from":"2027-11-21","through":"2028-01-31"}"#)
    #expect(next.payload.term == nil)
    #expect(next.payload.release == "1.98.190")
    let community = try office.issue(.community).payload
    let error = #expect(throws: AuthorityError.self) {
      try office.authority.renewLicense(
        community.line, end: .length(.years(1)), basis: .fromEnd, passphrase: Office.secret(),
        why: "")
    }
    #expect(error?.code == .inputInvalid)
  }

  @Test
  func `a subscription is not renewed for less than a year, nor through a day before it begins`()
    throws
  {
    let office = try Office()
    let line = try office.issue(.subscription).payload.line
    let ends: [TermEnd] = [
      .length(.days(30)), .through(try #require(CivilDate("2027-11-20"))),
      .length(.years(.max)), .length(.days(.max)),
    ]
    #expect(ends.count == 4)
    for end in ends {
      let error = #expect(throws: AuthorityError.self) {
        try office.authority.renewLicense(
          line, end: end, basis: .fromEnd, passphrase: Office.secret(), why: "")
      }
      #expect(error?.code == .inputInvalid)
    }
    #expect(try office.authority.registry.newest(of: line).license.revision == 1)
  }
}
