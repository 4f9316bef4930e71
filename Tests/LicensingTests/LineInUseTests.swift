import CivilTime
import Licensing
import Sealing
import Testing

/// The verdict is about the line that the verifier counts under: no license of another one stands in for
/// it, and none that is over holds an installation back.
struct LineInUseTests {
  /// Noon of 2027-06-01 in Shanghai: a term through 2027-05-01 and its grace are over.
  private static func now() throws -> Int64 { try Shared.start("2027-06-01") + 43_200 }

  private func subscription(
    _ line: String, limit: Int64, through: String = "2027-11-20",
    _ change: (inout License) throws -> Void = { _ in }
  ) throws -> License {
    try Sample.license(.subscription, line: line) {
      $0.term = try Shared.term("2026-11-21", through)
      $0.collectors.limit = limit
      try change(&$0)
    }
  }

  private func scene(given: [License], held: [License], record: String?) throws -> Scene {
    var scene = try Scene(given)
    scene.hasStanding = true
    scene.held = held
    scene.record = try record.map { try Sample.record(license: $0) }
    scene.keyset = false
    scene.wall = try Self.now()
    return scene
  }

  private func line(_ scene: Scene) throws -> String? {
    judgedLine(in: try scene.situation())?.text
  }

  /// 900 collectors are counted under X, which is over; the license of two is shown to `check`.
  @Test func `a small license given by hand does not stand in for the ended one counted under`()
    throws
  {
    let ended = try subscription("lin_1", limit: 1000, through: "2027-05-01")
    let small = try subscription("lin_2", limit: 2)
    var scene = try scene(given: [small], held: [ended], record: "lic_1-1")
    #expect(try scene.codes() == [.wrongInstallation])
    let finding = try #require(try scene.judged().findings(.wrongInstallation).first)
    #expect(finding.facts[.countedLine] == .string("lin_1"))
    for part in ["lin_1", "lin_2", "install"] { #expect(finding.message.contains(part)) }
    scene.held = [ended, small]
    #expect(try scene.codes() == [.valid], "installed: then it is counted under it")
    scene.licenses = []
    #expect(try line(scene) == "lin_2")
    #expect(try scene.codes() == [.valid])
  }

  @Test func `where reports are blocked no license of another line stands in, installed or not`()
    throws
  {
    let payg = try Sample.license(.payg)
    let small = try subscription("lin_2", limit: 2)
    for held in [[payg], [payg, small], [small, payg]] {
      for record in [nil, "lic_1-1"] {
        var scene = try scene(given: [small], held: held, record: record)
        scene.activation = try Sample.activation()
        #expect(try scene.codes() == [.wrongInstallation])
        scene.licenses = []
        #expect(try line(scene) == "lin_1", "or no report would be sent any more")
        #expect(try scene.codes() == [.reportOverdue])
        scene.receipts = [
          try Sample.receipt(iat: Self.now() - 60, leaseThrough: Self.now() + 72 * 3600)
        ]
        #expect(try scene.codes() == [.valid])
        scene.licenses = [small]
        #expect(try scene.codes() == [.valid], "who may run anyway")
      }
    }
  }

  @Test func `a recorded line that is over yields to a good one that is held`() throws {
    let community = try Sample.license(.community)
    let bought = try subscription("lin_2", limit: 100)
    var scene = try scene(given: [], held: [community, bought], record: "lic_1-1")
    scene.release = try Sample.release("1.98.190", "2026-11-20")
    let last = try Shared.start("2027-05-20")
    #expect(try scene.codes(at: last - 1) == [.expiringSoon, .valid])
    scene.wall = last - 1
    #expect(try line(scene) == "lin_1", "while it is good it stays")
    scene.wall = last
    #expect(try line(scene) == "lin_2")
    #expect(try scene.codes() == [.valid])
    scene.held = [community]
    #expect(try scene.codes() == [.releaseExpired])
    scene.held = [community, try subscription("lin_2", limit: 100, through: "2027-01-01")]
    #expect(try scene.codes() == [.releaseExpired], "of two that are over the recorded one")
    scene.held = [community, bought]
    scene.activation = try Sample.activation()
    #expect(try scene.codes() == [.valid], "an activation does not hold it back either")
  }

  /// What an honest site goes through; none of it may become a no.
  @Test func `first starts, installs and renewals are let through`() throws {
    let first = try subscription("lin_1", limit: 1000)
    let other = try subscription("lin_2", limit: 1000)
    var renewed = try subscription("lin_1", limit: 1000)
    renewed.revision = 2
    renewed.jti = try #require(LicenseID("lic_1-2"))
    #expect(try scene(given: [first], held: [], record: nil).codes() == [.valid], "first start")
    #expect(try scene(given: [first], held: [first], record: "lic_1-1").codes() == [.valid])
    #expect(try scene(given: [renewed], held: [first], record: "lic_1-1").codes() == [.valid])
    let over = try subscription("lin_1", limit: 1000, through: "2027-05-01")
    #expect(try scene(given: [renewed], held: [over], record: "lic_1-1").codes() == [.valid])
    #expect(
      try scene(given: [other], held: [first], record: "lic_1-1").codes() == [.valid],
      "the line counted under lets the platform run as well")
    var nothing = try scene(given: [first], held: [], record: nil)
    nothing.hasStanding = false
    #expect(try nothing.codes() == [.valid], "no standing")
    nothing.hasStanding = true
    nothing.record = try Sample.record(license: "lic_9-1")
    #expect(try nothing.codes() == [.valid], "a standing without licenses")
  }

  @Test func `of two products on one machine each is judged by its own license once both are held`()
    throws
  {
    let own = try subscription("lin_1", limit: 10)
    var foreign = try subscription("lin_2", limit: 10)
    foreign.product = "another-platform"
    for given in [[], [own]] {
      var scene = try scene(given: given, held: [own, foreign], record: "lic_2-1")
      #expect(try scene.codes() == [.valid])
      #expect(try line(scene) == "lin_1")
      scene.held = [foreign]
      #expect(try scene.codes() == (given.isEmpty ? [.wrongProduct] : [.wrongInstallation]))
    }
  }

  /// A trial is over and recorded, and what was bought needs an activation: only the line judged is
  /// activated, so an ended one in its place would stand for ever.
  @Test func `an ended line gives way to one that waits for its activation alone`() throws {
    let trial = try subscription("lin_2", limit: 10, through: "2027-05-01")
    let bought = try Sample.license(.payg)
    var scene = try scene(given: [], held: [trial, bought], record: "lic_2-1")
    for release in [scene.release, nil] {
      scene.release = release
      #expect(try line(scene) == "lin_1")
      #expect(try scene.codes().contains(.notActivated))
      #expect(try scene.judged().outcome == .deny)
    }
    scene.release = try Sample.release()
    scene.held = [trial, try Sample.license(.payg) { $0.product = "another-platform" }]
    #expect(try line(scene) == "lin_2", "of two that no activation cures the recorded one")
    scene.held = [try subscription("lin_2", limit: 10), bought]
    #expect(try line(scene) == "lin_2", "what may run stays")
    #expect(try scene.codes() == [.valid])
  }

  @Test func `a date that is over belongs to the line of then, whatever was signed since`() throws {
    let ending = try subscription("lin_1", limit: 10, through: "2027-05-01") { $0.graceDays = 0 }
    let next = try subscription("lin_2", limit: 10) { $0.iat = try Shared.start("2027-05-03") }
    var scene = try scene(given: [], held: [ending, next], record: "lic_1-1")
    let end = try Shared.start("2027-05-02")
    for (instant, expected) in [(end - 1, "lin_1"), (end, "lin_2")] {
      scene.wall = instant
      #expect(try line(scene) == "lin_2", "now it is the time of the newest signature")
      #expect(judgedLine(in: try scene.situation(), isPast: true)?.text == expected)
    }
  }

  @Test func `a release that nobody names moves no installation off its line`() throws {
    let own = try subscription("lin_1", limit: 10)
    let perpetual = try Sample.license(.perpetual, line: "lin_2") { $0.release = "1.98.190" }
    var scene = try scene(given: [], held: [perpetual, own], record: "lic_1-1")
    scene.release = nil
    #expect(try line(scene) == "lin_1")
    scene.record = nil
    #expect(try line(scene) == "lin_2", "where none is named, one that may run")
    scene.held = [own, try subscription("lin_3", limit: 10, through: "2027-05-01")]
    scene.record = try Sample.record(license: "lic_3-1")
    #expect(try line(scene) == "lin_1", "ended is ended, whatever runs")
  }
}
