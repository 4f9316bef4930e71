import Authority
import CivilTime
import Foundation
import Libcrypto
import Licensing
import Sealing
import Testing

/// What is said and asked before licenses are revoked.
@Suite struct RevocationDraftTests {
  /// Superseded, in force, upcoming.
  private func play() throws -> (Office, revisions: [License]) {
    let office = try Office()
    let first = try office.issue(.subscription).payload
    let second = try office.issue(
      office.authority.draftAmendment(of: .line(first.line), office.changes { $0.limit = 70 }))
    return (office, [first, second, try office.renew(first.line)])
  }

  private func draft(_ office: Office, _ names: [LicenseName]) throws -> RevocationDraft {
    try office.authority.draftRevocation(of: names, reason: "not paid")
  }

  @Test func `whose it is and how it stands is said`() throws {
    let (office, revisions) = try play()
    let draft = try draft(office, [.license(revisions[1].jti)])
    #expect(draft.items.map(\.standing) == [.inForce])
    let text = try #require(draft.items.first?.words.english)
    for word in ["ACME Ltd", office.customer.text, "revision 2", "in force", "2027-11-20"] {
      #expect(text.contains(word), "\(text)")
    }
    #expect(draft.document.seq == 1 && draft.document.revoked.map(\.jti) == [revisions[1].jti])
  }

  @Test func `what a revocation would not end is asked about`() throws {
    let (office, revisions) = try play()
    let cases: [([Int], [String])] = [
      ([0], ["REVOCATION_WITHOUT_EFFECT"]), ([1], ["LINE_STOPS", "REVOCATION_ENDS"]), ([2], []),
      ([0, 1], ["LINE_STOPS", "REVOCATION_ENDS"]), ([1, 2], ["LINE_STOPS"]),
      ([0, 1, 2], ["LINE_STOPS"]),
      ([0, 2], ["REVOCATION_WITHOUT_EFFECT"]),
    ]
    #expect(cases.count == 7)
    for (indices, codes) in cases {
      let names = indices.map { LicenseName.license(revisions[$0].jti) }
      #expect(try draft(office, names).questions.map(\.code) == codes, "\(indices)")
    }
    let asked = try draft(office, [.license(revisions[1].jti)]).questions.map(\.message)
    for part in [revisions[1].line.text, "ACME Ltd", "subscription", "70 collectors", "2027-11-20"]
    {
      #expect(asked[0].contains(part), "\(asked)")
    }
    let ends = asked[1]
    #expect(ends.contains(revisions[2].jti.text) && ends.contains("2027-11-21"), "\(ends)")
    let before = try office.contents()
    let error = #expect(throws: AuthorityError.self) {
      try office.authority.revokeLicenses(
        [revisions[0].jti], reason: "not paid", passphrase: Office.secret(), why: "")
    }
    #expect(error?.code == .questionsOpen)
    #expect(try office.contents() == before)
    _ = try office.authority.revokeLicenses(
      [revisions[1].jti], reason: "not paid", passphrase: Office.secret(), confirmed: true,
      why: "case 1")
    let row = try office.authority.registry.audit(last: 1).first
    #expect(row?.why == "case 1 (confirmed: LINE_STOPS, REVOCATION_ENDS)")
    // The one in force is revoked: the one that it superseded may still be used where it is alone.
    #expect(try draft(office, [.license(revisions[0].jti)]).questions.isEmpty)
  }

  @Test func `a license that is over is asked about`() throws {
    let (office, revisions) = try play()
    let zone = try office.authority.zone("Asia/Shanghai")
    office.clock.set(zone.day(of: try #require(CivilDate("2028-12-05"))).lowerBound)
    let over = try draft(office, [.license(revisions[2].jti)])
    #expect(over.items.map(\.standing) == [.ended])
    #expect(over.questions.map(\.code) == ["REVOCATION_WITHOUT_EFFECT"])
    let error = #expect(throws: AuthorityError.self) {
      try draft(office, [.line(revisions[0].line)])
    }
    #expect(error?.code == .conflict)
  }

  @Test func `a line stands for all that could still be used, and for each once`() throws {
    let (office, revisions) = try play()
    let line = LicenseName.line(revisions[0].line)
    let whole = try draft(office, [line])
    #expect(whole.items.map(\.license) == revisions)
    #expect(whole.questions.map(\.code) == ["LINE_STOPS"])
    let twice = #expect(throws: AuthorityError.self) {
      try draft(office, [line, .license(revisions[1].jti)])
    }
    #expect(twice?.code == .inputInvalid)
    let document = try office.authority.revoke(
      whole, passphrase: Office.secret(), confirmed: true, why: "")
    #expect(document.payload.revoked.map(\.jti) == revisions.map(\.jti))
    #expect(try office.history(revisions[0].line).live.isEmpty)
    let row = try office.authority.registry.audit(last: 1).first
    #expect(row?.action == .licenseRevoke && row?.why == "not paid (confirmed: LINE_STOPS)")
    let again = #expect(throws: AuthorityError.self) { try draft(office, [line]) }
    #expect(again?.code == .conflict)
  }

  @Test func `a trial stores nothing and names the key`() throws {
    let (office, revisions) = try play()
    let before = try office.contents()
    let draft = try draft(office, [.line(revisions[0].line)])
    let rehearsed = try office.authority.rehearse(draft, with: nil)
    #expect(rehearsed.key == (try office.key(.online(.revocation)).thumbprint))
    #expect(rehearsed.obstacles.isEmpty)
    #expect(try office.contents() == before)
  }
}
