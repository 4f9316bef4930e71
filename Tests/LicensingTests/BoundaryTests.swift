import CivilTime
import Licensing
import Sealing
import TestSupport
import Testing

/// Every boundary at its last second and the first after it, in zones that make days uneven.
struct BoundaryTests {
  static let zones = ["Asia/Shanghai", "America/New_York", "Pacific/Apia", "Europe/Dublin"]

  /// A license of one zone and term, everything signed a month before it begins, no keyset.
  private func scene(
    _ edition: Edition, _ zone: String, _ from: String, _ through: String, grace: Int64 = 0
  ) throws -> Scene {
    var scene = try Scene(edition) {
      $0.zone = zone
      $0.iat = try Shared.start(from, zone) - 30 * 86_400
      $0.term = try Shared.term(from, through)
      $0.graceDays = grace
    }
    let iat = try Shared.start(from, zone) - 30 * 86_400
    scene.release = try Sample.release("1.98.190", "1999-01-01") { $0.iat = iat }
    scene.keyset = false
    if edition == .payg {
      scene.licenses[0].activation = .optional
      scene.activation = nil
      scene.licenses[0].reporting.leaseHours = 87_840
    }
    return scene
  }

  @Test(arguments: zones)
  func `a term runs from its first second through its last`(_ zone: String) throws {
    #expect(Self.zones.count == 4)
    for edition in [Edition.subscription, .payg] {
      let scene = try scene(edition, zone, "2025-03-09", "2026-03-08")
      let begins = try Shared.start("2025-03-09", zone)
      let ends = try Shared.start("2026-03-09", zone)
      #expect(try scene.codes(at: begins - 1) == [.notYetValid])
      #expect(try scene.codes(at: begins) == [.valid])
      #expect(try scene.codes(at: ends - 1) == [.expiringSoon, .valid])
      #expect(try scene.codes(at: ends) == [.expired])
    }
  }

  @Test(arguments: zones)
  func `grace runs through its last day`(_ zone: String) throws {
    let scene = try scene(.subscription, zone, "2025-11-02", "2026-11-01", grace: 7)
    let ends = try Shared.start("2026-11-02", zone)
    let graceEnds = try Shared.start("2026-11-09", zone)
    #expect(try scene.codes(at: ends) == [.inGrace])
    #expect(try scene.codes(at: graceEnds - 1) == [.inGrace])
    #expect(try scene.codes(at: graceEnds) == [.expired])
  }

  /// Zone, date, first second and length of the date in hours, from other tools' tables.
  static let days: [(String, String, Int64, Int64)] = [
    ("Asia/Shanghai", "2027-11-20", 1_826_640_000, 24),
    ("America/New_York", "2027-03-14", 1_805_000_400, 23),
    ("America/New_York", "2027-11-07", 1_825_560_000, 25),
    ("Pacific/Apia", "2011-12-31", 1_325_239_200, 24),
  ]

  @Test(arguments: days)
  func `a term of one day lasts as long as that day`(
    _ zone: String, _ date: String, _ begins: Int64, _ hours: Int64
  ) throws {
    let scene = try scene(.payg, zone, date, date)
    let ends = begins + hours * 3600
    #expect(try scene.codes(at: begins - 1) == [.notYetValid])
    #expect(try scene.codes(at: begins) == [.valid])
    #expect(try scene.codes(at: ends - 1) == [.expiringSoon, .valid])
    #expect(try scene.codes(at: ends) == [.expired])
  }

  @Test func `a day that a zone skipped has no second`() throws {
    let scene = try scene(.payg, "Pacific/Apia", "2011-12-30", "2011-12-30")
    #expect(try scene.codes(at: 1_325_239_199) == [.notYetValid])
    #expect(try scene.codes(at: 1_325_239_200) == [.expired])
  }

  @Test func `the notice is the smaller of 60 days and a quarter of the term`() throws {
    let year = try scene(.subscription, "Asia/Shanghai", "2026-11-21", "2027-11-20")
    let ends = try Shared.start("2027-11-21")
    #expect(try year.codes(at: ends - 60 * 86_400 - 1) == [.valid])
    #expect(try year.codes(at: ends - 60 * 86_400) == [.expiringSoon, .valid])
    let month = try scene(.payg, "Asia/Shanghai", "2026-11-01", "2026-11-28")
    let over = try Shared.start("2026-11-29")
    #expect(try month.codes(at: over - 7 * 86_400 - 1) == [.valid])
    #expect(try month.codes(at: over - 7 * 86_400) == [.expiringSoon, .valid])
  }

  @Test(arguments: zones)
  func `a community release may be used through its day and 180 more`(_ zone: String) throws {
    var scene = try Scene(.community) { $0.zone = zone }
    scene.keyset = false
    scene.release = try Sample.release("1.98.190", "2026-11-21") {
      $0.coveredAsOf = try Shared.date("2026-01-01")
    }
    // 2026-11-21 + 180 days, counted by another tool.
    let ends = try Shared.start("2027-05-21", zone)
    #expect(try scene.codes(at: ends - 45 * 86_400 - 3601) == [.valid])
    #expect(try scene.codes(at: ends - 44 * 86_400) == [.expiringSoon, .valid])
    #expect(try scene.codes(at: ends - 1) == [.expiringSoon, .valid])
    #expect(try scene.codes(at: ends) == [.releaseExpired])
    scene.release?.released = try Shared.date("2026-11-22")
    #expect(try scene.codes(at: ends) == [.expiringSoon, .valid], "a newer release")
  }

  @Test func `coverage includes the last day`() throws {
    for edition in [Edition.subscription, .payg, .perpetual] {
      var scene = try Scene(edition)
      scene.release?.released = try Shared.date("2027-11-20")
      #expect(try scene.codes() == [.valid])
      scene.release?.released = try Shared.date("2027-11-21")
      #expect(try scene.codes() == [.releaseNotCovered])
      scene.release?.coveredAsOf = try Shared.date("2027-11-20")
      #expect(try scene.codes() == [.valid])
    }
  }

  @Test func `a perpetual license covers its own release whenever that came out`() throws {
    var scene = try Scene(.perpetual)
    scene.keyset = false
    scene.running = "1.90.0"
    scene.release = try Sample.release("1.90.0", "2030-01-01")
    #expect(try scene.codes(at: try Shared.start("2027-11-20")) == [.valid])
    #expect(
      try scene.codes(at: try Shared.start("2027-11-21")) == [.maintenanceEnded, .valid])
    scene.release = nil
    #expect(try scene.codes() == [.valid], "its version alone says enough")
    scene.running = "1.90.1"
    #expect(try scene.codes() == [.releaseUnknown])
  }

  @Test func `a keyset is stale after 180 days`() throws {
    var scene = try Scene(.perpetual)
    let iat = try Shared.vendor.trust.keyset.iat
    scene.licenses[0].maintenance = try Shared.term("2026-11-21", "2030-11-20")
    #expect(try scene.codes(at: iat + 180 * 86_400) == [.valid])
    #expect(try scene.codes(at: iat + 180 * 86_400 + 1) == [.keysetStale])
  }

  @Test func `the wall clock may lie 24 hours behind the floor`() throws {
    var scene = try Scene(.subscription)
    let wall = Sample.issued + 86_400
    scene.floor = wall + 86_400
    #expect(try scene.codes() == [.valid])
    scene.floor = wall + 86_401
    #expect(try scene.codes() == [.clockUntrusted])
  }

  @Test func `instants at the ends of what can be said do not trap`() throws {
    for wall in [Int64.min, -1, 0, 253_402_300_799, 253_402_300_800, .max] {
      for edition in Edition.allCases {
        var scene = try Scene(edition)
        scene.floor = wall == .min ? .max : wall
        scene.wall = wall
        #expect(try !scene.codes().isEmpty)
      }
    }
    var last = try Scene(.subscription)
    last.licenses[0].term = try Shared.term("9998-12-31", "9999-12-31")
    last.release?.released = try Shared.date("9999-12-31")
    last.wall = .max
    #expect(try !last.codes().isEmpty)
    var community = try Scene(.community)
    community.release?.released = try Shared.date("9999-12-31")
    community.wall = .max
    #expect(try !community.codes().isEmpty)
  }
}
