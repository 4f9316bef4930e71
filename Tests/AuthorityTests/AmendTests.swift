import Authority
import CivilTime
import Foundation
import Libcrypto
import Licensing
import Platform
import Sealing
import Testing

extension Office {
  func changes(_ change: (inout LicenseChanges) -> Void) -> LicenseChanges {
    var changes = LicenseChanges()
    change(&changes)
    return changes
  }

  /// Issues a draft that must not raise questions, unless they are confirmed.
  @discardableResult
  func issue(
    _ draft: LicenseDraft, confirmed: Bool = false, why: String = "an order"
  ) throws -> License {
    try authority.issue(
      draft, passphrase: Self.secret(), confirmed: confirmed, why: why
    ).payload
  }

  @discardableResult
  func renew(_ line: LineID, years: Int = 1, basis: RenewalBasis = .fromEnd) throws -> License {
    try issue(
      authority.draftRenewal(of: .line(line), end: .length(.years(years)), basis: basis),
      // A second renewal begins more than a year ahead.
      confirmed: true)
  }

  /// What the registry holds and the log says, to see that nothing has been stored.
  func contents() throws -> [String] {
    let registry = authority.registry
    return try registry.licenses().map(\.jws) + registry.audit().map(\.payload)
      + [registry.pendingIntent()?.description ?? "nothing pending"]
  }
}

@Suite struct AmendTests {
  @Test func `an amendment is the next revision, and differs in what was named alone`() throws {
    let office = try Office()
    var expected = try office.issue(.subscription).payload
    office.clock.set(Office.start + 86_400)
    let draft = try office.authority.draftAmendment(
      of: .line(expected.line),
      office.changes {
        $0.limit = 800
        $0.overage = .record
        $0.installations = 2
        $0.support = "7x24"
        $0.graceDays = 30
      })
    #expect(
      draft.differences.map(\.member) == [
        "collectors.limit", "collectors.overage", "support", "installations", "grace_days",
      ])
    #expect(draft.questions.isEmpty && draft.remarks.isEmpty)
    let amended = try office.issue(draft, why: "order 4711")
    expected.jti = amended.jti
    expected.iat = Office.start + 86_400
    expected.revision = 2
    expected.collectors = Collectors(limit: 800, overage: .record)
    expected.installations = 2
    expected.support = "7x24"
    expected.graceDays = 30
    #expect(amended == expected)
    let row = try office.authority.registry.audit(last: 1).first
    #expect(row?.action == .licenseAmend && row?.why == "order 4711")
    #expect(row?.payload == amended.json.text)
    #expect(try office.authority.registry.verifyAudit().faults.isEmpty)
  }

  @Test func `an amendment may end before the year that was sold, and says so; a renewal may not`()
    throws
  {
    let office = try Office()
    let first = try office.issue(.subscription).payload
    let end = try #require(CivilDate("2026-12-31"))
    let draft = try office.authority.draftAmendment(
      of: .license(first.jti), LicenseChanges(), end: .through(end))
    #expect(draft.license.term?.through == end && draft.license.term?.from == first.term?.from)
    #expect(draft.remarks.contains { $0.english.contains("shorter than the year") })
    #expect(draft.questions.map(\.code) == ["TERM_CUT"])
    let issued = try office.authority.issue(
      draft, passphrase: Office.secret(), confirmed: true, why: "order 7")
    #expect(issued.payload.revision == 2)
    let error = #expect(throws: AuthorityError.self) {
      try office.authority.draftRenewal(
        of: .line(first.line), end: .through(end), basis: .today)
    }
    #expect(error?.code == .inputInvalid)
  }

  @Test func `community becomes each commercial edition on its line, by renewing and by amending`()
    throws
  {
    let commercial = Edition.allCases.filter { $0 != .community }
    #expect(commercial.count == 3)
    for edition in commercial {
      for isRenewal in [true, false] {
        let office = try Office()
        let community = try office.issue(.community).payload
        let needs = office.changes {
          $0.edition = edition
          switch edition {
          case .subscription: $0.limit = 10
          case .perpetual:
            $0.limit = 10
            $0.release = "1.98.190"
          case .payg:
            $0.price = Price(currency: "CNY", minorPerCollectorDay: 120)
            $0.leaseHours = 72
            $0.gateway = "https://usage.vendor.example"
          case .community: break
          }
        }
        let year = TermEnd.length(.years(1))
        let draft =
          isRenewal
          ? try office.authority.draftRenewal(of: .line(community.line), needs, end: year)
          : try office.authority.draftAmendment(of: .line(community.line), needs, end: year)
        #expect(
          draft.questions.map(\.code) == (edition == .perpetual ? ["RELEASE_NOT_SIGNED"] : []))
        let next = try office.issue(draft, confirmed: true)
        #expect(next.line == community.line && next.revision == 2 && next.edition == edition)
        #expect(next.span?.json.text == #"{"from":"2026-11-21","through":"2027-11-20"}"#)
        #expect((next.maintenance != nil) == (edition == .perpetual))
        #expect(next.gaps == edition.defaultGaps)
        #expect(next.activation == edition.defaultActivation)
        #expect(next.reporting.mode == (edition == .payg ? .realtime : .offline))
        #expect(next.sub == community.sub && next.zone == community.zone)
      }
    }
  }

  @Test func `a commercial edition may become another, and what has no place in it goes`() throws {
    let office = try Office()
    let payg = try office.issue(.payg).payload
    let draft = try office.authority.draftAmendment(
      of: .line(payg.line),
      office.changes {
        $0.edition = .subscription
        $0.limit = 50
      }, end: .length(.years(1)))
    let next = try office.issue(draft)
    #expect(next.price == nil && next.gaps == .observed && next.activation == .optional)
    #expect(next.reporting.gateway == payg.reporting.gateway)
    #expect(next.term?.from == payg.term?.from)
    let free = try office.authority.draftAmendment(
      of: .line(payg.line), office.changes { $0.edition = .community })
    #expect(free.questions.map(\.code) == ["EDITION_FREE"])
    #expect(free.license.term == nil && free.license.reporting == Reporting())
  }

  @Test func `changes that make no sense are refused, and nothing is left behind`() throws {
    let office = try Office()
    let subscription = try office.issue(.subscription).payload
    let payg = try office.issue(.payg).payload
    let community = try office.issue(.community).payload
    let before = try office.contents()
    let cases: [(License, (inout LicenseChanges) -> Void, String)] = [
      (subscription, { _ in }, "nothing would change"),
      (subscription, { $0.limit = 100 }, "nothing would change"),
      (subscription, { $0.price = Price(currency: "CNY", minorPerCollectorDay: 1) }, "--price"),
      (subscription, { $0.release = "1.0" }, "--release"),
      (subscription, { $0.removesLimit = true }, "--no-limit"),
      (subscription, { $0.reporting = .daily }, "--gateway"),
      (subscription, { $0.edition = .payg }, "--lease-hours"),
      (payg, { $0.reporting = .daily }, "--reporting"),
      (payg, { $0.overage = .record }, "--overage"),
      (payg, { $0.edition = .subscription }, "--collectors"),
      (community, { $0.graceDays = 1 }, "--grace-days"),
      (community, { $0.gateway = "https://g.example" }, "--gateway"),
      (community, { $0.leaseHours = 72 }, "--lease-hours"),
      (
        community,
        {
          $0.edition = .subscription
          $0.limit = 5
        }, "--years"
      ),
    ]
    #expect(cases.count == 14)
    for (index, (license, change, word)) in cases.enumerated() {
      let error = #expect(throws: AuthorityError.self, "case \(index)") {
        try office.authority.draftAmendment(of: .line(license.line), office.changes(change))
      }
      #expect(error?.code == .inputInvalid, "case \(index)")
      #expect(error?.message.contains(word) == true, "case \(index): \(error?.message ?? "")")
    }
    let dates = #expect(throws: AuthorityError.self) {
      try office.authority.draftAmendment(
        of: .line(community.line), LicenseChanges(), end: .length(.days(1)))
    }
    #expect(dates?.message.contains("no dates") == true)
    #expect(try office.contents() == before)
  }

  @Test func `a revision that counts no more is not amended, and the right one is named`() throws {
    let office = try Office()
    let first = try office.issue(.subscription).payload
    let second = try office.issue(
      office.authority.draftAmendment(
        of: .line(first.line), office.changes { $0.limit = 200 }))
    let error = #expect(throws: AuthorityError.self) {
      try office.authority.draftAmendment(
        of: .license(first.jti), office.changes { $0.limit = 300 })
    }
    #expect(error?.code == .conflict)
    #expect(error?.message.contains(second.jti.text) == true)
  }

  @Test func `a renewal bought early is not hidden by an amendment without a question`() throws {
    let office = try Office()
    let first = try office.issue(.subscription).payload
    let early = try office.renew(first.line)
    let more = office.changes { $0.limit = 200 }
    // The line stands for its highest revision.
    let later = try office.authority.draftAmendment(of: .line(first.line), more)
    #expect(later.previous == early && later.questions.isEmpty)
    #expect(later.remarks.contains { $0.english.contains(first.jti.text) })
    let now = try office.authority.draftAmendment(of: .license(first.jti), more)
    #expect(now.questions.map(\.code) == ["REVISION_HIDDEN"])
    #expect(now.questions.first?.message.contains(early.jti.text) == true)
    let before = try office.contents()
    let error = #expect(throws: AuthorityError.self) { try office.issue(now) }
    #expect(error?.code == .questionsOpen)
    #expect(try office.contents() == before)
    try office.issue(now, confirmed: true, why: "more seats")
    let row = try office.authority.registry.audit(last: 1).first
    #expect(row?.why == "more seats (confirmed: REVISION_HIDDEN)")
    // As the question said, a reissue brings it back.
    let key = try office.key(.online(.license)).thumbprint
    let plan = try office.authority.plan(
      ReissueOrder(names: [.license(early.jti)], key: key))
    #expect(plan.drafts.map(\.previous) == [early])
  }

  @Test func `an amendment for later leaves the present one in force, and says until when`() throws
  {
    let office = try Office()
    let first = try office.issue(.subscription).payload
    let from = try #require(CivilDate("2027-03-01"))
    let draft = try office.authority.draftAmendment(
      of: .line(first.line), office.changes { $0.limit = 200 }, from: from)
    #expect(draft.license.term?.from == from && draft.license.term?.through == first.term?.through)
    #expect(draft.remarks.contains { $0.english.contains("stays in force until 2027-03-01") })
    try office.issue(draft)
    let history = try office.authority.history(of: .line(first.line), at: Office.start)
    #expect(history.inForce?.license == first)
    #expect(history.upcoming.map(\.license.revision) == [2])
  }

  @Test func `a trial says what would be issued and stores nothing, without a passphrase`() throws {
    let office = try Office()
    let line = try office.issue(.subscription).payload.line
    let before = try office.contents()
    let key = try office.key(.online(.license))
    let year = TermEnd.length(.years(1))
    let drafts = [
      try office.authority.draft(office.order(.payg)),
      try office.authority.draftRenewal(of: .line(line), end: year),
      try office.authority.draftAmendment(
        of: .line(line), office.changes { $0.limit = 200 }),
    ]
    #expect(drafts.count == 3)
    for draft in drafts {
      let rehearsed = try office.authority.rehearse(draft, with: nil)
      #expect(rehearsed.key == key.thumbprint && rehearsed.obstacles.isEmpty)
      #expect(draft.json.text.contains("\"jti\"") == false)
    }
    try FileManager.default.removeItem(atPath: "\(office.folder)/\(key.pem)")
    let rehearsed = try office.authority.rehearse(drafts[0], with: nil)
    #expect(rehearsed.obstacles.count == 1)
    let release = try office.authority.draft(
      ReleaseOrder(
        product: "observability-platform", version: "1",
        released: try #require(CivilDate("2026-12-22"))))
    #expect(release.questions.map(\.code) == ["RELEASE_AHEAD"])
    _ = try office.authority.rehearse(release, with: nil)
    #expect(try office.contents() == before)
    #expect(try office.authority.registry.releases().isEmpty)
  }

  @Test func `a trial fails where issuing would`() throws {
    let office = try Office()
    var order = office.order(.subscription)
    order.product = "a b"
    let draft = try office.authority.draft(order)
    let error = #expect(throws: AuthorityError.self) {
      try office.authority.rehearse(draft, with: nil)
    }
    #expect(error?.code == .documentRefused)
    let good = try office.authority.draft(office.order(.community))
    let missing = #expect(throws: AuthorityError.self) {
      try office.authority.rehearse(good, with: try office.key(.online(.release)).thumbprint)
    }
    #expect(missing?.code == .keyMissing)
  }

  @Test func `the basis of a renewal is said, and what is uncovered or paid for twice`() throws {
    let year = TermEnd.length(.years(1))
    let table: [(RenewalBasis?, Int64, String?)] = [
      (nil, 0, "--basis was not given"),
      (.fromEnd, 0, nil),
      (.today, 0, "365 days before the present end"),
      (.later, 0, nil),
      (.fromEnd, 400 * 86_400, "in the past"),
      (.today, 400 * 86_400, "not covered: 35 days"),
      (.later, 400 * 86_400, "not covered: 35 days"),
    ]
    #expect(table.count == 7)
    for (basis, wait, words) in table {
      let office = try Office()
      let line = try office.issue(.subscription).payload.line
      office.clock.set(Office.start + wait)
      let draft = try office.authority.draftRenewal(of: .line(line), end: year, basis: basis)
      #expect(
        words.map { word in draft.remarks.contains { $0.english.contains(word) } }
          ?? draft.remarks.isEmpty,
        "\(String(describing: basis)) \(wait): \(draft.remarks)")
      let twice = basis == .today && wait == 0
      #expect(draft.questions.contains { $0.code == "DAYS_TWICE" } == twice)
      #expect(!twice || draft.questions[0].message.contains("paid for twice: 365 days"))
    }
  }
}
