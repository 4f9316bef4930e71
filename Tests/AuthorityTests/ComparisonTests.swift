import Authority
import CivilTime
import Foundation
import Libcrypto
import Licensing
import Sealing
import Testing

/// What is asked because a license, a release or a customer is unlike the others of the registry.
@Suite struct ComparisonTests {
  private func codes(_ draft: LicenseDraft) -> [String] { draft.questions.map(\.code) }

  /// A registry that has sold a license at CNY 1.20.
  private func office() throws -> (Office, LicenseOrder) {
    let office = try Office()
    _ = try office.issue(.payg)
    var order = office.order(.payg)
    order.customer = try office.authority.addCustomer("Other Ltd", why: "").id
    return (office, order)
  }

  @Test func `a first license of a product that nothing names is asked about`() throws {
    let fresh = try Office()
    #expect(try codes(fresh.authority.draft(fresh.order(.payg))) == [], "the first of all")
    var (office, order) = try office()
    #expect(try codes(office.authority.draft(order)) == [])
    order.product = "observabilty-platform"
    let draft = try office.authority.draft(order)
    #expect(codes(draft) == ["PRODUCT_NEW"])
    for part in ["observabilty-platform", "observability-platform", "a license of a name"] {
      #expect(draft.questions[0].message.contains(part), "\(draft.questions[0].message)")
    }
    // A release that was signed first makes its product known.
    _ = try office.authority.signRelease(
      ReleaseOrder(
        product: order.product, version: "1", released: try #require(CivilDate("2026-11-20"))),
      passphrase: Office.secret(), confirmed: true, why: "")
    #expect(try codes(office.authority.draft(order)) == [])
  }

  @Test func `a price far from all others is asked about in major units`() throws {
    let cases: [(price: String, codes: [String])] = [
      ("CNY 1.20", []), ("CNY 6.00", []), ("CNY 6.01", ["PRICE_UNUSUAL"]), ("CNY 0.24", []),
      ("CNY 0.23", ["PRICE_UNUSUAL"]), ("CNY 120", ["PRICE_UNUSUAL"]), ("CNY 0.00", ["PRICE_ZERO"]),
      ("USD 120", []), ("CNY 20000", ["PRICE_HIGH", "PRICE_UNUSUAL"]),
    ]
    #expect(cases.count == 9)
    var (office, order) = try office()
    for (price, expected) in cases {
      order.price = Money.price(price)
      let draft = try office.authority.draft(order)
      #expect(codes(draft) == expected, "\(price)")
      for question in draft.questions where question.code != "PRICE_ZERO" {
        #expect(!question.message.contains("minor"), "\(question.message)")
        let amount = Money.text(try #require(order.price))
        #expect(question.message.contains(amount), "\(question.message)")
      }
    }
    order.price = Money.price("CNY 120")
    let draft = try office.authority.draft(order)
    #expect(draft.questions[0].message.contains("have CNY 1.20"), "\(draft.questions[0].message)")
    // Another product has prices of its own; a change is held against the line's own price.
    order.product = "agent"
    #expect(try codes(office.authority.draft(order)) == ["PRODUCT_NEW"])
    let line = try #require(try office.authority.registry.licenses().first).license.line
    let raised = office.changes { $0.price = Money.price("CNY 120") }
    #expect(
      try codes(office.authority.draftAmendment(of: .line(line), raised)) == ["PRICE_UNUSUAL"])
  }

  @Test func `a gateway that no other license names is asked about once`() throws {
    var (office, order) = try office()
    for (gateway, expected) in [
      ("https://usage.vendor.example", []), ("https://usage.vendor.example/", []),
      ("https://Usage.vendor.example", []), ("https://usage.vendor.exmaple", ["GATEWAY_NEW"]),
      ("https://usage.vendor.example:8443", ["GATEWAY_NEW"]),
    ] as [(String, [String])] {
      order.reporting = Reporting(mode: .realtime, gateway: gateway, leaseHours: 72)
      #expect(try codes(office.authority.draft(order)) == expected, "\(gateway)")
    }
    let line = try office.issue(order).payload.line
    #expect(
      try codes(office.authority.draftRenewal(of: .line(line), end: .length(.days(30)))) == [])
    let moved = office.changes { $0.gateway = "https://g.example" }
    let draft = try office.authority.draftAmendment(of: .line(line), moved)
    #expect(codes(draft) == ["GATEWAY_NEW"])
    #expect(draft.questions[0].message.contains("https://usage.vendor.example, "))
    let fresh = try Office()
    #expect(try codes(fresh.authority.draft(fresh.order(.payg))) == [], "the first names any")
  }

  @Test func `a zone is a name of the database as it is written there`() throws {
    let office = try Office()
    var order = office.order(.community)
    for (zone, part) in [
      ("asia/shanghai", "Asia/Shanghai differs"), ("utc", "UTC differs"),
      ("UTC+8", "no name of the IANA database"), ("Mars/Phobos", "no name of the IANA database"),
      ("Factory", "stand-in"),
    ] {
      order.zone = zone
      let error = #expect(throws: AuthorityError.self) { try office.authority.draft(order) }
      #expect(error?.code == .inputInvalid, "\(zone)")
      #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
      #expect(error?.message.contains("install") == false, "\(zone)")
    }
    for zone in ["Asia/Shanghai", "UTC", "Etc/GMT-8", "Europe/Berlin"] {
      order.zone = zone
      #expect(throws: Never.self, "\(zone)") { try office.authority.draft(order) }
    }
  }

  /// Samoa went from 2011-12-29 to 2011-12-31.
  @Test func `no license begins or ends on a date that its zone never had`() throws {
    let office = try Office()
    var order = office.order(.payg)
    order.zone = "Pacific/Apia"
    for (from, through, isRefused) in [
      ("2011-12-30", "2011-12-30", true), ("2011-12-01", "2011-12-30", true),
      ("2011-12-30", "2012-01-31", true), ("2011-12-29", "2011-12-31", false),
    ] {
      order.from = CivilDate(from)
      order.end = .through(try #require(CivilDate(through)))
      guard isRefused else {
        #expect(throws: Never.self) { try office.authority.draft(order) }
        continue
      }
      let error = #expect(throws: AuthorityError.self) { try office.authority.draft(order) }
      #expect(error?.code == .inputInvalid, "\(from) \(through)")
      #expect(error?.message.contains("Pacific/Apia had no 2011-12-30") == true)
    }
  }

  @Test func `a customer's name is more than spaces, and looks like what it is`() throws {
    let office = try Office()
    for name in [" ", "\u{3000}\u{A0}", " \u{200B} "] {
      let error = #expect(throws: AuthorityError.self) {
        try office.authority.addCustomer(name, confirmed: true, why: "")
      }
      #expect(error?.code == .inputInvalid, "\(Array(name.unicodeScalars))")
    }
    let cases: [(name: String, codes: [String])] = [
      // Cyrillic A, the rest Latin; then all that looks like ACME in Cyrillic.
      ("\u{410}CME Ltd", ["CUSTOMER_EXISTS", "CUSTOMER_NAME_UNUSUAL"]),
      ("\u{410}\u{421}\u{41C}\u{415} Ltd", ["CUSTOMER_EXISTS"]),
      ("B\u{3BF}sch", ["CUSTOMER_NAME_UNUSUAL"]), ("Bo\u{200B}sch", ["CUSTOMER_NAME_UNUSUAL"]),
      ("\u{4E2D}\u{56FD}ABC \u{516C}\u{53F8}", []), ("M\u{FC}ller \u{0428} Ltd", []),
      ("\u{42F}\u{43D}\u{434}\u{435}\u{43A}\u{441}", []), ("O'Neill & Sons", []),
    ]
    #expect(cases.count == 8)
    for (name, expected) in cases {
      let questions = try office.authority.questions(addingCustomer: name)
      #expect(questions.map(\.code) == expected, "\(name)")
      #expect(questions.allSatisfy { $0.chinese != nil })
    }
    let mixed = try office.authority.questions(addingCustomer: "B\u{3BF}sch")[0].message
    #expect(mixed.contains("Latin and Greek"), "\(mixed)")
  }

  @Test func `a version has another document only when it is meant`() throws {
    let office = try Office()
    var order = ReleaseOrder(
      product: "platform", version: "1.98.190", released: try #require(CivilDate("2026-11-20")),
      commit: "abc123")
    #expect(try office.authority.signed(order) == nil)
    let first = try office.authority.signRelease(
      order, passphrase: Office.secret(), why: "the build")
    #expect(try office.authority.signed(order)?.jws == first.jws)
    for commit in [nil, "zzz"] {
      order.commit = commit
      #expect(try office.authority.signed(order) == nil)
      let draft = try office.authority.draft(order)
      #expect(draft.questions.map(\.code) == ["RELEASE_SIGNED_ANEW"])
      #expect(draft.questions[0].message.contains("of commit abc123"))
      #expect(!Confirmation(isGeneral: true).confirms(draft.questions[0]))
    }
    order.commit = "abc123"
    order.coveredAsOf = CivilDate("2026-11-19")
    #expect(try office.authority.signed(order) == nil, "other dates are another content")
    order.coveredAsOf = nil
    let key = try office.key(.online(.release)).thumbprint
    _ = try office.authority.retireKey(key, force: true, why: "")
    _ = try office.anotherKey(.online(.release))
    #expect(try office.authority.signed(order) == nil, "nobody believes it any more")
  }
}
