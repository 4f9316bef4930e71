import Billing
import CivilTime
import Gateway
import HTTPTypes
import Licensing
import Reporting
import Sealing
import Testing
import TestSupport

/// Statements that never change, and what is made good later.
@Suite(.everyStore) struct FinalStatementTests {
  static func makeFinal(_ site: TestSite, _ month: String) async throws -> ShownStatement {
    try await site.gateway.statements.makeFinal(
      of: site.license.line, in: try TestSite.some(Month(month)))
  }

  static func shown(_ site: TestSite, _ month: String) async throws -> ShownStatement {
    try await site.gateway.statements.shown(
      of: site.license.line, in: try TestSite.some(Month(month)))
  }

  @Test func `a statement becomes final once its month is over and every date is closed`()
    async throws
  {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try installation.day(peak: 7)
      _ = try await site.report(installation, installation.records)
      site.clock.set(try DateCloserTests.midnight("2026-11-23"))
      let early = try await problem { try await Self.makeFinal(site, "2026-11") }
      #expect(early.code == .conflict && early.detail.contains("2026-11-22"))
      site.clock.set(try DateCloserTests.midnight("2026-12-04") - 1)
      let open = try await problem { try await Self.makeFinal(site, "2026-11") }
      #expect(open.code == .conflict && open.detail.contains("2026-11-30"))
      #expect(try await Self.shown(site, "2026-11").sealed == nil)
      site.clock.advance(1)
      let final = try await Self.makeFinal(site, "2026-11")
      let sealed = try TestSite.some(final.sealed)
      let opened = try site.vendor.trust.open(
        Array(sealed.utf8), as: Statement.self
      ).payload
      #expect(opened == final.statement && opened.status == .final)
      #expect(opened.totals.map(\.quantity) == [70])
      site.clock.advance(86_400)
      try await site.restart()
      #expect(try await Self.makeFinal(site, "2026-11").sealed == sealed)
      #expect(try await Self.shown(site, "2026-11").sealed == sealed)
    }
  }

  @Test func `what nobody could read is not sealed`() async throws {
    try await TestSite.play { site in
      _ = try await site.activated()
      var statement = try await Self.shown(site, "2026-11").statement
      statement.decisions = Array(repeating: "a.b.c", count: 10_001)
      let many = try await problem { _ = try site.gateway.sealed(statement) }
      #expect(many.code == .tooLarge)
      statement.decisions = []
      _ = try site.gateway.sealed(statement)
      statement.customer = String(repeating: "x", count: Statement.kind.maximumSize)
      let large = try await problem { _ = try site.gateway.sealed(statement) }
      #expect(large.code == .tooLarge)
    }
  }

  @Test func `a month that is not over has no final statement, whatever it holds`() async throws {
    try await TestSite.play { site in
      _ = try await site.activated()
      let refused = try await problem { try await Self.makeFinal(site, "2026-11") }
      #expect(refused.code == .conflict && refused.detail.contains("not over"))
      let before = try await Self.makeFinal(site, "2026-10")
      #expect(before.statement.lines.isEmpty && before.statement.status == .final)
    }
  }

  @Test func `a late record changes no final statement: the next one makes it good, once`()
    async throws
  {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try installation.day(peak: 7)
      _ = try await site.report(installation, installation.records)
      site.clock.set(try DateCloserTests.midnight("2026-12-04"))
      let november = try await Self.makeFinal(site, "2026-11")
      #expect(november.statement.lines.map(\.quantity) == Array(repeating: 7, count: 10))
      try installation.day(peak: 10)
      try installation.day(peak: 2)
      _ = try await site.report(installation, Array(installation.records[1...]))
      #expect(try await Self.shown(site, "2026-11").sealed == november.sealed)
      let draft = try await Self.shown(site, "2026-12").statement
      // The 22nd rose to 10, the 23rd fell to 2, and the closed dates after carry the 10.
      #expect(draft.corrections.map(\.date.day) == Array(22...30))
      #expect(draft.corrections.map(\.was) == Array(repeating: 7, count: 9))
      #expect(draft.corrections.map(\.now) == [10, 2] + Array(repeating: 10, count: 7))
      #expect(draft.corrections.first?.basis == .day && draft.corrections.first?.seq == 2)
      site.clock.set(try DateCloserTests.midnight("2027-01-04"))
      let december = try await Self.makeFinal(site, "2026-12").statement
      #expect(december.corrections == draft.corrections)
      // 31 dates carry 10; three more on the 22nd and on seven others, five fewer on the 23rd.
      #expect(december.totals.map(\.quantity) == [329])
      #expect(try await Self.shown(site, "2027-01").statement.corrections.isEmpty)
      try installation.day(peak: 1)
      _ = try await site.report(installation, [installation.records[3]])
      let january = try await Self.shown(site, "2027-01").statement
      #expect(january.corrections.map(\.date.day) == [24])
      #expect(january.corrections.map(\.was) == [10] && january.corrections.map(\.now) == [1])
      #expect(january.corrections.first?.charge?.amount == -9 * 120)
    }
  }

  @Test func `a price that becomes known later corrects nothing that was final`() async throws {
    try await TestSite.play { site in
      var installation = try await site.activated()
      installation.license = try TestSite.some(LicenseID("lic_2"))
      installation.revision = 2
      try installation.day(peak: 7)
      _ = try await site.report(installation, installation.records)
      site.clock.set(try DateCloserTests.midnight("2026-12-04"))
      let final = try await Self.makeFinal(site, "2026-11")
      #expect(final.statement.lines.map(\.revision) == Array(repeating: 1, count: 10))
      var dearer = try TestSite.payg("2", revision: 2)
      dearer.price = Price(currency: "CNY", minorPerCollectorDay: 999)
      _ = try await site.gateway.publications.publish(
        Publication(licenses: [try site.vendor.jws(dearer)]))
      let present = try await DateCloserTests.statement(site)
      #expect(present.totals != final.statement.totals, "the date would cost more now")
      #expect(try await Self.shown(site, "2026-12").statement.corrections.isEmpty)
    }
  }

  @Test func `a late record is made good at the old price, and a dearer one moves nothing else`()
    async throws
  {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try installation.day(peak: 7)
      _ = try await site.report(installation, installation.records)
      site.clock.set(try DateCloserTests.midnight("2026-12-04"))
      let november = try await Self.makeFinal(site, "2026-11").statement
      var dearer = try TestSite.payg("2", revision: 2)
      dearer.price = Price(currency: "CNY", minorPerCollectorDay: 999)
      _ = try await site.gateway.publications.publish(
        Publication(licenses: [try site.vendor.jws(dearer)]))
      try installation.day(peak: 10)
      _ = try await site.report(installation, [installation.records[1]])
      let draft = try await Self.shown(site, "2026-12").statement
      #expect(draft.corrections.map(\.date.day) == Array(22...30))
      #expect(draft.corrections.allSatisfy { $0.charge?.amount == 3 * 120 })
      site.clock.set(try DateCloserTests.midnight("2027-01-04"))
      let december = try await Self.makeFinal(site, "2026-12").statement
      #expect(december.corrections == draft.corrections)
      #expect(november.totals.map(\.quantity) == [70])
      // Looked at once; what came before the newest final statement is settled.
      #expect(try await Self.shown(site, "2027-01").statement.corrections.isEmpty)
    }
  }

  @Test func `asked for many times at once it is made once`() async throws {
    try await TestSite.play { site in
      _ = try await site.activated()
      site.clock.set(try DateCloserTests.midnight("2026-12-04"))
      let gateway = site.gateway
      let line = site.license.line
      let month = try TestSite.some(Month("2026-11"))
      let made = try await withThrowingTaskGroup(of: String?.self) { group in
        for _ in 0..<20 {
          group.addTask { try await gateway.statements.makeFinal(of: line, in: month).sealed }
        }
        return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
      }
      #expect(made.count == 1)
      let kept = try await site.store.read { try $0.finalStatements(of: line) }
      #expect(kept.count == 1 && kept.first?.jws == made.first)
    }
  }

  @Test func `over HTTP it is made with a token that decides, and read as it is kept`()
    async throws
  {
    try await TestSite.play { site in
      _ = try await site.activated()
      site.clock.set(try DateCloserTests.midnight("2026-12-04"))
      let reader = try await site.token()
      let decider = try await site.token([.decide])
      let path = "/v1/statements/final?line=\(site.license.line)&month=2026-11"
      #expect(try await site.send(.post, path).status == 401)
      #expect(try await site.send(.post, path, token: reader).status == 403)
      #expect(try await site.send(.get, path, token: decider).status == 405)
      let open = "/v1/statements/final?line=\(site.license.line)&month=2026-12"
      #expect(try await site.send(.post, open, token: decider).status == 409)
      let other = path + "&license=lic_none"
      #expect(try await site.send(.post, other, token: decider).status == 404)
      let made = try await site.send(.post, path, token: decider)
      #expect(made.status == 200, "\(made.text)")
      #expect(made.json?["statement"]?["status"]?.string == "final")
      let read = try await site.send(
        .get, "/v1/statements?license=\(site.license.jti)&month=2026-11", token: reader)
      #expect(read.body == made.body)
    }
  }
}
