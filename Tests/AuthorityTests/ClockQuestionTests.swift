import Authority
import CivilTime
import Libcrypto
import Licensing
import Sealing
import Testing

/// What is asked before anything is issued by a clock that the registry does not expect.
@Suite struct ClockQuestionTests {
  private static let day: Int64 = 86_400

  private func codes(_ office: Office, at instant: Int64) throws -> [String] {
    office.clock.set(instant)
    return try office.authority.clockQuestions().map(\.code)
  }

  @Test func `a clock is asked about below a day back and above 62 days on, and not before`()
    throws
  {
    let office = try Office()
    let last = Office.start
    let cases: [(Int64, [String])] = [
      (0, []), (-Self.day, []), (-Self.day - 1, ["CLOCK_BACK"]), (-400 * Self.day, ["CLOCK_BACK"]),
      (62 * Self.day, []), (63 * Self.day - 1, []), (63 * Self.day, ["CLOCK_FORWARD"]),
      (3650 * Self.day, ["CLOCK_FORWARD"]),
    ]
    #expect(cases.count == 8)
    for (offset, expected) in cases {
      #expect(try codes(office, at: last + offset) == expected, "\(offset)")
    }
  }

  @Test func `each question says both times and needs to be named`() throws {
    let office = try Office()
    office.clock.set(Office.start + 400 * Self.day)
    let question = try #require(try office.authority.clockQuestions().first)
    for part in ["2026-11-21T06:00:00Z", "2027-12-26T06:00:00Z", "400 days"] {
      #expect(question.message.contains(part), "\(question.message)")
    }
    for code in ["CLOCK_BACK", "CLOCK_FORWARD"] {
      let question = IssuingQuestion(code: code, member: "iat", message: "")
      #expect(!Confirmation(isGeneral: true).confirms(question))
      #expect(Confirmation(codes: [code]).confirms(question))
    }
  }

  /// A customer is added and a key made before the license: they must not make the clock believed.
  @Test func `what was done without being asked does not count, what was issued does`() throws {
    let office = try Office()
    let later = Office.start + 100 * Self.day
    #expect(try codes(office, at: later) == ["CLOCK_FORWARD"])
    _ = try office.authority.addCustomer("Later Ltd", why: "")
    _ = try office.authority.newKey(
      KeyOrder(role: .online(.license)), passphrase: Office.secret(), why: "")
    #expect(try codes(office, at: later) == ["CLOCK_FORWARD"])
    _ = try office.issue(.community)
    #expect(try codes(office, at: later) == [])
    #expect(try codes(office, at: Office.start) == ["CLOCK_BACK"], "the clock is set right again")
    _ = try office.issue(.community)
    #expect(try codes(office, at: Office.start) == [], "once it was confirmed")
  }

  @Test func `a draft that is asked about is not issued unconfirmed, and the log keeps the yes`()
    throws
  {
    let office = try Office()
    office.clock.set(Office.start + 100 * Self.day)
    let authority = office.authority
    let questions = try authority.clockQuestions()
    #expect(questions.count == 1)
    let license = try authority.draft(office.order(.community)).asking(questions)
    let release = try authority.draft(
      ReleaseOrder(
        product: "platform", version: "2.0.0", released: try #require(CivilDate("2027-03-01")))
    ).asking(questions)
    let before = try RegistryState(office)
    for issue in [
      { _ = try authority.issue(license, passphrase: Office.secret(), why: "") },
      { _ = try authority.sign(release, passphrase: Office.secret(), why: "") },
    ] as [() throws -> Void] {
      let error = #expect(throws: AuthorityError.self) { try issue() }
      #expect(error?.code == .questionsOpen)
      #expect(error?.message.contains("CLOCK_FORWARD") == true)
    }
    #expect(try RegistryState(office) == before)
    let confirmed = try authority.issue(
      license, passphrase: Office.secret(), confirmed: true, why: "order 7")
    let row = try #require(try authority.registry.audit().last)
    #expect(row.subjects.contains(confirmed.payload.jti.text))
    #expect(row.why == "order 7 (confirmed: CLOCK_FORWARD)")
    let revocation = try authority.draftRevocation(
      of: [.license(confirmed.payload.jti)], reason: "x"
    ).asking(questions)
    #expect(revocation.questions.map(\.code) == ["CLOCK_FORWARD", "LINE_STOPS"])
  }
}
