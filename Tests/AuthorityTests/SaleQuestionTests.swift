@testable import Authority
import CivilTime
import GRDB
import Licensing
import Sealing
import Testing

/// What is asked because of what the registry knows of a customer, a price, a release and paid days.
@Suite struct SaleQuestionTests {
  private func codes(_ draft: LicenseDraft) -> [String] { draft.questions.map(\.code) }

  @Test func `a second line for a customer and a product is asked about, and names the first`()
    throws
  {
    let office = try Office()
    #expect(try codes(office.authority.draft(office.order(.payg))) == [])
    let first = try office.issue(.subscription).payload
    let draft = try office.authority.draft(office.order(.payg))
    #expect(codes(draft) == ["LINE_EXISTS"])
    for part in [first.line.text, "subscription", "in force", "2027-11-20", "license renew"] {
      #expect(draft.questions[0].message.contains(part), "\(draft.questions[0].message)")
    }
    var elsewhere = office.order(.payg)
    elsewhere.product = "agent"
    #expect(try codes(office.authority.draft(elsewhere)) == ["PRODUCT_NEW"])
    var other = office.order(.payg)
    other.customer = try office.authority.addCustomer("Other Ltd", why: "").id
    #expect(try codes(office.authority.draft(other)) == [])
    // Renewing asks nothing, and a line that was revoked is none to renew.
    #expect(
      try codes(
        office.authority.draftRenewal(of: .line(first.line), end: .length(.years(1)))) == [])
    _ = try office.authority.revokeLicenses(
      [first.jti], reason: "fraud", passphrase: Office.secret(), confirmed: true, why: "")
    #expect(try codes(office.authority.draft(office.order(.payg))) == [])
  }

  @Test func `a customer is added twice only when it is meant`() throws {
    let office = try Office()
    let count = try office.authority.registry.customers().count
    for name in ["ACME Ltd", "acme  LTD ", "ACME ltd"] {
      let questions = try office.authority.questions(addingCustomer: name)
      #expect(questions.map(\.code) == ["CUSTOMER_EXISTS"], "\(name)")
      #expect(questions.first?.message.contains(office.customer.text) == true)
      let error = #expect(throws: AuthorityError.self) {
        try office.authority.addCustomer(name, why: "")
      }
      #expect(error?.code == .questionsOpen, "\(name)")
    }
    #expect(try office.authority.registry.customers().count == count)
    #expect(try office.authority.questions(addingCustomer: "ACME Ltd.").isEmpty)
    _ = try office.authority.addCustomer("ACME Ltd", confirmed: true, why: "of another town")
    #expect(
      try office.authority.registry.audit().last?.why
        == "of another town (confirmed: CUSTOMER_EXISTS)")
    #expect(try office.authority.registry.verifyAudit().faults == [])
  }

  /// What a registry that was restored may have: the name of another license of the customer.
  @Test func `a renewal under another name shows the change and asks, a copy keeps the name`()
    throws
  {
    let office = try Office()
    let license = try office.issue(.subscription).payload
    let renamed = Customer(id: office.customer, name: "ACME Holding", createdAt: Office.start)
    try office.authority.registry.write { db in
      try db.execute(sql: "UPDATE customers SET name = 'ACME Holding'")
      try Registry.append(
        .registryRestoreEntry, subjects: [renamed.id.text], payload: renamed.json.text,
        by: Author(who: "maria", why: "", at: Office.start), in: db)
    }
    let authority = office.authority
    #expect(try authority.registry.verifyAudit().faults == [])
    var changes = LicenseChanges()
    changes.graceDays = 9
    for draft in [
      try authority.draftRenewal(of: .line(license.line), end: .length(.years(1))),
      try authority.draftAmendment(of: .line(license.line), changes),
    ] {
      #expect(codes(draft) == ["CUSTOMER_RENAMED"])
      #expect(draft.differences.contains { $0.member == "customer" })
      for name in ["ACME Ltd", "ACME Holding"] {
        #expect(draft.questions[0].message.contains(name))
      }
    }
    let key = try office.anotherKey()
    let copies = try office.reissue(ReissueOrder(names: [.line(license.line)], key: key))
    #expect(copies.map(\.customer) == ["ACME Ltd"])
  }

  @Test func `a currency that there is not is asked about where it is new`() throws {
    for (currency, isKnown) in [
      ("CNY", true), ("EUR", true), ("USD", true), ("JPY", true), ("CNJ", false), ("RMB", false),
      ("XAU", false), ("DEM", false), ("XXX", false),
    ] {
      let office = try Office()
      var order = office.order(.payg)
      order.price = Price(currency: currency, minorPerCollectorDay: 120)
      let draft = try office.authority.draft(order)
      #expect(codes(draft) == (isKnown ? [] : ["CURRENCY_UNKNOWN"]), "\(currency)")
      guard !isKnown else { continue }
      #expect(draft.questions[0].message.contains(currency))
      let line = try office.issue(order).payload.line
      let renewal = try office.authority.draftRenewal(of: .line(line), end: .length(.days(30)))
      #expect(codes(renewal) == [], "confirmed once")
    }
  }

  @Test func `a perpetual license for a release that was never signed is asked about`() throws {
    let office = try Office()
    let order = office.order(.perpetual)
    #expect(try codes(office.authority.draft(order)) == ["RELEASE_NOT_SIGNED"])
    for (product, isAsked) in [("agent", true), (order.product, false)] {
      _ = try office.authority.signRelease(
        ReleaseOrder(
          product: product, version: "1.98.190",
          released: try #require(CivilDate("2026-11-20"))),
        passphrase: Office.secret(), confirmed: true, why: "")
      #expect(
        try codes(office.authority.draft(order)).contains("RELEASE_NOT_SIGNED") == isAsked,
        "\(product)")
    }
    let line = try office.issue(order).payload.line
    var changes = LicenseChanges()
    changes.release = "1.98.109"
    #expect(
      try codes(office.authority.draftAmendment(of: .line(line), changes))
        == ["RELEASE_NOT_SIGNED"])
    #expect(
      try codes(office.authority.draftRenewal(of: .line(line), end: .length(.years(1)))) == [])
  }

  @Test func `days that were paid for are not counted again without a word`() throws {
    for edition in Edition.allCases where edition != .community {
      let office = try Office()
      let line = try office.issue(edition).payload.line
      let today = try office.authority.draftRenewal(
        of: .line(line), end: .length(.years(1)), basis: .today)
      #expect(codes(today) == (edition == .payg ? [] : ["DAYS_TWICE"]), "\(edition)")
      let later = try office.authority.draftRenewal(
        of: .line(line), end: .length(.years(1)), basis: .later)
      #expect(codes(later) == [], "\(edition)")
      guard edition != .payg else { continue }
      #expect(today.questions[0].message.contains("365 days"), "\(today.questions)")
      #expect(!Confirmation(isGeneral: true).confirms(today.questions[0]))
    }
  }
}
