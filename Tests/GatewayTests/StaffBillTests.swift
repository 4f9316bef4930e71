import Billing
import CivilTime
import Gateway
import HTTPTypes
import Licensing
import Reporting
import Sealing
import Testing
import TestSupport

/// What the vendor's staff decide about bills.
@Suite(.everyStore) struct StaffBillTests {
  static func change(
    _ effect: BillChange.Effect, _ from: String, _ through: String? = nil,
    finding: String? = nil
  ) throws -> BillChange {
    try BillChange(
      effect, from: try TestSite.some(CivilDate(from)),
      through: try TestSite.some(CivilDate(through ?? from)), finding: finding)
  }

  static func decide(
    _ site: TestSite, _ installation: TestInstallation, _ effect: BillChange.Effect,
    _ from: String, _ through: String? = nil, finding: String? = nil
  ) async throws -> DecisionAnswer {
    try await site.gateway.decisions.change(
      billOf: installation.thumbprint, change(effect, from, through, finding: finding),
      StaffDecisionTests.word("agreed"))
  }

  /// Three dates of 7, 70 and 9 collectors, on the fourth.
  static func counted(_ site: TestSite) async throws -> TestInstallation {
    var installation = try await site.activated()
    for peak in [7, 70, 9] as [Int64] { try installation.day(peak: peak) }
    site.clock.set(try DateCloserTests.midnight("2026-11-24") + 3600)
    _ = try await site.report(installation, installation.records)
    return installation
  }

  static func quantities(_ site: TestSite, _ month: String = "2026-11") async throws -> [Int64] {
    try await DateCloserTests.statement(site, month).lines.prefix(3).map(\.quantity)
  }

  @Test func `a waiver changes the draft, stands sealed in the ledger and is quoted whole`()
    async throws
  {
    try await TestSite.play { site in
      let installation = try await Self.counted(site)
      #expect(try await Self.quantities(site) == [7, 70, 9])
      let answer = try await Self.decide(
        site, installation, .waive, "2026-11-22", finding: "FORKED")
      #expect(answer.isNew && answer.stored.position == 4)
      let opened = try site.vendor.trust.open(
        Array(answer.stored.jws.utf8), as: Decision.self
      ).payload
      #expect(opened == answer.stored.decision && opened.by == "alice")
      #expect(opened.billChange?.finding == "FORKED")
      try await site.restart()
      let statement = try await DateCloserTests.statement(site)
      #expect(statement.lines.map(\.quantity) == [7, 0, 9])
      #expect(statement.lines[1].computed == 70 && statement.lines[1].peak == 70)
      #expect(statement.decisions == [answer.stored.jws])
      try statement.requireDecided(under: site.vendor.trust)
      let shown = try await site.gateway.installations.show(installation.thumbprint)
      #expect(shown["decisions"] == .array([answer.stored.json]))
      let audit = try await LedgerAuditTests.audit(site)
      #expect(audit.faults.isEmpty && audit.entries == 4, "\(audit.faults)")
    }
  }

  @Test func `what stands already is the answer, and what was overtaken is decided anew`()
    async throws
  {
    try await TestSite.play { site in
      let installation = try await Self.counted(site)
      let first = try await Self.decide(site, installation, .waive, "2026-11-21", "2026-11-23")
      site.clock.advance(60)
      let again = try await Self.decide(site, installation, .waive, "2026-11-21", "2026-11-23")
      #expect(!again.isNew && again.stored == first.stored)
      let part = try await Self.decide(site, installation, .correct(5), "2026-11-22")
      #expect(part.isNew && part.stored.position == first.stored.position + 1)
      #expect(try await Self.quantities(site) == [0, 5, 0])
      let back = try await Self.decide(site, installation, .restore, "2026-11-21", "2026-11-22")
      #expect(back.isNew)
      #expect(try await Self.quantities(site) == [7, 70, 0])
      #expect(
        try await !Self.decide(site, installation, .restore, "2026-11-21", "2026-11-22").isNew)
      let anew = try await Self.decide(site, installation, .waive, "2026-11-21", "2026-11-23")
      #expect(anew.isNew, "it did not stand any more")
      #expect(try await Self.quantities(site) == [0, 0, 0])
      #expect(try await DateCloserTests.statement(site).decisions.count == 4)
    }
  }

  @Test func `asked for many times at once it is decided once`() async throws {
    try await TestSite.play { site in
      let installation = try await Self.counted(site)
      let (gateway, name) = (site.gateway, installation.thumbprint)
      let change = try Self.change(.correct(3), "2026-11-22")
      let word = try StaffDecisionTests.word()
      let answers = try await withThrowingTaskGroup(of: DecisionAnswer.self) { group in
        for _ in 0..<10 {
          group.addTask { try await gateway.decisions.change(billOf: name, change, word) }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(answers.filter(\.isNew).count == 1)
      #expect(Set(answers.map(\.stored.position)) == [4])
    }
  }

  @Test func `in a month that is final it is a correction of the next statement, once`()
    async throws
  {
    try await TestSite.play { site in
      let installation = try await Self.counted(site)
      site.clock.set(try DateCloserTests.midnight("2026-12-04"))
      let november = try await FinalStatementTests.makeFinal(site, "2026-11")
      // Decided after the end of December: its statement is made later still.
      site.clock.set(try DateCloserTests.midnight("2027-01-04"))
      let answer = try await Self.decide(
        site, installation, .correct(8), "2026-11-22", "2026-11-23")
      #expect(try await FinalStatementTests.shown(site, "2026-11").sealed == november.sealed)
      let december = try await FinalStatementTests.makeFinal(site, "2026-12").statement
      #expect(december.corrections.map(\.date.day) == [22, 23])
      #expect(december.corrections.map(\.was) == [70, 9])
      #expect(december.corrections.map(\.now) == [8, 8])
      #expect(december.corrections.map(\.decided) == [.correct, .correct])
      #expect(december.corrections.map(\.charge?.amount) == [-62 * 120, -120])
      #expect(december.decisions == [answer.stored.jws], "a correction rests on it")
      try december.requireDecided(under: site.vendor.trust)
      #expect(try await FinalStatementTests.shown(site, "2027-01").statement.corrections.isEmpty)
      // The carried dates after it were billed by what was counted, and stay so.
      #expect(december.lines.allSatisfy { $0.quantity == 70 && $0.decided == nil })
      let back = try await Self.decide(site, installation, .restore, "2026-11-22")
      let january = try await FinalStatementTests.shown(site, "2027-01").statement
      #expect(january.corrections.map(\.date.day) == [22])
      #expect(january.corrections.map(\.now) == [70] && january.corrections[0].decided == nil)
      #expect(january.decisions == [answer.stored.jws, back.stored.jws])
      try january.requireDecided(under: site.vendor.trust)
    }
  }

  @Test func `a record that comes late changes what is computed, and not what was decided`()
    async throws
  {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try installation.day(peak: 7)
      _ = try await site.report(installation, installation.records)
      site.clock.set(try DateCloserTests.midnight("2026-12-04"))
      _ = try await site.gateway.closer.closeDue()
      _ = try await Self.decide(site, installation, .waive, "2026-11-22")
      try installation.day(peak: 30)
      _ = try await site.report(installation, [installation.records[1]])
      let line = try await DateCloserTests.line(site, "2026-11-22")
      #expect(line.basis == .day && line.quantity == 0 && line.computed == 30)
      let next = try await DateCloserTests.line(site, "2026-11-23")
      #expect(next.quantity == 30, "what was counted is carried")
      let closing = try await DateCloserTests.closings(site).compactMap { decision in
        if case .closing(let closing) = decision.matter { closing } else { nil }
      }
      #expect(closing.allSatisfy { $0.quantity == 7 })
    }
  }

  @Test func `what cannot be meant is refused, and enters nothing`() async throws {
    try await TestSite.play { site in
      let installation = try await Self.counted(site)
      let before = try await site.store.read { try $0.position() }
      let refused: [(BillChange, Problem.Code, String)] = [
        (try Self.change(.waive, "2026-11-24"), .conflict, "not over yet"),
        (try Self.change(.waive, "2026-11-22", "2026-12-24"), .conflict, "not over yet"),
        (try Self.change(.waive, "2026-11-20"), .conflict, "before the activation"),
        (try Self.change(.correct(1), "2026-11-19", "2026-11-22"), .conflict, "activation"),
        (
          try Self.change(.correct(SealedLimits.counts.upperBound), "2026-11-22"), .conflict,
          "minor units"
        ),
        (try Self.change(.restore, "2026-11-22"), .conflict, "nothing stands"),
      ]
      for (change, code, words) in refused {
        let name = installation.thumbprint
        let word = try StaffDecisionTests.word()
        let refusal = try await problem {
          try await site.gateway.decisions.change(billOf: name, change, word)
        }
        #expect(refusal.code == code && refusal.detail.contains(words), "\(refusal.detail)")
      }
      let stranger = try site.installation()
      let unknown = try await problem {
        try await Self.decide(site, stranger, .waive, "2026-11-22")
      }
      #expect(unknown.code == .notFound)
      #expect(try await site.store.read { try $0.position() } == before)
      #expect(try await Self.quantities(site) == [7, 70, 9])
    }
  }

  @Test func `after a chain's end only what was reported can be decided`() async throws {
    try await TestSite.play { site in
      let installation = try await Self.counted(site)
      _ = try await site.gateway.decisions.release(
        installation.thumbprint, StaffDecisionTests.word())
      site.clock.set(try DateCloserTests.midnight("2026-12-10"))
      let gone = try await problem {
        try await Self.decide(site, installation, .waive, "2026-11-25", "2026-11-30")
      }
      #expect(gone.code == .conflict && gone.detail.contains("2026-11-25"))
      let whole = try await Self.decide(site, installation, .waive, "2026-11-22", "2026-11-30")
      #expect(whole.isNew, "one of its dates has a line")
      #expect(try await Self.quantities(site) == [7, 0, 0])
    }
  }

  @Test func `what an installation reported of dates before its activation can be waived`()
    async throws
  {
    try await TestSite.play { site in
      var installation = try await site.activated(date: "2026-11-20")
      try installation.day(peak: 40)
      site.clock.advance(86_400)
      _ = try await site.report(installation, installation.records)
      #expect(try await Self.decide(site, installation, .waive, "2026-11-20").isNew)
      #expect(try await DateCloserTests.line(site, "2026-11-20").quantity == 0)
    }
  }

  @Test func `a date's explanation names every decision about it`() async throws {
    try await TestSite.play { site in
      let installation = try await Self.counted(site)
      let first = try await Self.decide(site, installation, .waive, "2026-11-21", "2026-11-22")
      let second = try await Self.decide(site, installation, .correct(3), "2026-11-22")
      _ = try await Self.decide(site, installation, .waive, "2026-11-23")
      let explanation = try await ExplanationTests.explain(site, installation, "2026-11-22")
      #expect(explanation.line.decided == .correct && explanation.line.computed == 70)
      #expect(explanation.decisions == [first.stored, second.stored])
      #expect(
        explanation.json["decisions"] == .array([first.stored.json, second.stored.json]))
      let other = try await ExplanationTests.explain(site, installation, "2026-11-23")
      #expect(other.decisions.count == 1 && other.line.quantity == 0)
      // After the month is final the line stays, and what was made good stands beside it.
      site.clock.set(try DateCloserTests.midnight("2026-12-04"))
      _ = try await FinalStatementTests.makeFinal(site, "2026-11")
      let back = try await Self.decide(site, installation, .restore, "2026-11-22")
      let final = try await ExplanationTests.explain(site, installation, "2026-11-22")
      #expect(final.line == explanation.line && final.decisions.last == back.stored)
      #expect(final.corrections.map(\.correction.now) == [70])
    }
  }

  @Test func `a decision that was changed in the store is found by the audit`() async throws {
    try await TestSite.play { site in
      let installation = try await Self.counted(site)
      _ = try await Self.decide(site, installation, .waive, "2026-11-22")
      let other = try await Self.decide(site, installation, .correct(1), "2026-11-23").stored.jws
      try await site.tamper(
        "UPDATE entries SET jws = '\(other.dropLast(4))AAAA' WHERE position = 4")
      let outcome = try await LedgerAuditTests.audit(site)
      #expect(outcome.faults.map(\.position) == [4], "\(outcome.faults)")
    }
  }
}

/// The same over HTTP.
@Suite struct BillRouteTests {
  @Test func `a bill is decided with a token of that scope, and a body without surprises`()
    async throws
  {
    try await TestSite.play { site in
      let installation = try await StaffBillTests.counted(site)
      let reader = try await site.token()
      let decider = try await site.token([.decide])
      func post(_ verb: String, _ body: String, _ token: String?) async throws -> Answer {
        try await DecisionRouteTests.post(verb, installation, body, site, token: token)
      }
      let word = DecisionRouteTests.word
      let waive = "{\(word),\"from\":\"2026-11-22\"}"
      #expect(try await post("waive", waive, nil).status == 401)
      #expect(try await post("waive", waive, reader).status == 403)
      let long = String(repeating: "f", count: 65)
      let bad: [(verb: String, more: String)] = [
        ("waive", ""), ("waive", #","from":"yesterday""#), ("waive", #","from":20261122"#),
        ("waive", #","from":"2026-11-22","through":"2026-11-21""#),
        ("waive", #","from":"2025-01-01","through":"2026-11-22""#),
        ("waive", #","from":"2026-11-22","quantity":1"#),
        ("waive", #","from":"2026-11-22","finding":"\#(long)""#),
        ("waive", #","from":"2026-11-22","finding":"a\nb""#),
        ("restore", #","from":"2026-11-22","more":1"#), ("correct", #","from":"2026-11-22""#),
        ("correct", #","from":"2026-11-22","quantity":-1"#),
        ("correct", #","from":"2026-11-22","quantity":1.5"#),
        ("correct", #","from":"2026-11-22","quantity":9007199254740992"#),
      ]
      for (verb, more) in bad {
        let answer = try await post(verb, "{\(word)\(more)}", decider)
        #expect(answer.status == 400, "\(verb) \(more): \(answer.text)")
      }
      #expect(try await site.store.read { try $0.position() } == 3, "nothing was decided")
      let done: [(verb: String, more: String)] = [
        ("waive", #","from":"2026-11-22","finding":"FORKED""#),
        ("correct", #","from":"2026-11-21","through":"2026-11-23","quantity":4"#),
        ("restore", #","from":"2026-11-23""#),
      ]
      for (verb, more) in done {
        for isNew in [true, false] {
          let answer = try await post(verb, "{\(word)\(more)}", decider)
          #expect(answer.status == 200, "\(verb): \(answer.text)")
          #expect(answer.json?["new"] == .bool(isNew))
          #expect(answer.json?["decision"]?["kind"]?.string == verb)
        }
      }
      #expect(try await StaffBillTests.quantities(site) == [4, 4, 9])
      let future = try await post("waive", "{\(word),\"from\":\"2027-11-22\"}", decider)
      #expect(future.status == 409 && future.json?["code"]?.string == "CONFLICT")
    }
  }
}
