import Billing
import CivilTime
import Gateway
import HTTPTypes
import Licensing
import Metering
import Reporting
import Sealing
import Testing
import TestSupport

/// What a line of a statement rests on.
@Suite struct ExplanationTests {
  static func explain(
    _ site: TestSite, _ installation: TestInstallation, _ date: String
  ) async throws -> StatementExplanation {
    try await site.gateway.statements.explain(
      installation.thumbprint, on: try TestSite.some(CivilDate(date)))
  }

  @Test func `a date leads to its records, each with the receipt that acknowledged it`()
    async throws
  {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try installation.sample(peak: 5, after: 60)
      let first = try await site.report(installation, installation.records)
      site.clock.advance(86_400)
      try installation.sample(peak: 7, after: 120)
      try installation.day(peak: 8)
      let second = try await site.report(installation, Array(installation.records[1...]))
      let explanation = try await Self.explain(site, installation, "2026-11-21")
      #expect(explanation.line == (try await DateCloserTests.line(site, "2026-11-21")))
      let sources = explanation.own.sources
      #expect(sources.map(\.entry.kind) == [.sample, .sample, .day])
      #expect(sources.map(\.entry.jws) == installation.records)
      #expect(sources.map(\.receipt?.jws) == [first.receipt, second.receipt, second.receipt])
      #expect(sources.last?.entry.hash == installation.head)
      #expect(explanation.carried == nil && explanation.other == nil)
    }
  }

  @Test func `a carried quantity leads to the date that it comes from, in the chain that saw it`()
    async throws
  {
    try await TestSite.play { site in
      var old = try await site.activated(date: "2026-11-20")
      try old.day(peak: 70)
      try old.day(peak: 1)
      site.clock.advance(86_400)
      _ = try await site.report(old, old.records)
      let new = try site.installation()
      _ = try await site.activate(new, replaces: old.thumbprint)
      site.clock.set(try DateCloserTests.midnight("2026-11-28"))
      let explanation = try await Self.explain(site, new, "2026-11-23")
      #expect(explanation.line.basis == .closing && explanation.line.quantity == 70)
      let own = explanation.own.sources
      #expect(own.map(\.entry.kind) == [.closing] && own.map(\.receipt) == [nil])
      let decision = try Decision.quoted(try TestSite.some(own.first).entry.jws)
      #expect(decision.installation == new.thumbprint)
      let carried = try TestSite.some(explanation.carried)
      #expect(carried.installation == old.thumbprint)
      #expect(carried.date.description == "2026-11-20")
      #expect(carried.sources.map(\.entry.jws) == [old.records[0]])
      #expect(carried.sources.first?.receipt != nil)
    }
  }

  @Test func `a date that yields names the line that bills it`() async throws {
    try await TestSite.play { site in
      var old = try await site.activated()
      try old.sample(peak: 9, after: 60)
      _ = try await site.report(old, old.records)
      var new = try site.installation()
      _ = try await site.activate(new, replaces: old.thumbprint)
      try new.sample(peak: 4, after: 120)
      _ = try await site.report(new, new.records)
      let explanation = try await Self.explain(site, new, "2026-11-21")
      #expect(explanation.line.yieldsTo == old.thumbprint)
      #expect(explanation.other?.quantity == 9)
    }
  }

  @Test func `of a final month it explains what was billed, and what was made good since`()
    async throws
  {
    try await TestSite.play { site in
      var installation = try await site.activated()
      site.clock.set(try DateCloserTests.midnight("2026-12-04"))
      let november = try await FinalStatementTests.makeFinal(site, "2026-11")
      try installation.day(peak: 8)
      _ = try await site.report(installation, installation.records)
      let draft = try await Self.explain(site, installation, "2026-11-21")
      #expect(draft.status == .final && draft.position == november.statement.position)
      #expect(draft.line == november.statement.lines.first)
      #expect(draft.own.sources.map(\.entry.kind) == [.closing, .day])
      #expect(draft.corrections.map(\.isFinal) == [false])
      #expect(draft.corrections.map(\.correction.now) == [8])
      site.clock.set(try DateCloserTests.midnight("2027-01-04"))
      _ = try await FinalStatementTests.makeFinal(site, "2026-12")
      let made = try await Self.explain(site, installation, "2026-11-21")
      #expect(made.line == draft.line)
      #expect(made.corrections.map(\.isFinal) == [true])
      #expect(made.corrections.map(\.month.description) == ["2026-12"])
      #expect(made.json["corrections"]?.text.contains("\"now\":8") == true)
    }
  }

  @Test func `what has no line is not found, nor who is not known`() async throws {
    try await TestSite.play { site in
      let installation = try await site.activated()
      for (name, date) in [
        (installation, "2026-11-20"), (installation, "2026-11-21"),
        (try site.installation(), "2026-11-21"),
      ] {
        let refused = try await problem { try await Self.explain(site, name, date) }
        #expect(refused.code == .notFound)
      }
    }
  }

  @Test func `the same over HTTP`() async throws {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try installation.sample(peak: 5, after: 60)
      _ = try await site.report(installation, installation.records)
      let token = try await site.token()
      let path = "/v1/installations/\(installation.thumbprint)/days/"
      #expect(try await site.send(.get, path + "2026-11-21").status == 401)
      let answer = try await site.send(.get, path + "2026-11-21", token: token)
      #expect(answer.status == 200, "\(answer.text)")
      #expect(answer.json?["line"]?["quantity"]?.integer == 5)
      #expect(answer.text.contains(installation.records[0]))
      for date in ["2026-11-31", "21", "2026-11-20"] {
        #expect(try await site.send(.get, path + date, token: token).status == 404, "\(date)")
      }
    }
  }
}
