import CivilTime
import Gateway
import Licensing
import Reporting
import Sealing
import Testing
import TestSupport

/// Which facts are announced, and that each is once.
@Suite(.everyStore) struct EventTests {
  static func events(_ site: TestSite) async throws -> [StoredEvent] {
    try await site.store.read { try $0.events(after: 0, type: nil, limit: 1000) }
  }

  static func types(_ site: TestSite) async throws -> [String] {
    try await events(site).map(\.type)
  }

  @Test func `an activation is told, and the last seat`() async throws {
    try await TestSite.play(installations: 2) { site in
      let first = try await site.activated()
      #expect(try await Self.types(site) == ["installation.activated"])
      _ = try await site.activate(first)
      let second = try await site.activated()
      let refused = try await problem { try await site.activated() }
      #expect(refused.code == .noSeat)
      let events = try await Self.events(site)
      #expect(
        events.map(\.type) == [
          "installation.activated", "installation.activated", "license.seats_exhausted",
        ])
      #expect(
        events.map(\.installation) == [first.thumbprint] + [second.thumbprint, second.thumbprint])
      #expect(events.allSatisfy { $0.line == site.license.line && $0.at == TestSite.noon })
      #expect(events[2].data["seats"] == 2 && events[2].data["taken"] == 2)
      let text = events.map(\.data.text).joined()
      #expect(!text.contains("ACME") && !text.contains("eyJ"), "names and numbers alone")
    }
  }

  @Test func `a place that is taken over is told, and is no seat more`() async throws {
    try await TestSite.play { site in
      let old = try await site.activated()
      let new = try site.installation()
      _ = try await site.activate(new, replaces: old.thumbprint)
      let events = try await Self.events(site).suffix(2)
      #expect(events.map(\.type) == ["installation.activated", "installation.replaced"])
      #expect(events.last?.data["replaces"]?.string == old.thumbprint.text)
    }
  }

  @Test func `a report without a finding is told nobody, a finding once`() async throws {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try installation.sample(peak: 4, after: 60)
      _ = try await site.report(installation, installation.records)
      #expect(try await Self.types(site).count == 2)
      let name = installation.thumbprint
      for second in 1...3 as ClosedRange<Int64> {
        try await site.store.change {
          _ = try $0.note(.clockAhead, seq: second, of: name, at: TestSite.noon + second)
        }
      }
      let events = try await Self.events(site)
      #expect(events.count == 3 && events[2].type == "finding.opened")
      #expect(events[2].data["code"] == "CLOCK_AHEAD" && events[2].data["seq"] == 1)
      let findings = try await site.store.read { try $0.findings(of: name) }
      #expect(findings.map(\.count) == [3] && findings[0].lastAt == TestSite.noon + 3)
    }
  }

  @Test func `a final statement is told with its totals, once`() async throws {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try installation.day(peak: 7)
      _ = try await site.report(installation, installation.records)
      site.clock.set(try DateCloserTests.midnight("2026-12-04"))
      _ = try await FinalStatementTests.makeFinal(site, "2026-11")
      _ = try await FinalStatementTests.makeFinal(site, "2026-11")
      let finals = try await Self.events(site).filter { $0.type == "statement.final" }
      #expect(finals.count == 1)
      #expect(finals[0].data["month"] == "2026-11")
      #expect(
        finals[0].data["totals"] == [["currency": "CNY", "quantity": 70, "amount": 8400]])
      // Final already, it is no draft any more.
      #expect(try await site.gateway.dueEvents.announce().announced == 0)
    }
  }

  @Test func `a month that is over can be read as a draft: told once, where there was somebody`()
    async throws
  {
    try await TestSite.play { site in
      let other = try TestSite.payg("other", line: "lin_2", revision: 1)
      try await site.store.change { [text = try site.vendor.jws(other)] in
        try $0.put(
          StoredLicense(
            id: other.jti, line: other.line, revision: 1, jws: text, isPublished: true), at: 1)
      }
      _ = try await site.activated()
      let before = try await Self.types(site).count
      #expect(
        try await site.gateway.dueEvents.announce().announced == 0, "nobody was there in October")
      site.clock.set(try DateCloserTests.midnight("2026-12-01") - 1)
      #expect(try await site.gateway.dueEvents.announce().announced == 0)
      site.clock.advance(1)
      let gateway = site.gateway
      let counts = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<4 { group.addTask { try await gateway.dueEvents.announce().announced } }
        return try await group.reduce(0, +)
      }
      #expect(counts == 1)
      try await site.restart()
      #expect(try await site.gateway.dueEvents.announce().announced == 0)
      let new = try await Self.events(site)[before...]
      #expect(new.map(\.type) == ["statement.drafted"] && new.first?.line == site.license.line)
      #expect(new.first?.data["month"] == "2026-11")
    }
  }

  @Test func `a line that cannot be read keeps no event of others`() async throws {
    try await TestSite.play { site in
      let other = try TestSite.payg("other", line: "lin_0", revision: 1)
      try await site.store.change { [text = try site.vendor.jws(other)] in
        try $0.put(
          StoredLicense(
            id: other.jti, line: other.line, revision: 1, jws: text, isPublished: true), at: 1)
      }
      _ = try await site.activated()
      try await site.tamper("UPDATE licenses SET id = 'no name' WHERE line = 'lin_0'")
      site.clock.set(try DateCloserTests.midnight("2026-12-01"))
      let outcome = try await site.gateway.dueEvents.announce()
      #expect(outcome.announced == 1)
      #expect(outcome.obstacles.keys.map(\.text) == ["lin_0"])
    }
  }

  @Test func `a license that ends is told 30, 7 and 1 days before, unless it is renewed`()
    async throws
  {
    try await TestSite.play { site in
      _ = try await site.activated()
      func told(on date: String) async throws -> [JSONValue?] {
        site.clock.set(try DateCloserTests.midnight(date) + 3600)
        try await site.gateway.dueEvents.announce()
        try await site.gateway.dueEvents.announce()
        return try await Self.events(site).filter { $0.type == "license.expiring" }
          .map { $0.data["days_left"] }
      }
      // It ends with 2027-10-31.
      #expect(try await told(on: "2027-09-30") == [])
      #expect(try await told(on: "2027-10-01") == [30])
      #expect(try await told(on: "2027-10-20") == [30])
      #expect(try await told(on: "2027-10-26") == [30, 5])
      let renewal = try TestSite.payg(
        "2", revision: 2, from: "2027-11-01", through: "2028-10-31")
      let text = try site.vendor.jws(renewal)
      #expect(try await told(on: "2027-10-29") == [30, 5])
      try await site.store.change {
        try $0.put(
          StoredLicense(
            id: renewal.jti, line: renewal.line, revision: 2, jws: text, isPublished: true), at: 1)
      }
      try await site.restart()
      #expect(try await told(on: "2027-10-31") == [30, 5], "the renewal takes over")
    }
  }

  @Test func `a license that nobody renewed is told on its last date, and not after`()
    async throws
  {
    try await TestSite.play { site in
      _ = try await site.activated()
      func count(_ date: String) async throws -> Int {
        site.clock.set(try DateCloserTests.midnight(date) + 3600)
        try await site.gateway.dueEvents.announce()
        return try await Self.types(site).count { $0 == "license.expiring" }
      }
      #expect(try await count("2027-10-31") == 1)
      #expect(try await count("2027-11-01") == 1)
    }
  }

  @Test func `events are kept for 90 days`() async throws {
    try await TestSite.play { site in
      _ = try await site.activated()
      site.clock.advance(DueEvents.retention)
      try await site.gateway.dueEvents.forget()
      #expect(try await Self.events(site).count == 2)
      site.clock.advance(1)
      try await site.gateway.dueEvents.forget()
      #expect(try await Self.events(site).isEmpty)
    }
  }
}
