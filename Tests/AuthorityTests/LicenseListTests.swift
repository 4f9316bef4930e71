@testable import Authority
import CivilTime
import Foundation
import GRDB
import Libcrypto
import Licensing
import Platform
import Sealing
import Testing

@Suite struct LicenseListTests {
  private func book(_ office: Office) throws -> LicenseBook {
    try LicenseBook(try office.authority.registry.licenses(), office.authority)
  }

  private func damage(_ office: Office, _ license: License, _ sql: String) throws {
    try office.authority.registry.write { db in
      try db.execute(sql: sql, arguments: [license.jti.text])
    }
  }

  @Test func `each revision says how it stands in its line`() throws {
    let office = try Office()
    let first = try office.issue(.subscription).payload
    let second = try office.issue(
      office.authority.draftAmendment(
        of: .line(first.line), office.changes { $0.limit = 70 }))
    let early = try office.renew(first.line)
    let revoked = try office.issue(.community).payload
    try damage(office, revoked, "UPDATE licenses SET state = 'revoked' WHERE jti = ?")
    func standings() throws -> [LicenseID: String] {
      let book = try book(office)
      return Dictionary(
        uniqueKeysWithValues: try office.authority.registry.licenses().map {
          ($0.license.jti, book.standing(of: $0))
        })
    }
    #expect(
      try standings() == [
        first.jti: "superseded", second.jti: "in force", early.jti: "upcoming",
        revoked.jti: "revoked",
      ])
    // The last day of grace of the renewal, and the day after.
    let end = try office.authority.zone("Asia/Shanghai").day(
      of: try #require(CivilDate("2028-12-04")))
    office.clock.set(end.upperBound - 1)
    #expect(try standings()[early.jti] == "in force")
    #expect(try standings()[second.jti] == "superseded")
    office.clock.set(end.upperBound)
    #expect(try standings()[early.jti] == "ended")
  }

  @Test func `what ends soon is listed by line: terms, grace days and maintenance`() throws {
    let office = try Office()
    let subscription = try office.issue(.subscription).payload
    let perpetual = try office.issue(.perpetual).payload
    let payg = try office.issue(.payg).payload
    _ = try office.issue(.community)
    func found(_ days: Int64) throws -> [String] {
      try book(office).expiring(within: days).map {
        "\($0.what.rawValue) \($0.through) \($0.days) \($0.issued.license.edition.rawValue)"
      }
    }
    #expect(try found(28).isEmpty)
    #expect(try found(29) == ["term 2026-12-20 29 payg"])
    #expect(try found(363) == ["term 2026-12-20 29 payg"])
    #expect(
      Set(try found(364)) == [
        "term 2026-12-20 29 payg", "term 2027-11-20 364 subscription",
        "maintenance 2027-11-20 364 perpetual",
      ])
    // Renewed without a gap: the line ends later.
    try office.renew(subscription.line)
    #expect(try found(364).count == 2)
    #expect(try found(730).contains("term 2028-11-20 730 subscription"))
    // The term is over, its grace days are not; of what is over nothing is listed.
    office.clock.set(Office.start + 735 * 86_400)
    #expect(try found(60) == ["grace 2028-12-04 9 subscription"])
    _ = (perpetual, payg)
  }

  @Test func `a gap before the renewal is an end, and a revoked license ends nothing`() throws {
    let office = try Office()
    let first = try office.issue(.payg).payload
    let later = try #require(CivilDate("2026-12-22"))
    try office.issue(
      office.authority.draftAmendment(
        of: .line(first.line), LicenseChanges(), from: later,
        end: .length(.days(30))))
    #expect(try book(office).expiring(within: 60).map(\.issued.license) == [first])
    try damage(office, first, "UPDATE licenses SET state = 'revoked' WHERE jti = ?")
    #expect(try book(office).expiring(within: 60).isEmpty)
  }

  @Test func `a row that cannot be read does not hide the others`() throws {
    let table = [
      "UPDATE licenses SET payload = '{' WHERE jti = ?",
      "UPDATE licenses SET payload = replace(payload, 'community', 'comunity') WHERE jti = ?",
      "UPDATE licenses SET jti = 'x', revision = 9 WHERE jti = ?",
      "UPDATE intents SET action = 'something else' WHERE subject = ?",
    ]
    #expect(table.count == 4)
    for sql in table {
      let office = try Office()
      let good = try office.issue(.payg).payload
      let bad = try office.issue(.community).payload
      try damage(office, bad, sql)
      let (licenses, damaged) = try office.authority.registry.readableLicenses()
      #expect(licenses.map(\.license) == [good], "\(sql)")
      #expect(damaged.count == 1, "\(sql)")
      #expect(damaged.first?.message.contains("audit verify") == true, "\(sql)")
      #expect(throws: AuthorityError.damaged("")) {
        try office.authority.registry.licenses()
      }
    }
  }
}
