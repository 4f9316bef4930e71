import Authority
import CivilTime
import Foundation
import Libcrypto
import Licensing
import Sealing
import Testing

/// Changes to a line that has a renewal to come.
@Suite struct AmendUpcomingTests {
  /// 500 collectors in force, 100 from the next year on.
  private func play() throws -> (Office, present: License, upcoming: License) {
    let office = try Office()
    var order = office.order(.subscription)
    order.collectors = Collectors(limit: 500, overage: .refuse)
    let present = try office.authority.issueLicense(
      order, passphrase: Office.secret(), why: ""
    ).payload
    let upcoming = try office.issue(
      office.authority.draftRenewal(
        of: .line(present.line), office.changes { $0.limit = 100 }, end: .length(.years(1)),
        basis: .fromEnd), confirmed: true)
    return (office, present, upcoming)
  }

  private let today = CivilDate("2026-11-21")

  @Test func `a renewal from today does not take the place of the one in force unasked`() throws {
    let (office, present, upcoming) = try play()
    let draft = try office.authority.draftRenewal(
      of: .line(present.line), end: .length(.years(3)), basis: .today)
    #expect(draft.previous == upcoming && draft.replaced == present)
    #expect(draft.questions.map(\.code) == ["DAYS_TWICE", "REVISION_REPLACED"])
    #expect(draft.questions.last?.message.contains(present.jti.text) == true)
    #expect(
      draft.replacedDifferences.contains {
        $0.text == "collectors.limit falls from 500 to 100"
      })
    let before = try office.contents()
    let error = #expect(throws: AuthorityError.self) { try office.issue(draft) }
    #expect(error?.code == .questionsOpen)
    #expect(try office.contents() == before)
    let usual = try office.authority.draftRenewal(
      of: .line(present.line), end: .length(.years(1)), basis: .fromEnd)
    #expect(usual.replaced == nil && usual.questions.map(\.code) == ["TERM_AHEAD"])
  }

  @Test func `the remark on the one in force follows the first date of the amendment`() throws {
    let (office, present, upcoming) = try play()
    let more = office.changes { $0.limit = 120 }
    let early = try #require(CivilDate("2027-10-01"))
    let cases: [(CivilDate?, String, [String])] = [
      (nil, "stays as it is", []),
      (today, "takes the place of revision 1", ["REVISION_REPLACED"]),
      (early, "on 2027-10-01: it takes the place of revision 1", ["REVISION_REPLACED"]),
    ]
    #expect(cases.count == 3)
    for (from, words, codes) in cases {
      let draft = try office.authority.draftAmendment(of: .line(present.line), more, from: from)
      #expect(draft.previous == upcoming)
      #expect(draft.remarks.contains { $0.english.contains(words) }, "\(draft.remarks)")
      #expect(draft.remarks.contains { $0.english.contains("stays as it is") } == (from == nil))
      #expect(draft.questions.map(\.code).filter { $0 != "TERM_AHEAD" } == codes)
    }
  }

  @Test func `what is over gives way unasked`() throws {
    let (office, present, _) = try play()
    // Between the last day of grace of the first and the begin of another, amended to begin later.
    let later = try #require(CivilDate("2028-03-01"))
    let delayed = try office.issue(
      office.authority.draftAmendment(of: .line(present.line), LicenseChanges(), from: later),
      confirmed: true)
    let renewal = try office.authority.draftRenewal(
      of: .line(present.line), end: .length(.years(1)), basis: .later)
    #expect(renewal.previous == delayed)
    let zone = try office.authority.zone("Asia/Shanghai")
    office.clock.set(zone.day(of: try #require(CivilDate("2028-12-10"))).lowerBound)
    let draft = try office.authority.draftRenewal(
      of: .line(present.line), end: .length(.years(1)), basis: .today)
    #expect(draft.replaced == nil)
  }

  @Test func `a revocation of the one in force is not lifted unasked`() throws {
    let (office, present, upcoming) = try play()
    _ = try office.authority.revokeLicenses(
      [present.jti], reason: "not paid", passphrase: Office.secret(), confirmed: true, why: "")
    let atOnce = try office.authority.draftAmendment(
      of: .license(upcoming.jti), office.changes { $0.limit = 90 }, from: today)
    #expect(atOnce.questions.map(\.code) == ["REVOCATION_LIFTED"])
    #expect(atOnce.questions.first?.message.contains(present.jti.text) == true)
    // From the day on which the renewal lifts it, nothing more is lifted.
    let later = try office.authority.draftAmendment(
      of: .license(upcoming.jti), office.changes { $0.limit = 90 })
    #expect(!later.questions.contains { $0.code == "REVOCATION_LIFTED" })
  }

  @Test func `an upcoming revocation is not lifted unasked`() throws {
    let (office, present, upcoming) = try play()
    _ = try office.authority.revokeLicenses(
      [upcoming.jti], reason: "not paid", passphrase: Office.secret(), confirmed: true, why: "")
    let draft = try office.authority.draftAmendment(
      of: .license(present.jti), office.changes { $0.limit = 600 })
    #expect(draft.questions.map(\.code) == ["REVOCATION_LIFTED"])
    #expect(draft.questions.first?.message.contains(upcoming.jti.text) == true)
  }

  @Test func `the command that keeps a hidden renewal names a key that may sign`() throws {
    let (office, present, _) = try play()
    let old = try office.key(.online(.license)).thumbprint
    let new = try office.anotherKey()
    _ = try office.authority.retireKey(old, force: true, why: "")
    _ = try office.authority.publishKeyset(
      iss: nil, threshold: nil, passphrase: Office.secret(), why: "")
    let draft = try office.authority.draftAmendment(
      of: .license(present.jti), office.changes { $0.limit = 600 })
    let message = try #require(draft.questions.first { $0.code == "REVISION_HIDDEN" }?.message)
    #expect(message.contains("--key \(new.text)") && !message.contains(old.text), "\(message)")
  }

  @Test func `a general yes confirms dates and limits, and no loss of another revision`() {
    let named: Set<String> = [
      "REVISION_HIDDEN", "REVOCATION_LIFTED", "REVISION_REPLACED", "REISSUE_INTERRUPTED",
      "REVOCATION_WITHOUT_EFFECT", "REVOCATION_ENDS", "RELEASE_BACKDATED", "COVERAGE_BACKDATED",
      "DAYS_TWICE", "CLOCK_BACK", "CLOCK_FORWARD", "LINE_STOPS", "LICENSES_DIE", "COLLECTORS_CUT",
      "TERM_CUT", "MAINTENANCE_CUT", "RELEASE_SIGNED_ANEW",
    ]
    let general = Confirmation(isGeneral: true)
    let codes = Confirmation.knownCodes
    #expect(codes.count >= 25 && named.isSubset(of: codes))
    for code in codes {
      let question = IssuingQuestion(code: code, member: "term", message: "what happened")
      #expect(general.confirms(question) == !named.contains(code), "\(code)")
      #expect(Confirmation(codes: [code]).confirms(question), "\(code)")
      #expect(!Confirmation(codes: codes.subtracting([code])).confirms(question), "\(code)")
    }
  }

  @Test func `a trial is refused while another license is pending`() throws {
    let (office, _, _) = try play()
    #expect(throws: Never.self) { try office.authority.requireNothingPending() }
    try office.leavePending(.community)
    let error = #expect(throws: AuthorityError.self) {
      try office.authority.requireNothingPending()
    }
    #expect(error?.code == .intentPending)
  }

  @Test func `a key file that is open to others is an obstacle of a trial`() throws {
    let (office, present, _) = try play()
    let key = try office.key(.online(.license))
    let path = "\(office.folder)/\(key.pem)"
    let draft = try office.authority.draftAmendment(
      of: .license(present.jti), office.changes { $0.limit = 600 })
    #expect(try office.authority.rehearse(draft, with: nil).obstacles.isEmpty)
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
    let obstacles = try office.authority.rehearse(draft, with: nil).obstacles
    #expect(obstacles.count == 1 && obstacles.first?.english.contains("chmod 600") == true)
  }
}
