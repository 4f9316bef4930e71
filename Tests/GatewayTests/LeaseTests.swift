import Gateway
import Licensing
import Reporting
import Sealing
import Testing
import TestSupport

/// What receipts grant, and when they are issued.
@Suite struct LeaseTests {
  static let hours: Int64 = 72 * 3600

  @Test func `a lease reaches from the earlier of the gateway's time and the newest word`()
    async throws
  {
    try await TestSite.play { site in
      var installation = try await site.activated()
      let midnight: Int64 = 1_795_219_200
      try installation.sample(peak: 1, after: 600)
      let old = try site.open(
        try await site.report(installation, installation.records).receipt)
      #expect(old.leaseThrough == midnight + 600 + Self.hours)
      try installation.sample(peak: 2, after: 86_000)
      let ahead = try site.open(
        try await site.report(installation, [installation.records[1]]).receipt)
      #expect(ahead.leaseThrough == TestSite.noon + Self.hours)
    }
  }

  @Test func `a sign of life renews the lease, and the same one gets the same receipt`()
    async throws
  {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try installation.sample(peak: 1, after: 600)
      _ = try await site.report(installation, installation.records)
      site.clock.advance(3600)
      let alive = try installation.alive(at: TestSite.noon + 3600)
      let first = try await site.report(installation, [], alive: alive)
      let receipt = try site.open(first.receipt)
      #expect(first.results.isEmpty)
      #expect(receipt.seq == 1)
      #expect(receipt.head == installation.head)
      #expect(receipt.leaseThrough == TestSite.noon + 3600 + Self.hours)
      site.clock.advance(3600)
      try await site.restart()
      #expect(try await site.report(installation, [], alive: alive).receipt == first.receipt)
      let older = try installation.alive(at: TestSite.noon)
      #expect(try await site.report(installation, [], alive: older).receipt == first.receipt)
    }
  }

  @Test func `an installation without records can show that it lives`() async throws {
    try await TestSite.play { site in
      let installation = try await site.activated()
      let answer = try await site.report(
        installation, [], alive: try installation.alive(at: TestSite.noon))
      let receipt = try site.open(answer.receipt)
      #expect(receipt.seq == 0)
      #expect(receipt.head == nil)
      #expect(receipt.leaseThrough == TestSite.noon + Self.hours)
    }
  }

  @Test func `a site that counts under another line's license renews no lease by being there`()
    async throws
  {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try installation.sample(peak: 1, after: 600)
      let first = try site.open(
        try await site.report(installation, installation.records).receipt)
      let other = try TestSite.payg("x", line: "lin_2", revision: 5)
      _ = try await site.gateway.publications.publish(
        Publication(licenses: [try site.vendor.jws(other)]))
      let own = installation.license
      installation.license = other.jti
      try installation.sample(peak: 1, after: 1200)
      let strayed = try await site.report(installation, [installation.records[1]])
      #expect(strayed.results.map(\.code) == ["WRONG_LINE"])
      #expect(try site.open(strayed.receipt).leaseThrough == first.leaseThrough)
      site.clock.advance(3600)
      let alive = try installation.alive(at: TestSite.noon + 3600)
      let refused = try await site.report(installation, [], alive: alive)
      #expect(try site.open(refused.receipt).leaseThrough == first.leaseThrough)

      installation.license = own
      try installation.sample(peak: 1, after: 44_000)
      _ = try await site.report(installation, [installation.records[2]])
      let back = try installation.alive(at: TestSite.noon + 3601)
      let renewed = try await site.report(installation, [], alive: back)
      #expect(try site.open(renewed.receipt).leaseThrough == TestSite.noon + 3600 + Self.hours)
    }
  }

  @Test func `receipts never go back in time, whatever the gateway's clock does`() async throws {
    try await TestSite.play { site in
      var installation = try await site.activated()
      var last: Int64 = 0
      for (index, move) in [0, 5000, -9000, -100_000, 20, 400_000].enumerated() {
        site.clock.advance(Int64(move))
        try installation.sample(peak: 1, after: 600 + Int64(index))
        let answer = try await site.report(installation, [installation.records[index]])
        let receipt = try site.open(answer.receipt)
        #expect(receipt.iat >= last)
        #expect(receipt.iat >= TestSite.noon)
        last = receipt.iat
        try await site.restart()
      }
    }
  }

  /// The lease by the gateway's date, for a term through 2027-10-31 with 14 days of grace.
  static let dates: [(text: String, seconds: Int64, hasLease: Bool)] = [
    ("the last day of the term", 1_824_940_800, true),
    ("the first day of grace", 1_825_027_200, true),
    ("the last second of grace", 1_826_236_799, true),
    ("after grace", 1_826_236_800, false),
  ]

  @Test func `no lease is granted while the license is neither in force nor in grace`()
    async throws
  {
    #expect(Self.dates.count == 4)
    for (text, seconds, hasLease) in Self.dates {
      try await TestSite.play { site in
        let installation = try await site.activated()
        site.clock.set(seconds)
        let answer = try await site.report(
          installation, [], alive: try installation.alive(at: seconds))
        #expect((try site.open(answer.receipt).leaseThrough != nil) == hasLease, "\(text)")
      }
    }
    try await TestSite.play(from: "2026-11-22") { site in
      let installation = try await site.activated()
      let answer = try await site.report(
        installation, [], alive: try installation.alive(at: TestSite.noon))
      #expect(try site.open(answer.receipt).leaseThrough == nil, "before the term")
    }
  }

  @Test func `a revoked license gets receipts without a lease`() async throws {
    try await TestSite.play { site in
      var installation = try await site.activated()
      let revocations = try site.vendor.jws(
        Revocations(
          iss: site.vendor.iss, iat: TestSite.noon, seq: 1,
          revoked: [
            Revocations.Entry(jti: site.license.jti, at: TestSite.noon, reason: "unpaid")
          ]))
      _ = try await site.gateway.publications.publish(Publication(revocations: revocations))
      try installation.sample(peak: 1, after: 600)
      let answer = try await site.report(installation, installation.records)
      #expect(answer.results.map(\.code) == ["LICENSE_REVOKED"])
      #expect(answer.results.map(\.status) == [.stored])
      #expect(try site.open(answer.receipt).leaseThrough == nil)
      #expect(answer.delivery.revocations == revocations)
    }
  }
}
