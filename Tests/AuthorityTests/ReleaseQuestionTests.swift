import Authority
import CivilTime
import Licensing
import Testing

/// What is asked before a release is signed: nothing takes it back.
@Suite struct ReleaseQuestionTests {
  /// Signed on 2026-11-21, the newest before it is of 2026-11-10.
  private func office() throws -> Office {
    let office = try Office()
    _ = try office.authority.signRelease(
      order("2.0.0", "2026-11-10"), passphrase: Office.secret(), why: "")
    return office
  }

  private func order(
    _ version: String, _ released: String, coveredAsOf: String? = nil,
    product: String = "observability-platform"
  ) throws -> ReleaseOrder {
    ReleaseOrder(
      product: product, version: version, released: try #require(CivilDate(released)),
      coveredAsOf: try coveredAsOf.map { try #require(CivilDate($0)) })
  }

  @Test func `a date is asked about past 31 days, or before the product's newest release`() throws {
    let cases: [(released: String, covered: String?, codes: [String])] = [
      ("2026-11-21", nil, []), ("2026-11-10", nil, []),
      ("2026-11-09", nil, ["RELEASE_BACKDATED"]), ("2026-10-21", nil, ["RELEASE_BACKDATED"]),
      ("2020-01-01", nil, ["RELEASE_BACKDATED"]), ("2026-11-21", "2026-11-10", []),
      ("2026-11-21", "2026-11-09", ["COVERAGE_BACKDATED"]),
      ("2026-11-21", "2024-01-01", ["COVERAGE_BACKDATED"]),
      ("2026-11-09", "2026-11-09", ["RELEASE_BACKDATED", "COVERAGE_BACKDATED"]),
      ("2026-12-01", "2026-01-01", ["RELEASE_AHEAD", "COVERAGE_BACKDATED"]),
    ]
    #expect(cases.count == 10)
    let office = try office()
    for (released, covered, codes) in cases {
      let draft = try office.authority.draft(order("1.9", released, coveredAsOf: covered))
      #expect(draft.questions.map(\.code) == codes, "\(released) \(covered ?? "-")")
    }
    // Of the first release there is none before it: the bound of days alone counts.
    let fresh = try Office()
    for (released, codes) in [
      ("2026-10-21", []), ("2026-10-20", ["RELEASE_BACKDATED"]),
    ] as [(String, [String])] {
      let draft = try fresh.authority.draft(order("1.9", released))
      #expect(draft.questions.map(\.code) == codes, "\(released)")
    }
  }

  @Test func `another product's releases say nothing about a date`() throws {
    let office = try office()
    let draft = try office.authority.draft(order("1.9", "2026-11-01", product: "agent"))
    #expect(draft.questions.map(\.code) == ["PRODUCT_NEW"])
    #expect(draft.questions[0].message.contains("observability-platform"))
  }

  @Test func `a product is new only where others are known, and no license names it`() throws {
    let office = try Office()
    #expect(try office.authority.draft(order("1", "2026-11-20")).questions.isEmpty)
    _ = try office.issue(.community)
    #expect(try office.authority.draft(order("1", "2026-11-20")).questions.isEmpty)
    let wrong = try order("1", "2026-11-20", product: "observabilty-platform")
    let draft = try office.authority.draft(wrong)
    #expect(draft.questions.map(\.code) == ["PRODUCT_NEW"])
    _ = try office.authority.sign(
      draft, passphrase: Office.secret(), confirmed: true, why: "another product")
    let next = try order("2", "2026-11-20", product: "observabilty-platform")
    #expect(try office.authority.draft(next).questions.isEmpty)
  }

  @Test func `what a release gives away for good is confirmed by its code alone`() throws {
    for (code, isNamed) in [
      ("RELEASE_BACKDATED", true), ("COVERAGE_BACKDATED", true), ("PRODUCT_NEW", false),
    ] {
      let question = IssuingQuestion(code: code, member: "", message: "")
      #expect(Confirmation(isGeneral: true).confirms(question) == !isNamed, "\(code)")
      #expect(Confirmation(codes: [code]).confirms(question), "\(code)")
      #expect(question.chinese != nil, "\(code)")
    }
    let office = try office()
    let draft = try office.authority.draft(
      order("1.9", "2026-03-01", coveredAsOf: "2026-02-01"))
    for part in ["2026-03-01", "265 days ago", "2.0.0", "2026-08-28, which is over"] {
      #expect(draft.questions[0].message.contains(part), "\(draft.questions[0].message)")
    }
    #expect(draft.questions[1].message.contains("2026-02-01"))
    let error = #expect(throws: AuthorityError.self) {
      try office.authority.sign(draft, passphrase: Office.secret(), why: "")
    }
    #expect(error?.code == .questionsOpen)
    #expect(try office.authority.registry.releases().count == 1)
    _ = try office.authority.sign(
      draft, passphrase: Office.secret(), confirmed: true, why: "a security fix")
    let row = try #require(try office.authority.registry.audit().last)
    #expect(row.why == "a security fix (confirmed: RELEASE_BACKDATED, COVERAGE_BACKDATED)")
  }
}
