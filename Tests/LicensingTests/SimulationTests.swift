import CivilTime
import Licensing
import Sealing
import TestSupport
import Testing

/// What would happen if, answered by the function that answers at start-up.
struct SimulationTests {
  private func simulation(_ scene: Scene, collectors: Int64? = nil) throws -> Simulation {
    Simulation(try scene.situation(), collectors: collectors)
  }

  @Test func `the answer at every boundary second is the verdict's`() throws {
    var seen = 0
    for edition in Edition.allCases {
      var scene = try Scene(edition)
      let simulation = try simulation(scene)
      for date in ["2026-11-22", "2027-05-19", "2027-05-20", "2027-11-21", "2027-12-05"] {
        for second in -1...1 as ClosedRange<Int64> {
          let instant = try Shared.start(date) + second
          scene.wall = instant
          #expect(simulation.outcome(at: instant).judgement == verdict(of: try scene.situation()))
          seen += 1
        }
      }
    }
    #expect(seen == 60)
  }

  @Test func `changes come at the second in which the verdict changes`() throws {
    let scene = try Scene(.subscription)
    let from = try Shared.start("2026-11-22")
    let changes = try simulation(scene).changes(
      from: from, through: try Shared.start("2027-12-31"))
    let codes = changes.map { $0.verdict?.code.rawValue ?? "unknown" }
    // The keyset is 180 days old by then; a quarter of the term, or 60 days, before its end.
    #expect(codes == ["VALID", "KEYSET_STALE", "KEYSET_STALE", "IN_GRACE", "EXPIRED"])
    let expected = try [
      from, Shared.vendor.trust.keyset.iat + 180 * 86_400 + 1, Shared.start("2027-09-22"),
      Shared.start("2027-11-21"), Shared.start("2027-12-05"),
    ]
    #expect(changes.map(\.asked) == expected)
    for (before, after) in zip(changes, changes.dropFirst()) {
      let last = try simulation(scene).outcome(at: after.asked - 1)
      #expect(last.verdict?.findings.map(\.code) == before.verdict?.findings.map(\.code))
    }
  }

  @Test func `a lease's end within a day is found to the second`() throws {
    let scene = try Scene(.payg)
    let changes = try simulation(scene).changes(
      from: Sample.issued, through: Sample.issued + 10 * 86_400)
    #expect(changes.map { $0.verdict?.code } == [.valid, .reportLate, .reportOverdue])
    #expect(changes.map(\.asked) == [0, 36, 72].map { Sample.issued + $0 * 3600 })
  }

  @Test func `a renewal held takes its place on its day`() throws {
    let first = try Sample.license(.subscription)
    let second = try Sample.license(.subscription, revision: 2) {
      $0.term = try Shared.term("2027-11-21", "2028-11-20")
    }
    let changes = try simulation(try Scene([first, second])).changes(
      from: try Shared.start("2027-11-20"), through: try Shared.start("2027-11-22"))
    #expect(changes.map { $0.license?.revision } == [1, 2])
    #expect(changes.last?.asked == (try Shared.start("2027-11-21")))
  }

  @Test func `time does not go back`() throws {
    var scene = try Scene(.subscription)
    let floor = try Shared.start("2027-03-01")
    scene.floor = floor
    let outcome = try simulation(scene).outcome(at: try Shared.start("2026-12-01"))
    #expect(outcome.isBeforeFloor)
    #expect(outcome.judged == floor)
    #expect(try simulation(scene).outcome(at: floor).isBeforeFloor == false)
  }

  @Test func `so many collectors are refused, recorded or billed as the license says`() throws {
    let cases: [(Edition, Overage?, Int64, Int64, Int64, Int64, Int64?)] = [
      // edition, overage, collectors, online, refused, over, minor units
      (.subscription, .refuse, 1000, 1000, 0, 0, nil),
      (.subscription, .refuse, 1001, 1000, 1, 0, nil),
      (.subscription, .record, 1001, 1001, 0, 1, nil),
      (.perpetual, .record, 0, 0, 0, 0, nil),
      (.payg, nil, 600, 600, 0, 0, 72_000),
      (.payg, .refuse, 1600, 1000, 600, 0, 120_000),
      (.payg, .record, 1600, 1600, 0, 600, 192_000),
      (.payg, nil, 1_000_000_000, 1_000_000_000, 0, 0, 120_000_000_000),
      (.community, nil, 7, 7, 0, 0, nil),
    ]
    #expect(cases.count == 9)
    for (edition, overage, collectors, online, refused, over, minor) in cases {
      let scene = try Scene(edition) { license in
        guard let overage else { return }
        license.collectors = Collectors(limit: 1000, overage: overage)
      }
      let outcome = try simulation(scene, collectors: collectors)
        .outcome(at: try Shared.start("2026-11-22"))
      let load = try #require(outcome.load)
      #expect(load.collectors == collectors && load.online == online)
      #expect(load.refused == refused && load.over == over, "\(edition) \(collectors)")
      #expect(load.cost?.minor == minor, "\(edition) \(collectors)")
      let isOver = outcome.verdict?.findings(.overLimit).isEmpty == false
      #expect(isOver == (over > 0), "\(edition) \(collectors)")
    }
  }

  @Test func `the number of collectors takes the place of what was found`() throws {
    var scene = try Scene(.subscription) {
      $0.collectors = Collectors(limit: 1000, overage: .record)
    }
    var facts = Facts()
    facts.add(.online, 1200)
    facts.add(.limit, 1000)
    scene.findings = [StandingFinding(.overLimit, facts)]
    scene.hasStanding = true
    let at = try Shared.start("2026-11-22")
    #expect(try simulation(scene).outcome(at: at).verdict?.code == .overLimit)
    #expect(try simulation(scene, collectors: 900).outcome(at: at).verdict?.code == .valid)
  }

  @Test func `a supposed release is judged in the place of the document's`() throws {
    var scene = try Scene(.community)
    let at = try Shared.start("2027-06-01")
    scene.wall = at
    #expect(try simulation(scene).outcome(at: at).verdict?.code == .releaseExpired)
    // The keyset is more than 180 days old by then.
    let newer = try scene.situation().supposing(
      released: try Shared.date("2027-05-01"), version: "1.98.190")
    #expect(Simulation(newer).outcome(at: at).verdict?.outcome == .warn)
    let perpetual = try Scene(.perpetual).situation().supposing(
      released: try Shared.date("2027-11-21"), version: "1.98.190")
    let codes = Simulation(perpetual).outcome(at: at).verdict?.findings.map(\.code)
    #expect(codes?.contains(.releaseNotCovered) == true)
  }

  @Test func `without a license there is no load, and without its zone no answer`() throws {
    let none = try simulation(try Scene([]), collectors: 5).outcome(at: Sample.issued)
    #expect(none.load == nil && none.license == nil && none.verdict?.code == .noLicense)
    var scene = try Scene(.payg)
    scene.missingZones = [Sample.zone]
    let unknown = try simulation(scene).outcome(at: Sample.issued)
    #expect(unknown.judgement == .cannotTell(.zone(Sample.zone)))
    #expect(unknown.shortJSON["verdict"]?.string == "unknown")
  }

  @Test func `JSON carries the verdict's members and what was asked`() throws {
    let outcome = try simulation(try Scene(.payg), collectors: 3)
      .outcome(at: try Shared.start("2026-11-22"))
    let json = JSONValue.object(outcome.members)
    #expect(json["at"]?["local"]?.string == "2026-11-22 00:00:00 +08:00")
    #expect(json["verdict"]?.string == "allow")
    #expect(json["collectors"]?["cost_per_day"]?["minor"]?.integer == 360)
    #expect(json["revision"]?.integer == 1)
    try json.requireDocumentShape()
  }

  @Test func `times are dates, instants with an offset, or Unix seconds`() throws {
    let good: [(String, Int64)] = [
      ("2026-11-21", Sample.issued), ("2026-11-20T16:00:00Z", Sample.issued),
      ("2026-11-21T00:00:00+08:00", Sample.issued), ("1795190400", Sample.issued),
      ("2026-11-20T11:30:00-04:30", Sample.issued), ("9999-12-31T23:59:59Z", 253_402_300_799),
    ]
    #expect(good.count == 6)
    let zone = try Shared.zone(Sample.zone)
    for (text, instant) in good {
      #expect(SimulatedMoment(text)?.instant(in: zone) == instant, "\(text)")
    }
    #expect(SimulatedMoment("2026-11-21")?.lastInstant(in: zone) == Sample.issued + 86_399)
    let bad = [
      "", "2026", "20261121", "2026-11-31", "2026-11-21 00:00:00Z", "2026-11-21T24:00:00Z",
      "2026-11-21T00:00:00", "2026-11-21T00:00Z", "2026-11-21T00:00:00+0800", "tomorrow",
      "-1795190400", "9999999999999", "999999999999", "2026-11-21T00:00:00.5Z", "2026-1-1",
    ]
    #expect(bad.count == 15)
    for text in bad { #expect(SimulatedMoment(text) == nil, "\(text)") }
  }
}
