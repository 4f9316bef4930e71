import Billing
import CivilTime
import Foundation
import Gateway
import Licensing
import Metering
import Reporting
import Sealing
import Testing
import TestSupport

/// Dates that the gateway closes because no day record comes.
@Suite(.everyStore) struct DateCloserTests {
  /// The first second of a date, UTC.
  static func midnight(_ date: String) throws -> Int64 {
    Zone.utc.day(of: try TestSite.some(CivilDate(date))).lowerBound
  }

  static func statement(_ site: TestSite, _ month: String = "2026-11") async throws -> Statement {
    try await site.gateway.statements.statement(
      of: site.license.line, in: try TestSite.some(Month(month)))
  }

  static func line(_ site: TestSite, _ date: String) async throws -> StatementLine {
    let statement = try await statement(site, String(date.prefix(7)))
    return try TestSite.some(statement.lines.first { $0.date.description == date })
  }

  /// The closings in the ledger, opened as anyone with the keyset would.
  static func closings(_ site: TestSite, _ month: String = "2026-11") async throws -> [Decision] {
    let line = site.license.line
    let dates = try TestSite.some(Month(month))
    let stored = try await site.store.read {
      try $0.decisions(of: line, between: 0..<1, dates: dates.first...dates.last)
    }
    return try stored.map {
      try site.vendor.trust.open(Array($0.jws.utf8), as: Decision.self).payload
    }
  }

  static func dates(_ decisions: [Decision]) -> [String] {
    decisions.compactMap {
      guard case .closing(let closing) = $0.matter else { return nil }
      return closing.date.description
    }
  }

  /// Publishes a second revision that has usage reported in another way.
  static func publish(_ mode: ReportingMode, _ site: TestSite) async throws {
    var license = try TestSite.payg("2", revision: 2)
    license.edition = .subscription
    license.price = nil
    license.collectors = Collectors(limit: 1000, overage: .record)
    license.reporting = Reporting(
      mode: mode, gateway: mode == .offline ? nil : "https://usage.vendor.example")
    _ = try await site.gateway.publications.publish(
      Publication(licenses: [try site.vendor.jws(license)]))
  }

  @Test func `a date is closed 72 h after its end, by its newest sample, the rest a gap`()
    async throws
  {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try installation.sample(peak: 500, after: 3600)
      try installation.sample(peak: 510, after: 7200)
      _ = try await site.report(installation, installation.records)
      site.clock.set(try Self.midnight("2026-11-25") - 1)
      #expect(try await site.gateway.closer.closeDue().closed == 0)
      #expect(try await Self.line(site, "2026-11-21").basis == .sample)
      site.clock.advance(1)
      #expect(try await site.gateway.closer.closeDue().closed == 1)
      let line = try await Self.line(site, "2026-11-21")
      #expect(line.basis == .closing && line.seq == 2)
      #expect(line.peak == 510 && line.quantity == 510)
      #expect(line.observed == 7200 && line.seconds == 86_400)
      let midnight = try Self.midnight("2026-11-21")
      let gap = UsageGap(from: midnight + 7200, to: midnight + 86_400, reason: "unreported")
      #expect(line.gaps == [gap])
      #expect(line.rule?.identity == "datakit:hostname")
      #expect(try await Self.line(site, "2026-11-22").basis == .none)
    }
  }

  @Test func `a closing is sealed, says who and why, and bills what the statement bills`()
    async throws
  {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try installation.day(peak: 70)
      try installation.sample(peak: 5, after: 60)
      _ = try await site.report(installation, installation.records)
      site.clock.set(try Self.midnight("2026-11-26"))
      #expect(try await site.gateway.closer.closeDue().closed == 1)
      let decision = try TestSite.some(try await Self.closings(site).first)
      #expect(decision.iat == (try Self.midnight("2026-11-26")))
      #expect(decision.installation == installation.thumbprint)
      #expect(decision.line == site.license.line)
      #expect(decision.by == Decision.gateway && !decision.isOfStaff)
      #expect(decision.why == "no day record came within 72 h after the date's end")
      guard case .closing(let closing) = decision.matter else { throw TestInstallation.Missing() }
      let line = try await Self.line(site, "2026-11-22")
      #expect(line.quantity == 70 && line.carriedFrom?.day == 21)
      #expect(closing.quantity == line.quantity && closing.carriedFrom == line.carriedFrom)
      #expect(closing.license == line.license && closing.peak == line.peak)
      let statement = try await Self.statement(site)
      #expect(statement.decisions.isEmpty, "the line itself tells what the gateway closed")
    }
  }

  @Test func `what is closed is closed once, also after a restart`() async throws {
    try await TestSite.play { site in
      let installation = try await site.activated()
      site.clock.set(try Self.midnight("2026-11-27"))
      #expect(try await site.gateway.closer.closeDue().closed == 3)
      #expect(try await site.gateway.closer.closeDue().closed == 0)
      try await site.restart()
      #expect(try await site.gateway.closer.closeDue().closed == 0)
      site.clock.advance(86_399)
      #expect(try await site.gateway.closer.closeDue().closed == 0)
      site.clock.advance(1)
      #expect(try await site.gateway.closer.closeDue().closed == 1)
      #expect(
        Self.dates(try await Self.closings(site)) == [
          "2026-11-21", "2026-11-22", "2026-11-23", "2026-11-24",
        ])
      let head = try await site.store.state(of: installation.thumbprint)?.head
      #expect(head?.closed == nil && head?.seq == 0, "the chain is the installation's alone")
    }
  }

  @Test func `an installation that reports is left alone`() async throws {
    try await TestSite.play { site in
      var installation = try await site.activated()
      for _ in 0..<10 {
        site.clock.advance(86_400)
        try installation.day(peak: 3)
        _ = try await site.report(installation, [installation.records.last ?? ""])
        #expect(try await site.gateway.closer.closeDue().closed == 0)
      }
      #expect(try await Self.closings(site).isEmpty)
    }
  }

  @Test func `a day record that comes later takes the closing's place, with what it tells`()
    async throws
  {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try installation.sample(peak: 5, after: 60)
      _ = try await site.report(installation, installation.records)
      site.clock.set(try Self.midnight("2026-11-26"))
      #expect(try await site.gateway.closer.closeDue().closed == 2)
      #expect(try await Self.line(site, "2026-11-21").quantity == 5)
      try installation.sample(peak: 6, after: 120)
      try installation.day(peak: 9)
      try installation.day(peak: 4)
      let answer = try await site.report(installation, Array(installation.records[1...]))
      #expect(answer.results.map(\.status) == [.stored, .stored, .stored])
      let late = try await Self.line(site, "2026-11-21")
      #expect(late.basis == .day && late.quantity == 9 && late.seq == 3)
      #expect(try await Self.line(site, "2026-11-22").quantity == 4)
      #expect(try await site.gateway.closer.closeDue().closed == 0)
      #expect(try await ClosedDateTests.findings(site, installation).isEmpty)
    }
  }

  @Test func `a sample that comes after the closing is billed where it tells of more`()
    async throws
  {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try installation.sample(peak: 5, after: 60)
      _ = try await site.report(installation, installation.records)
      site.clock.set(try Self.midnight("2026-11-25"))
      #expect(try await site.gateway.closer.closeDue().closed == 1)
      try installation.sample(peak: 8, after: 120)
      _ = try await site.report(installation, [installation.records[1]])
      let line = try await Self.line(site, "2026-11-21")
      #expect(line.basis == .closing && line.peak == 5 && line.quantity == 8)
    }
  }

  @Test func `making a statement closes what is due, and the month becomes closed`() async throws {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try installation.day(peak: 7)
      _ = try await site.report(installation, installation.records)
      site.clock.set(try Self.midnight("2026-12-04") - 1)
      let provisional = try await Self.statement(site)
      #expect(provisional.status == .provisional)
      #expect(provisional.lines.filter { $0.basis == .none }.map(\.date.day) == [30])
      site.clock.advance(1)
      let closed = try await Self.statement(site)
      #expect(closed.status == .closed)
      #expect(closed.lines.map(\.basis) == [.day] + Array(repeating: .closing, count: 9))
      #expect(closed.lines.map(\.quantity) == provisional.lines.map(\.quantity))
      #expect(closed.totals.map(\.quantity) == [70])
    }
  }

  @Test func `of an installation whose place was taken no date is closed`() async throws {
    try await TestSite.play { site in
      let old = try await site.activated()
      site.clock.advance(3600)
      let new = try site.installation()
      _ = try await site.activate(new, replaces: old.thumbprint)
      site.clock.set(try Self.midnight("2026-11-27"))
      #expect(try await site.gateway.closer.closeDue().closed == 3)
      #expect(Set(try await Self.closings(site).map(\.installation)) == [new.thumbprint])
    }
  }

  @Test func `after a start what gathered comes first, also before a statement`() async throws {
    try await TestSite.play { site in
      _ = try await site.activated()
      let start = try Self.midnight("2026-11-26")
      site.clock.set(start)
      let gateway = Gateway(
        store: site.store, trust: try GatewayTrust(site.vendor.trust, revocations: nil),
        key: try site.vendor.key(.gateway), clock: site.clock, closesFrom: start + 900)
      let month = try TestSite.some(Month("2026-11"))
      for (wait, closed) in [(0, 0), (899, 0), (1, 2)] as [(Int64, Int)] {
        site.clock.advance(wait)
        _ = try await gateway.statements.statement(of: site.license.line, in: month)
        #expect(try await Self.closings(site).count == closed)
      }
      #expect(try await gateway.closer.closeDue().closed == 0)
    }
  }

  @Test func `a row that cannot be read keeps nobody else's dates open`() async throws {
    try await TestSite.play(installations: 2) { site in
      var broken = try await site.activated()
      try broken.sample(peak: 5, after: 3600)
      _ = try await site.report(broken, broken.records)
      let other = try site.installation()
      _ = try await site.activate(other)
      try await site.tamper("UPDATE entries SET gaps = 'x'")
      site.clock.set(try Self.midnight("2026-11-26"))
      let outcome = try await site.gateway.closer.closeDue()
      #expect(outcome.closed == 2 && Array(outcome.obstacles.keys) == [broken.thumbprint])
      #expect(Set(try await Self.closings(site).map(\.installation)) == [other.thumbprint])
      // It is left alone for a day, and nobody waits for it.
      site.clock.advance(60)
      let again = try await site.gateway.closer.closeDue()
      #expect(again.closed == 0 && again.obstacles.isEmpty)
    }
  }

  @Test func `where usage is reported daily a date is closed after seven days`() async throws {
    try await TestSite.play { site in
      _ = try await site.activated()
      try await Self.publish(.daily, site)
      site.clock.set(try Self.midnight("2026-11-29") - 1)
      #expect(try await site.gateway.closer.closeDue().closed == 0)
      site.clock.advance(1)
      #expect(try await site.gateway.closer.closeDue().closed == 1)
      let why = try await Self.closings(site).map(\.why)
      #expect(why == ["no day record came within 168 h after the date's end"])
    }
  }

  @Test func `offline a date waits for its bundle, and is closed once the chain has gone on`()
    async throws
  {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try await Self.publish(.offline, site)
      installation.license = try TestSite.some(LicenseID("lic_2"))
      installation.revision = 2
      site.clock.set(try Self.midnight("2027-02-01"))
      #expect(try await site.gateway.closer.closeDue().closed == 0)
      try installation.day(peak: 3)
      try ClosedDateTests.addUnknown(to: &installation)
      installation.advance()
      try installation.day(peak: 4)
      _ = try await site.report(installation, installation.records)
      site.clock.advance(86_400)
      #expect(try await site.gateway.closer.closeDue().closed == 1)
      #expect(Self.dates(try await Self.closings(site)) == ["2026-11-22"])
      #expect(
        try await Self.closings(site).map(\.why) == [
          "the chain went on without a day record of the date"
        ])
    }
  }

  @Test func `after term and grace nothing is closed until the line is renewed`() async throws {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try installation.day(peak: 7)
      _ = try await site.report(installation, installation.records)
      let ending = try TestSite.payg("2", revision: 2, through: "2026-11-23")
      _ = try await site.gateway.publications.publish(
        Publication(licenses: [try site.vendor.jws(ending)]))
      site.clock.set(try Self.midnight("2026-12-20"))
      // Through 14 days of grace: 22 November to 7 December. The record names revision 1, whose
      // price holds on; whether there is a line is the newest license's word.
      #expect(try await site.gateway.closer.closeDue().closed == 16)
      #expect(try await site.gateway.closer.closeDue().closed == 0)
      let renewed = try TestSite.payg("3", revision: 3, from: "2026-11-24")
      _ = try await site.gateway.publications.publish(
        Publication(licenses: [try site.vendor.jws(renewed)]))
      #expect(try await site.gateway.closer.closeDue().closed == 9)
      #expect(Self.dates(try await Self.closings(site, "2026-12")).last == "2026-12-16")
    }
  }

  @Test func `many due at once are all closed, each once`() async throws {
    try await TestSite.play(installations: 250) { site in
      for _ in 0..<250 { _ = try await site.activated() }
      site.clock.set(try Self.midnight("2026-11-25"))
      async let one = site.gateway.closer.closeDue()
      async let other = site.gateway.closer.closeDue()
      #expect(try await one.closed + other.closed == 250)
      #expect(try await Self.closings(site).count == 250)
      #expect(Set(try await Self.closings(site).map(\.installation)).count == 250)
    }
  }

  @Test func `while the gateway may not seal nothing is closed, and statements are still shown`()
    async throws
  {
    try await TestSite.play { site in
      _ = try await site.activated()
      site.clock.set(253_402_300_799 + 1)
      let refused = try await problem { try await site.gateway.closer.closeDue() }
      #expect(refused.code == .notReady)
      #expect(try await Self.closings(site).isEmpty)
    }
  }
}
