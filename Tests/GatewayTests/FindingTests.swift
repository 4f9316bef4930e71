import Billing
import CivilTime
import Gateway
import Licensing
import Metering
import Reporting
import Sealing
import Testing
import TestSupport

/// What reports show to be looked at, and what ends it by itself.
@Suite(.everyStore) struct FindingTests {
  static func found(_ site: TestSite, _ code: LedgerFinding.Code) async throws -> LedgerFinding? {
    try await site.store.read {
      try $0.findings(FindingFilter(code: code), after: nil, limit: 9)
    }.first
  }

  static func history(_ site: TestSite, _ code: LedgerFinding.Code) async throws -> [String] {
    guard let finding = try await found(site, code) else { return [] }
    return try await site.store.read { try $0.events(of: finding.id) }.map(\.what.rawValue)
  }

  static func codes(_ site: TestSite) async throws -> Set<LedgerFinding.Code> {
    Set(
      try await site.store.read { try $0.findings(FindingFilter(), after: nil, limit: 99) }
        .map(\.code))
  }

  @Test func `a healthy report, and one sent again, writes nothing of findings`() async throws {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try installation.day(peak: 3)
      try installation.sample(peak: 4, after: 60)
      _ = try await site.report(installation, installation.records)
      _ = try await site.report(installation, installation.records)
      _ = try await site.report(
        installation, [], alive: try installation.alive(at: TestSite.noon + 100))
      #expect(try await Self.codes(site).isEmpty)
      let history = try await site.store.read { try $0.events(of: FindingID(number: 1)) }
      #expect(history.isEmpty)
    }
  }

  @Test func `a hole in the chain is found, and is over once the chain has gone on beyond it`()
    async throws
  {
    try await TestSite.play { site in
      var installation = try await site.activated()
      for peak in 1...4 { try installation.sample(peak: Int64(peak), after: Int64(peak) * 60) }
      let records = installation.records
      _ = try await site.report(installation, [records[0]])
      let refused = try await problem { try await site.report(installation, Array(records[2...])) }
      #expect(refused.code == .outOfOrder)
      let alive = try installation.alive(at: TestSite.noon)
      let early = try await problem { try await site.report(installation, [], alive: alive) }
      #expect(early.code == .outOfOrder)
      let gap = try TestSite.some(try await Self.found(site, .chainGap))
      #expect(gap.state == .open && gap.seq == 3 && gap.lastSeq == 4 && gap.count == 2)
      site.clock.advance(FindingWatch.settling)
      #expect(try await site.gateway.findingWatch.look().closedGaps == 0, "the hole is there")
      _ = try await site.report(installation, Array(records[1...2]))
      #expect(try await site.gateway.findingWatch.look().closedGaps == 0, "record 4 is missing")
      _ = try await site.report(installation, [records[3]])
      #expect(try await site.gateway.findingWatch.look().closedGaps == 1)
      #expect(try await site.gateway.findingWatch.look().closedGaps == 0)
      let closed = try TestSite.some(try await Self.found(site, .chainGap))
      #expect(closed.state == .resolved && closed.resolution == .cleared)
      #expect(closed.resolvedAt == TestSite.noon + FindingWatch.settling)
      // Another hole opens it again.
      try installation.sample(peak: 5, after: 400)
      try installation.sample(peak: 6, after: 500)
      _ = try await problem { try await site.report(installation, [installation.records[5]]) }
      #expect(try await Self.history(site, .chainGap) == ["opened", "resolved", "reopened"])
      _ = try await site.report(installation, Array(installation.records[4...]))
      site.clock.advance(FindingWatch.settling - 1)
      #expect(try await site.gateway.findingWatch.look().closedGaps == 0)
      site.clock.advance(1)
      #expect(try await site.gateway.findingWatch.look().closedGaps == 1)
    }
  }

  @Test func `what nothing attests makes no hole`() async throws {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try installation.sample(peak: 1, after: 60)
      try installation.sample(peak: 2, after: 120)
      let forged = TestInstallation.unsigned(installation.records[1])
      let refused = try await problem { try await site.report(installation, [forged]) }
      #expect(refused.code == .signatureInvalid)
      #expect(try await Self.codes(site).isEmpty)
    }
  }

  @Test func `a date with more than an hour unobserved is found, by the rule that bills it`()
    async throws
  {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try installation.day(peak: 70)
      try installation.day(peak: 5, unobserved: 3600)
      site.clock.set(try DateCloserTests.midnight("2026-11-24"))
      _ = try await site.report(installation, installation.records)
      #expect(try await Self.codes(site).isEmpty)
      #expect(try await DateCloserTests.line(site, "2026-11-22").quantity == 5)
      try installation.day(peak: 5, unobserved: 3660)
      _ = try await site.report(installation, [installation.records[2]])
      let found = try TestSite.some(try await Self.found(site, .coverage))
      #expect(found.seq == 3 && found.date?.day == 23 && found.seconds == 3660)
      #expect(try await DateCloserTests.line(site, "2026-11-23").quantity == 70)
    }
  }

  @Test func `what lies before the first start is no gap of the first date, and one of any other`()
    async throws
  {
    for isFirst in [true, false] {
      try await TestSite.play { site in
        var installation = try await site.activated()
        site.clock.set(try DateCloserTests.midnight("2026-11-24"))
        if !isFirst { try installation.day(peak: 5) }
        var record = try installation.next(peak: 5, after: 0, closing: true, unobserved: 7200)
        record.gaps[0].reason = .before
        try installation.take(record)
        _ = try await site.report(installation, installation.records)
        #expect(try await Self.codes(site) == (isFirst ? [] : [.coverage]))
      }
    }
  }

  @Test func `a clock that was set and a peak above the limit are found, once for each report`()
    async throws
  {
    try await TestSite.play { site in
      var installation = try await site.activated()
      var records: [UsageRecord] = []
      for peak in [5, 6, 7] as [Int64] {
        var record = try installation.next(peak: peak, after: peak * 60)
        record.limit = 5
        record.gaps = [
          Gap(from: record.from + 10, to: record.from + 10, reason: .clock, shared: 3)
        ]
        records.append(record)
        try installation.take(record)
      }
      _ = try await site.report(installation, installation.records)
      #expect(try await Self.codes(site) == [.clockSuspect, .overLimit])
      let over = try TestSite.some(try await Self.found(site, .overLimit))
      #expect(over.seq == 2 && over.lastSeq == 3 && over.count == 2, "5 of 5 are allowed")
      let clock = try TestSite.some(try await Self.found(site, .clockSuspect))
      #expect(clock.seq == 1 && clock.lastSeq == 3 && clock.count == 3)
      #expect(try await DateCloserTests.line(site, "2026-11-21").quantity == 7)
    }
  }

  @Test func `a record that hides its limit is held against the license's`() async throws {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try await DateCloserTests.publish(.realtime, site)
      installation.license = try TestSite.some(LicenseID("lic_2"))
      installation.revision = 2
      try installation.sample(peak: 1000, after: 60)
      _ = try await site.report(installation, installation.records)
      #expect(try await Self.codes(site).isEmpty)
      try installation.sample(peak: 1001, after: 90)
      _ = try await site.report(installation, [installation.records[1]])
      #expect(try await Self.codes(site) == [.overLimit])
      var record = try installation.next(peak: 1002, after: 120)
      record.limit = 1_000_000
      try installation.take(record)
      _ = try await site.report(installation, [installation.records[2]])
      #expect(try await Self.found(site, .overLimit)?.count == 2, "a larger one is its own word")
    }
  }

  @Test func `a hostile customer gets no more findings than codes, and its history stays short`()
    async throws
  {
    try await TestSite.play { site in
      var installation = try await site.activated()
      installation.root = try TestSite.some(
        Thumbprint("SjmcdXZLu6RMVsQ6XqnKHL0Zrw0Gn8nVt3aYwW2N3xE"))
      for round in 1...40 as ClosedRange<Int64> {
        var record = try installation.next(peak: 9, after: round * 60)
        record.limit = 1
        try installation.take(record)
        let newest = try TestSite.some(installation.records.last)
        // Each record comes after the one that follows it: a hole a round.
        var ahead = installation
        try ahead.sample(peak: 1, after: 6000)
        _ = try await problem {
          try await site.report(ahead, [try TestSite.some(ahead.records.last)])
        }
        _ = try await site.report(installation, [newest])
        _ = try await site.gateway.findingWatch.look()
        site.clock.advance(60)
      }
      let all = try await site.store.read {
        try $0.findings(FindingFilter(), after: nil, limit: 99)
      }
      #expect(Set(all.map(\.code)) == [.foreignRoot, .overLimit, .chainGap])
      #expect(all.allSatisfy { $0.count == 40 })
      #expect(try await Self.history(site, .chainGap) == ["opened"], "no ten minutes were quiet")
    }
  }

  @Test func `every code says what it does to the bill, in both languages`() {
    for code in LedgerFinding.Code.allCases {
      let text = code.effect.text
      #expect(text.english.count > 15 && text.chinese.count > 7, "\(code)")
      #expect(text.english.unicodeScalars.allSatisfy { $0.isASCII }, "\(code)")
    }
    let used = Set(LedgerFinding.Code.allCases.map(\.effect))
    #expect(used == Set(FindingEffect.allCases))
  }
}
