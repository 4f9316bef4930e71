@testable import Authority
import CivilTime
import Foundation
import Libcrypto
import Licensing
import Sealing
import Testing

/// A reissue that was broken off between the copies of one line.
@Suite struct ReissueInterruptedTests {
  /// The copy of the first stands, that of its renewal does not.
  private func play() throws -> (Office, stolen: Thumbprint, early: License, copy: License) {
    let office = try Office()
    let stolen = try office.key(.online(.license)).thumbprint
    let first = try office.issueLine(.subscription, key: stolen)
    let early = try office.renew(first.line)
    let key = try office.anotherKey()
    let copies = try office.reissue(ReissueOrder(signedBy: stolen, key: key), atMost: 1)
    return (office, stolen, early, try #require(copies.first))
  }

  @Test func `the list says so, and what to do`() throws {
    let (office, _, early, copy) = try play()
    let licenses = try office.authority.registry.licenses()
    let book = try LicenseBook(licenses, office.authority)
    #expect(licenses.map(book.standing) == ["superseded", "interrupted", "in force"])
    let words = try #require(book.history(of: copy.line)).interruptedInWords(key: "NEW")
    #expect(words.count == 1)
    #expect(words.first?.contains(early.jti.text) == true)
    #expect(
      words.first?.contains("tally license reissue \(copy.line) --key NEW") == true, "\(words)")
  }

  @Test func `the renewal that lost its place still holds the stolen key`() throws {
    let (office, stolen, early, _) = try play()
    let key = try office.authority.registry.key(stolen)
    #expect(try office.authority.signedDocuments(of: key).licenses.map(\.license) == [early])
    let error = #expect(throws: AuthorityError.self) {
      try office.authority.retireKey(stolen, why: "")
    }
    #expect(error?.message.contains(early.jti.text) == true)
    let new = try office.key(.online(.license)).thumbprint
    _ = try office.reissue(ReissueOrder(signedBy: stolen, key: new))
    #expect(try office.authority.signedDocuments(of: key).licenses.isEmpty)
  }

  @Test func `nothing is put above it unasked, and it is not amended itself`() throws {
    let (office, _, early, copy) = try play()
    let more = office.changes { $0.limit = 7 }
    let drafts = [
      try office.authority.draftAmendment(of: .line(copy.line), more),
      try office.authority.draftRenewal(
        of: .line(copy.line), end: .length(.years(1)), basis: .fromEnd),
    ]
    for draft in drafts {
      let asked = draft.questions.filter { $0.code == "REISSUE_INTERRUPTED" }
      #expect(asked.count == 1 && asked.first?.message.contains(early.jti.text) == true)
    }
    let error = #expect(throws: AuthorityError.self) {
      try office.authority.draftAmendment(of: .license(early.jti), more)
    }
    #expect(error?.code == .conflict)
    #expect(error?.message.contains("tally license reissue") == true)
    let key = try office.key(.online(.license)).thumbprint
    let rest = try office.reissue(ReissueOrder(names: [.license(early.jti)], key: key))
    #expect(rest.map(\.term) == [early.term])
    let whole = try office.authority.draftAmendment(of: .line(copy.line), more)
    #expect(!whole.questions.contains { $0.code == "REISSUE_INTERRUPTED" })
  }

  @Test func `dropping a copy says which renewal is lost by it`() throws {
    let (office, stolen, early, _) = try play()
    let key = try office.key(.online(.license)).thumbprint
    let draft = try #require(
      try office.authority.plan(ReissueOrder(signedBy: stolen, key: key)).drafts.first)
    try office.leavePending(draft.license, as: .licenseReissue)
    try office.reopen()
    let intent = try office.authority.dropPending(why: "the disk failed")
    let words = try office.authority.lostByDropping(intent)
    #expect(words.count == 1 && words.first?.english.contains(early.jti.text) == true)
    // A license of a line of its own loses nothing.
    try office.leavePending(.community)
    let other = try office.authority.dropPending(why: "a slip")
    #expect(try office.authority.lostByDropping(other).isEmpty)
  }
}

extension Office {
  /// Leaves an order as a machine would that died before it signed.
  func leavePending(_ edition: Edition) throws {
    try leavePending(authority.draft(order(edition)).license, as: .licenseIssue)
  }

  func leavePending(_ license: License, as action: AuditEntry.Action) throws {
    let key = try authority.open(try key(.online(.license)), Self.secret())
    _ = try authority.begin(
      license, as: action, with: key,
      by: Author(who: "maria", why: "key stolen", at: license.iat))
  }
}
