import Billing
import CivilTime
import Foundation
import Gateway
import Licensing
import Reporting
import Sealing
import Testing
import TestSupport

/// What is tried against a public gateway, and what comes of it.
@Suite struct GatewayAttackTests {
  @Test func `a report sent a thousand times gets one receipt and counts once`() async throws {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try installation.sample(peak: 5, after: 60)
      try installation.sample(peak: 9, after: 120)
      let (gateway, name) = (site.gateway, installation.thumbprint)
      let request = ReportRequest(installation: name, records: installation.records)
      let receipts = try await withThrowingTaskGroup(of: Set<String>.self) { group in
        for _ in 0..<16 {
          group.addTask {
            var receipts: Set<String> = []
            for _ in 0..<63 { receipts.insert(try await gateway.reports.take(request).receipt) }
            return receipts
          }
        }
        return try await group.reduce(into: Set<String>()) { $0.formUnion($1) }
      }
      #expect(receipts.count == 1)
      try await site.store.read { ledger throws in
        #expect(try ledger.position() == 2)
        #expect(try ledger.recordCount(of: name) == 2)
        #expect(try ledger.receiptCount(of: name) == 1)
      }
      #expect(try await DateCloserTests.line(site, "2026-11-21").quantity == 9)
    }
  }

  @Test(
    arguments: [
      ("1970-01-02", []), ("2001-02-28", []), ("2026-11-20", []), ("2026-11-21", []),
      ("2026-11-22", [.clockAhead]), ("2026-11-23", [LedgerFinding.Code.clockAhead]),
      ("2036-02-29", [.clockAhead]), ("9999-12-30", [.clockAhead]),
    ] as [(String, [LedgerFinding.Code])])
  func `a record of whatever date is kept, billed on its date and no other, and told of`(
    date: String, codes: [LedgerFinding.Code]
  ) async throws {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try installation.go(to: date)
      try installation.day(peak: 6)
      let answer = try await site.report(installation, installation.records)
      #expect(answer.results.map(\.status) == [.stored])
      #expect(try await ClosedDateTests.findings(site, installation) == Set(codes))
      let month = try TestSite.some(Month(String(date.prefix(7))))
      let statement = try await site.gateway.statements.statement(
        of: site.license.line, in: month)
      #expect(statement.lines.filter { $0.quantity > 0 }.map(\.date.description) == [date])
    }
  }

  @Test func `a count or a revision that cannot be makes no month that nobody can bill`()
    async throws
  {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try installation.sample(peak: 5, after: 60)
      try installation.sample(peak: 100_000_001, after: 120)
      var other = installation
      other.license = try TestSite.some(LicenseID("lic_x"))
      other.revision = 1_000_000_001
      try other.sample(peak: 6, after: 180)
      let answer = try await site.report(other, other.records)
      #expect(answer.results.map(\.status) == [.stored, .quarantined, .quarantined])
      #expect(answer.results.map(\.code) == [nil, "TOO_LARGE", "TOO_LARGE"])
      site.clock.set(try DateCloserTests.midnight("2026-12-04"))
      let final = try await FinalStatementTests.makeFinal(site, "2026-11")
      #expect(final.statement.totals.map(\.quantity) == [50])
    }
  }

  @Test func `no installation speaks for another, and none learns of another's line`()
    async throws
  {
    try await TestSite.play { site in
      var own = try await site.activated()
      let foreign = try TestSite.payg("9", line: "lin_9", revision: 1, sub: "cus_9")
      let newer = try TestSite.payg("10", line: "lin_9", revision: 2, sub: "cus_9")
      _ = try await site.gateway.publications.publish(
        Publication(licenses: try [foreign, newer].map { try site.vendor.jws($0) }))
      var other = try TestInstallation(license: foreign.jti, root: site.vendor.trust.root)
      _ = try await site.gateway.activations.activate(
        ActivationRequest(
          license: try site.vendor.jws(foreign),
          enrolment: try other.enrolment(license: foreign.jti)))
      try own.sample(peak: 5, after: 60)
      try other.sample(peak: 7, after: 60)
      // Under another's name, or with another's record or sign of life under one's own.
      for (name, records, alive) in [
        (own.thumbprint, other.records, nil), (other.thumbprint, own.records, nil),
        (own.thumbprint, [], try other.alive(at: TestSite.noon)),
        (other.thumbprint, [], try own.alive(at: TestSite.noon)),
      ] {
        let refused = try await problem {
          try await site.gateway.reports.take(
            ReportRequest(installation: name, records: records, alive: alive))
        }
        #expect([.malformed, .signatureInvalid, .unknownKey].contains(refused.code))
      }
      // One's own record that names another's license bills nobody.
      var liar = own
      liar.license = foreign.jti
      try liar.sample(peak: 900, after: 120)
      let answer = try await site.report(liar, liar.records)
      #expect(answer.results.map(\.status) == [.stored, .quarantined])
      #expect(answer.delivery.licenses.isEmpty, "what is newer in another's line is not shown")
      let delivered = try await site.gateway.reports.take(
        ReportRequest(installation: other.thumbprint, records: other.records))
      #expect(delivered.delivery.licenses.count == 2)
      let line = try TestSite.some(LineID("lin_9"))
      let month = try TestSite.some(Month("2026-11"))
      let bill = try await site.gateway.statements.statement(of: line, in: month)
      #expect(
        bill.lines.map(\.quantity) == [7] && bill.lines.map(\.installation) == [other.thumbprint])
      #expect(try await DateCloserTests.line(site, "2026-11-21").quantity == 5)
    }
  }

  @Test func `a gateway restored from a backup is sent again what it lacks, and bills the same`()
    async throws
  {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try installation.day(peak: 4)
      _ = try await site.report(installation, installation.records)
      let backup = site.folder.appending(path: "backup.sqlite")
      try #require(site.store as? SQLiteLedgerStore).copy(to: backup.path)
      site.clock.advance(2 * 86_400)
      try installation.day(peak: 8)
      try installation.sample(peak: 6, after: 60)
      let newest = try await site.report(installation, Array(installation.records[1...]))
      let before = try await DateCloserTests.statement(site)
      await site.store.close()
      for name in ["ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm"] {
        try? FileManager.default.removeItem(at: site.folder.appending(path: name))
      }
      try FileManager.default.moveItem(
        at: backup, to: site.folder.appending(path: "ledger.sqlite"))
      try await site.restart()
      try installation.sample(peak: 7, after: 120)
      let hole = try await problem {
        try await site.report(installation, [try TestSite.some(installation.records.last)])
      }
      #expect(hole.code == .outOfOrder)
      #expect(hole.facts.first { $0.name == "expected" }?.value.integer == 2)
      let healed = try await site.report(installation, Array(installation.records[1...2]))
      // The receipt that the verifier holds names the same record.
      #expect(try site.open(healed.receipt).head == (try site.open(newest.receipt)).head)
      let after = try await DateCloserTests.statement(site)
      #expect(after.lines == before.lines && after.totals == before.totals)
      let trust = try GatewayTrust(site.vendor.trust, revocations: nil)
      #expect(try await LedgerAudit.run(site.store, trust).faults.isEmpty)
    }
  }

  @Test func `while the clock of the gateway is wrong no receipt is older than the one before`()
    async throws
  {
    try await TestSite.play { site in
      var installation = try await site.activated()
      var newest: Int64 = 0
      for shift: Int64 in [0, -3600, 86_400, -200_000, -1_000_000, 400_000, -30] {
        site.clock.set(TestSite.noon + shift)
        try installation.sample(peak: 5, after: 60 + installation.seq)
        let answer = try await site.report(
          installation, [try TestSite.some(installation.records.last)])
        let receipt = try site.open(answer.receipt)
        #expect(receipt.iat >= newest && receipt.iat >= TestSite.noon + shift)
        newest = receipt.iat
        if let through = receipt.leaseThrough {
          let word = installation.from + 60 + installation.seq - 1
          #expect(through <= min(receipt.iat, word) + 72 * 3600)
        }
      }
      // Beyond the dates of its key it answers nothing rather than something nobody accepts.
      site.clock.set(253_402_300_799 + 1)
      try installation.sample(peak: 5, after: 900)
      let refused = try await problem {
        try await site.report(installation, [try TestSite.some(installation.records.last)])
      }
      #expect(refused.code == .notReady)
      site.clock.set(TestSite.noon + 400_001)
      let later = try await site.report(
        installation, [try TestSite.some(installation.records.last)])
      #expect(later.results.map(\.status) == [.stored])
    }
  }
}
