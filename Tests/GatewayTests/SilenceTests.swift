import Gateway
import HTTPTypes
import Licensing
import Reporting
import Sealing
import Testing
import TestSupport

/// Installations of which nothing is heard.
@Suite(.everyStore) struct SilenceTests {
  static let hour: Int64 = 3600

  static func silent(_ site: TestSite) async throws -> LedgerFinding? {
    try await FindingTests.found(site, .silent)
  }

  static func look(_ site: TestSite, at instant: Int64) async throws -> Int {
    site.clock.set(instant)
    return try await site.gateway.findingWatch.look().silent
  }

  @Test func `it is told at 24 h, 72 h and 7 days, at these seconds and none before`()
    async throws
  {
    try await TestSite.play { site in
      _ = try await site.activated()
      var told: Int64 = 0
      for hours in [24, 72, 168] as [Int64] {
        let due = TestSite.noon + hours * Self.hour
        #expect(try await Self.look(site, at: due - 1) == 0)
        #expect(try await Self.silent(site)?.level ?? 0 == told)
        #expect(try await Self.look(site, at: due) == 1)
        #expect(try await Self.look(site, at: due) == 0)
        let finding = try TestSite.some(try await Self.silent(site))
        #expect(finding.level == hours && finding.count == 1 && finding.state == .open)
        #expect(finding.seq == nil && finding.lastAt == due)
        told = hours
      }
      #expect(try await Self.look(site, at: TestSite.noon + 5000 * Self.hour) == 0)
      #expect(
        try await FindingTests.history(site, .silent) == ["opened", "escalated", "escalated"])
    }
  }

  @Test func `it is told once, also after a restart and by another gateway on the store`()
    async throws
  {
    try await TestSite.play { site in
      let installation = try await site.activated()
      let due = TestSite.noon + 30 * Self.hour
      #expect(try await Self.look(site, at: due) == 1)
      try await site.restart()
      #expect(try await Self.look(site, at: due + 60) == 0)
      let other = Gateway(
        store: site.store, trust: try GatewayTrust(site.vendor.trust, revocations: nil),
        key: try site.vendor.key(.gateway), clock: site.clock)
      // Whoever looks at what was looked at already finds nothing.
      let name = installation.thumbprint
      try await site.store.change { try $0.setWatch(at: 0, of: name) }
      async let one = site.gateway.findingWatch.look().silent
      async let two = other.findingWatch.look().silent
      #expect(try await (one, two) == (0, 0))
      #expect(try await Self.silent(site)?.count == 1)
    }
  }

  @Test func `a report ends it at once, a sign of life does, and a next silence opens it again`()
    async throws
  {
    try await TestSite.play { site in
      var installation = try await site.activated()
      #expect(try await Self.look(site, at: TestSite.noon + 100 * Self.hour) == 1)
      #expect(try await Self.silent(site)?.level == 72)
      try installation.day(peak: 3)
      _ = try await site.report(installation, installation.records)
      let ended = try TestSite.some(try await Self.silent(site))
      #expect(ended.state == .resolved && ended.resolution == .cleared)
      #expect(ended.resolvedAt == TestSite.noon + 100 * Self.hour)
      #expect(try await site.store.state(of: installation.thumbprint)?.head.silent == 0)
      // The next silence is counted from this receipt.
      #expect(try await Self.look(site, at: TestSite.noon + 124 * Self.hour - 1) == 0)
      #expect(try await Self.look(site, at: TestSite.noon + 124 * Self.hour) == 1)
      let again = try TestSite.some(try await Self.silent(site))
      #expect(again.state == .open && again.level == 24 && again.count == 2)
      _ = try await site.report(
        installation, [], alive: try installation.alive(at: TestSite.noon + 124 * Self.hour))
      #expect(try await Self.silent(site)?.state == .resolved)
      #expect(
        try await FindingTests.history(site, .silent)
          == ["opened", "resolved", "reopened", "resolved"])
    }
  }

  @Test func `who reports is looked at once a day, and what is refused is no word`() async throws {
    try await TestSite.play { site in
      var installation = try await site.activated()
      for _ in 1...5 {
        site.clock.advance(86_000)
        try installation.day(peak: 3)
        _ = try await site.report(installation, [try TestSite.some(installation.records.last)])
        #expect(try await site.gateway.findingWatch.look().silent == 0)
      }
      let heard = TestSite.noon + 5 * 86_000
      let due = try await site.store.read { try $0.watches(due: heard + 399, limit: 9) }
      #expect(due.isEmpty, "the next look is a day after the report before")
      site.clock.advance(80_000)
      // What is stored already is no news, nor is what another history says.
      _ = try await site.report(installation, installation.records)
      var copy = try installation.copy(upTo: 3)
      try copy.sample(peak: 9, after: 60)
      _ = try await problem { try await site.report(copy, [copy.records[3]]) }
      #expect(try await Self.look(site, at: heard + 86_400) == 1)
    }
  }

  @Test func `where usage is reported daily it begins at 72 h`() async throws {
    try await TestSite.play { site in
      _ = try await site.activated()
      try await DateCloserTests.publish(.daily, site)
      #expect(try await Self.look(site, at: TestSite.noon + 72 * Self.hour - 1) == 0)
      #expect(try await Self.look(site, at: TestSite.noon + 72 * Self.hour) == 1)
      #expect(try await Self.silent(site)?.level == 72)
      #expect(try await Self.look(site, at: TestSite.noon + 168 * Self.hour - 1) == 0)
      #expect(try await Self.look(site, at: TestSite.noon + 168 * Self.hour) == 1)
      #expect(try await Self.silent(site)?.level == 168)
    }
  }

  @Test func `who has no seat, reports offline or has no license any more is not silent`()
    async throws
  {
    let ends: [@Sendable (TestSite, Thumbprint) async throws -> Void] = [
      { site, name in
        _ = try await site.gateway.decisions.release(name, StaffDecisionTests.word())
      },
      { site, name in _ = try await site.activate(site.installation(), replaces: name) },
      { site, _ in try await DateCloserTests.publish(.offline, site) },
      { site, _ in site.clock.set(try DateCloserTests.midnight("2027-12-01")) },
    ]
    for (index, end) in ends.enumerated() {
      // Before it is silent, and after.
      for isSilent in [false, true] {
        try await TestSite.play { site in
          let installation = try await site.activated()
          let name = installation.thumbprint
          if isSilent {
            #expect(try await Self.look(site, at: TestSite.noon + 24 * Self.hour) == 1)
          }
          try await end(site, name)
          if index == 3, isSilent {
            try await site.store.change { try $0.setWatch(at: 0, of: name) }
          }
          _ = try await site.gateway.findingWatch.look()
          let all = try await site.store.read { try $0.findings(of: name) }
          #expect(all.map(\.state) == (isSilent ? [.resolved] : []), "\(index)")
        }
      }
    }
  }

  @Test func `one that staff resolved opens again at the next step, and not before`() async throws {
    try await TestSite.play { site in
      _ = try await site.activated()
      #expect(try await Self.look(site, at: TestSite.noon + 24 * Self.hour) == 1)
      let id = try TestSite.some(try await Self.silent(site)).id
      _ = try await site.gateway.findings.resolve(
        id, as: .accepted, StaffWord(by: "alice", why: "a holiday"))
      #expect(try await Self.look(site, at: TestSite.noon + 71 * Self.hour) == 0)
      #expect(try await Self.silent(site)?.state == .resolved)
      #expect(try await Self.look(site, at: TestSite.noon + 72 * Self.hour) == 1)
      #expect(try await Self.silent(site)?.state == .open)
    }
  }

  @Test func `before the gateway has served a while nobody is silent`() async throws {
    try await TestSite.play { site in
      _ = try await site.activated()
      let start = TestSite.noon + 200 * Self.hour
      let gateway = Gateway(
        store: site.store, trust: try GatewayTrust(site.vendor.trust, revocations: nil),
        key: try site.vendor.key(.gateway), clock: site.clock, closesFrom: start + 900)
      site.clock.set(start + 899)
      #expect(try await gateway.findingWatch.look().silent == 0)
      site.clock.set(start + 900)
      #expect(try await gateway.findingWatch.look().silent == 1)
      #expect(try await Self.silent(site)?.level == 168)
    }
  }

  @Test func `a row that cannot be read keeps nobody else unwatched`() async throws {
    try await TestSite.play(installations: 2) { site in
      let broken = try await site.activated()
      _ = try await site.activated()
      #expect(try await Self.look(site, at: TestSite.noon + 24 * Self.hour) == 2)
      try await site.tamper(
        """
        UPDATE findings SET state = 'resolved', resolution = 'nonsense', resolved_at = 1
        WHERE installation = (SELECT id FROM installations WHERE thumbprint = '\(broken.thumbprint)')
        """)
      site.clock.set(TestSite.noon + 72 * Self.hour)
      let outcome = try await site.gateway.findingWatch.look()
      #expect(outcome.silent == 1)
      #expect(Array(outcome.obstacles.keys) == [broken.thumbprint])
      #expect(try await site.gateway.findingWatch.look().obstacles.isEmpty, "it waits for a day")
    }
  }
}

/// Several gateways on one database.
@Suite struct SharedSilenceTests {
  @Test func `gateways that look at once tell each silence once between them`() async throws {
    try await StoreKind.$current.withValue(.postgres) {
      try await TestSite.play(installations: 40) { site in
        for _ in 0..<30 { _ = try await site.activated() }
        let further = try await StoreKind.postgres.open(site.folder)
        let other = Gateway(
          store: further, trust: try GatewayTrust(site.vendor.trust, revocations: nil),
          key: try site.vendor.key(.gateway), clock: site.clock)
        for (hours, what) in [(24, "opened"), (72, "escalated")] as [(Int64, String)] {
          site.clock.set(TestSite.noon + hours * SilenceTests.hour)
          async let one = site.gateway.findingWatch.look().silent
          async let two = other.findingWatch.look().silent
          let told = try await (one, two)
          #expect(told.0 + told.1 == 30, "\(told)")
          let findings = try await site.store.read {
            try $0.findings(FindingFilter(code: .silent), after: nil, limit: 99)
          }
          #expect(findings.count == 30)
          #expect(findings.allSatisfy { $0.count == 1 && $0.level == hours })
          for finding in findings {
            let last = try await further.read { try $0.events(of: finding.id) }.last
            #expect(last?.what.rawValue == what && last?.level == hours)
          }
        }
        await further.close()
      }
    }
  }
}

/// How `serve` looks for silence.
@Suite struct FindingRoundsTests {
  @Test func `the first look waits, then there is one each minute, and the metric follows`()
    async throws
  {
    try await TestSite.play { site in
      _ = try await site.activated()
      let clock = site.clock
      let time = ClosingRoundsTests.ToldClock(allowed: 2) {
        clock.set(TestSite.noon + Int64($0) * 86_400)
      }
      try await Rounds.finding(
        gateway: site.gateway, time: time, logger: ClosingRoundsTests.logger
      ).run()
      #expect(time.told == [.seconds(900), .seconds(60), .seconds(60)])
      #expect(try await SilenceTests.silent(site)?.level == 24)
      let metrics = try await site.send(.get, "/metrics").text
      #expect(metrics.contains("tally_gateway_findings_open{code=\"SILENT\"} 1"), "\(metrics)")
      #expect(metrics.contains("tally_gateway_findings_open{code=\"FORKED\"} 0"))
    }
  }

  @Test func `a store that fails does not end the rounds`() async throws {
    try await TestSite.play { site in
      await site.store.close()
      let time = ClosingRoundsTests.ToldClock(allowed: 3) { _ in }
      try await Rounds.finding(
        gateway: site.gateway, time: time, logger: ClosingRoundsTests.logger
      ).run()
      #expect(time.told.count == 4)
      try await site.restart()
    }
  }
}
