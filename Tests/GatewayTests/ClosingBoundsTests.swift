import Billing
import CivilTime
import Gateway
import Licensing
import Reporting
import Sealing
import Testing
import TestSupport

/// Between which dates the gateway closes: from activation to a chain's end, and under what was sold by then.
@Suite struct ClosingBoundsTests {
  @Test(arguments: ["replaced", "released"])
  func `the dates before a chain's end are closed as any other's, and none from it on`(
    _ how: String
  ) async throws {
    try await TestSite.play { site in
      var old = try await site.activated()
      try old.sample(peak: 20, after: 3600)
      _ = try await site.report(old, old.records)
      site.clock.set(try DateCloserTests.midnight("2026-11-26"))
      if how == "replaced" {
        _ = try await site.activate(try site.installation(), replaces: old.thumbprint)
      } else {
        let word = try StaffWord(by: "alice", why: "the machine is gone")
        _ = try await site.gateway.decisions.release(old.thumbprint, word)
      }
      _ = try await site.gateway.closer.closeDue()
      let due = try await DateCloserTests.closings(site).filter {
        $0.installation == old.thumbprint
      }
      #expect(DateCloserTests.dates(due) == ["2026-11-21", "2026-11-22"])
      site.clock.set(try DateCloserTests.midnight("2026-12-20"))
      _ = try await site.gateway.closer.closeDue()
      let closings = try await DateCloserTests.closings(site).filter {
        $0.installation == old.thumbprint
      }
      #expect(DateCloserTests.dates(closings) == (21...25).map { "2026-11-\($0)" })
      let lines = try await DateCloserTests.statement(site).lines.filter {
        $0.installation == old.thumbprint
      }
      #expect(lines.map(\.quantity) == Array(repeating: 20, count: 5))
      // Nobody looks at it any more, until it reports after all.
      let line = site.license.line
      let year = try site.clock.now() + 366 * 86_400
      let looks = try await site.store.read { try $0.looks(due: year, of: line, limit: 9) }
      #expect(!looks.contains(old.thumbprint) && looks.count == (how == "replaced" ? 1 : 0))
    }
  }

  @Test func `a renewal for a term that is past closes no date of the silence before`() async throws
  {
    try await TestSite.play { site in
      let ending = try TestSite.payg("2", revision: 2, through: "2026-11-23")
      _ = try await site.gateway.publications.publish(
        Publication(licenses: [try site.vendor.jws(ending)]))
      _ = try await site.activated()
      site.clock.set(try DateCloserTests.midnight("2026-12-20"))
      #expect(try await site.gateway.closer.closeDue().closed == 17)
      var renewed = try TestSite.payg("3", revision: 3, from: "2026-11-24")
      renewed.iat = try site.clock.now()
      _ = try await site.gateway.publications.publish(
        Publication(licenses: [try site.vendor.jws(renewed)]))
      #expect(try await site.gateway.closer.closeDue().closed == 0)
      site.clock.set(try DateCloserTests.midnight("2026-12-24"))
      #expect(try await site.gateway.closer.closeDue().closed == 1)
      #expect(
        DateCloserTests.dates(try await DateCloserTests.closings(site, "2026-12")).last
          == "2026-12-20")
    }
  }

  @Test func `a record of long ago makes one date due, not all since`() async throws {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try installation.go(to: "1970-01-02")
      try installation.sample(peak: 3, after: 60)
      _ = try await site.report(installation, installation.records)
      #expect(try await site.gateway.closer.closeDue().closed == 1)
      #expect(
        DateCloserTests.dates(try await DateCloserTests.closings(site, "1970-01")) == ["1970-01-02"]
      )
      site.clock.set(try DateCloserTests.midnight("2026-11-25"))
      #expect(try await site.gateway.closer.closeDue().closed == 1)
    }
  }
}
