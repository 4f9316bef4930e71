import CivilTime
import Libcrypto
import Licensing
import Platform
import Sealing
import Testing
import Verifier

/// Dates that were counted with other zone data than this machine has.
@Suite struct ZoneReviewTests {
  /// The rules of one zone under the name of another, as in a folder that `TZDIR` names.
  private static func forged(_ name: String, by other: String) throws -> Zone {
    let bytes = try Files.read("/usr/share/zoneinfo/\(other)")
    return try Zone(name: name, tzif: bytes)
  }

  /// A site that counted over a midnight of a zone.
  private static func counted(_ zone: Zone?) async throws -> TestSite {
    let site = try TestSite(at: TestSite.midnight - 3600 - 20)
    var surroundings = try site.surroundings()
    if let zone { surroundings.zones = { _ in zone } }
    let running = try await site.start(in: surroundings, installing: try site.license())
    _ = try running.beat("a")
    try await running.pass(60)
    try await running.daemon.finish()
    return site
  }

  @Test func `a date that ended at another second than here is named with both bounds`()
    async throws
  {
    let site = try await Self.counted(try Self.forged("Asia/Shanghai", by: "Asia/Tokyo"))
    let review = try await LedgerReviewTests.review(site)
    // It is no damage, for zones do change; but it is said.
    #expect(review["whole"] == .bool(true) && review["finding"] == nil, "\(review.text)")
    let count = try #require(review["other_bounds"]?.integer)
    #expect(count >= 2 && count == review["records"]?.integer, "\(review.text)")
    guard case .array(let named)? = review["other_bounds_first"], let first = named.first else {
      Issue.record("none is named")
      return
    }
    #expect(first["seq"]?.integer == 1 && first["date"]?.string == "2026-11-21")
    #expect(first["zone"]?.string == "Asia/Shanghai")
    #expect(first["from"]?["at"]?.integer == TestSite.midnight - 86_400 - 3600)
    #expect(first["here"]?["from"]?["at"]?.integer == TestSite.midnight - 86_400)
    #expect(first["here"]?["to"]?["at"]?.integer == TestSite.midnight)
    let day = try #require(named.first { $0["to"] != nil })
    #expect(day["to"]?["at"]?.integer == TestSite.midnight - 3600)
  }

  @Test func `where the zone data is the same nothing is said`() async throws {
    let site = try await Self.counted(nil)
    let review = try await LedgerReviewTests.review(site)
    #expect(review["other_bounds"] == nil && review["zones_unknown"] == nil, "\(review.text)")
  }

  @Test func `a zone that this machine lacks is said, for nothing was compared`() async throws {
    let site = try await Self.counted(nil)
    var surroundings = try site.surroundings()
    surroundings.installedZones = { name throws(PlatformError) in
      throw PlatformError(.zoneUnknown, "\(name) is not here")
    }
    let installation = try await site.open(in: surroundings)
    let gateway = FakeGateway(
      vendor: site.vendor, clocks: site.clocks, key: installation.keys.installation.publicKey,
      line: site.line)
    let review = try await ControlDesk.direct(
      installation, client: gateway, logger: TestSite.logger
    ).review()
    #expect(review["zones_unknown"] == .array([.string("Asia/Shanghai")]), "\(review.text)")
  }
}
