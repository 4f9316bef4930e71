import Authority
import CivilTime
import Foundation
import Licensing
import Sealing
import Testing

/// What is asked before a revision takes much from its line, or gives far more.
@Suite struct CutQuestionTests {
  private func codes(_ draft: LicenseDraft) -> [String] { draft.questions.map(\.code) }

  @Test func `a limit that falls below half or rises over ten times is asked about`() throws {
    let office = try Office()
    let line = LicenseName.line(try office.issue(.subscription).payload.line)
    let cases: [(limit: Int64, codes: [String])] = [
      (1, ["COLLECTORS_CUT"]), (49, ["COLLECTORS_CUT"]), (50, []), (99, []), (1000, []),
      (1001, ["COLLECTORS_RAISED"]), (500_000, ["COLLECTORS_RAISED"]),
    ]
    #expect(cases.count == 7)
    for (limit, expected) in cases {
      let amendment = try office.authority.draftAmendment(
        of: line, office.changes { $0.limit = limit })
      #expect(codes(amendment) == expected, "\(limit)")
      let renewal = try office.authority.draftRenewal(
        of: line, office.changes { $0.limit = limit }, end: .length(.years(1)))
      #expect(codes(renewal) == expected, "\(limit)")
      guard let question = amendment.questions.first else { continue }
      #expect(question.message.contains("\(limit) collectors"), "\(question.message)")
      #expect(question.message.contains("100"), "\(question.message)")
    }
  }

  @Test func `a limit that comes or goes is asked about`() throws {
    let office = try Office()
    let line = LicenseName.line(try office.issue(.payg).payload.line)
    let limited = try office.authority.draftAmendment(
      of: line, office.changes { $0.limit = 1000 })
    #expect(codes(limited) == ["COLLECTORS_CUT"])
    try office.issue(limited, confirmed: true)
    let free = try office.authority.draftAmendment(
      of: line, office.changes { $0.removesLimit = true })
    #expect(codes(free) == ["COLLECTORS_RAISED"])
  }

  @Test func `a term that loses more than half of what is left is asked about`() throws {
    let office = try Office()
    let line = LicenseName.line(try office.issue(.subscription).payload.line)
    // From 2026-11-21 through 2027-11-20, 365 days are left.
    let cases: [(through: String, codes: [String])] = [
      ("2027-11-19", []), ("2027-05-22", []), ("2027-05-21", ["TERM_CUT"]),
      ("2026-11-21", ["TERM_CUT"]), ("2027-11-21", []),
    ]
    #expect(cases.count == 5)
    for (through, expected) in cases {
      let draft = try office.authority.draftAmendment(
        of: line, LicenseChanges(), end: .through(try #require(CivilDate(through))))
      #expect(codes(draft) == expected, "\(through)")
    }
    let zone = try office.authority.zone("Asia/Shanghai")
    office.clock.set(zone.day(of: try #require(CivilDate("2027-11-01"))).lowerBound)
    let past = try office.authority.draftAmendment(
      of: line, LicenseChanges(), end: .through(try #require(CivilDate("2027-10-31"))))
    #expect(codes(past) == ["TERM_OVER", "TERM_BACKDATED", "TERM_CUT"])
    let message = try #require(past.questions.last).message
    #expect(message.contains("0 of the 20 days") && message.contains("over at once"), "\(message)")
  }

  @Test func `maintenance is asked about as well, and so is the end of what is perpetual`() throws {
    let office = try Office()
    let line = LicenseName.line(try office.issue(.perpetual).payload.line)
    let cut = try office.authority.draftAmendment(
      of: line, LicenseChanges(), end: .through(try #require(CivilDate("2027-01-01"))))
    #expect(codes(cut) == ["MAINTENANCE_CUT"])
    let ended = try office.authority.draftAmendment(
      of: line, office.changes { $0.edition = .subscription }, end: .length(.years(3)))
    #expect(codes(ended) == ["TERM_CUT"])
    let named: Set<String> = ["COLLECTORS_CUT", "TERM_CUT", "MAINTENANCE_CUT"]
    for question in cut.questions + ended.questions {
      #expect(named.contains(question.code) && question.chinese != nil)
      #expect(!Confirmation(isGeneral: true).confirms(question))
    }
  }
}
