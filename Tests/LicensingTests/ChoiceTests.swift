import CivilTime
import Licensing
import Sealing
import Testing

/// Which license is judged, and by what it is superseded.
struct ChoiceTests {
  /// A subscription that begins on a date, for a year, signed before all of them.
  private func license(
    _ revision: Int64, from: String, line: String = "lin_1"
  ) throws -> License {
    try Sample.license(.subscription, revision: revision, line: line) {
      let from = try Shared.date(from)
      $0.term = Term(from: from, length: .years(1))
      $0.iat = Sample.issued - 86_400
    }
  }

  private func scene(_ licenses: [License]) throws -> Scene {
    var scene = try Scene(licenses)
    scene.release?.iat = Sample.issued - 86_400
    scene.keyset = false
    return scene
  }

  private func judged(_ scene: Scene, at instant: Int64) throws -> String? {
    var scene = scene
    scene.wall = instant
    return try scene.judged().findings.last?.facts[.license]?.string
  }

  @Test func `a renewal bought early changes nothing until its day`() throws {
    let licenses = [
      try license(1, from: "2026-11-21"), try license(2, from: "2027-11-21"),
    ]
    let begins = try Shared.start("2027-11-21")
    for order in [licenses, licenses.reversed()] {
      let scene = try scene(order)
      #expect(try judged(scene, at: begins - 1) == "lic_1-1")
      #expect(try judged(scene, at: begins) == "lic_1-2")
    }
  }

  @Test func `perpetual and community begin at once`() throws {
    for edition in [Edition.perpetual, .community] {
      let licenses = [
        try license(1, from: "2026-11-21"), try Sample.license(edition, revision: 2),
      ]
      #expect(try judged(scene(licenses), at: Sample.issued) == "lic_1-2")
    }
  }

  @Test func `of licenses yet to begin the first is judged`() throws {
    let scene = try scene([
      license(3, from: "2028-01-01"), license(2, from: "2027-01-01"),
      license(1, from: "2027-06-01"),
    ])
    #expect(try scene.codes(at: Sample.issued) == [.notYetValid])
    #expect(try judged(scene, at: Sample.issued) == "lic_1-2")
  }

  @Test func `of two licenses of one revision the one issued later counts`() throws {
    var later = try license(1, from: "2026-11-21")
    later.jti = try #require(LicenseID("lic_0"))
    later.iat += 1
    let licenses = [try license(1, from: "2026-11-21"), later]
    #expect(try judged(scene(licenses), at: Sample.issued) == "lic_0")
    #expect(try judged(scene(licenses.reversed()), at: Sample.issued) == "lic_0")
  }

  @Test func `a revoked revision stays in force until a higher one begins`() throws {
    var scene = try scene([license(1, from: "2026-11-21"), license(2, from: "2026-11-25")])
    scene.revocations = Revocations(
      iss: Sample.iss, iat: Sample.issued, seq: 1,
      revoked: [
        Revocations.Entry(
          jti: try #require(LicenseID("lic_1-1")), at: Sample.issued, reason: "refunded")
      ])
    let begins = try Shared.start("2026-11-25")
    #expect(try scene.codes(at: begins - 1) == [.licenseRevoked])
    #expect(try scene.codes(at: begins) == [.valid])
  }

  @Test func `licenses given by hand go before those held`() throws {
    var scene = try scene([license(1, from: "2026-11-21")])
    scene.held = [try license(1, from: "2026-11-21", line: "lin_2")]
    #expect(try judged(scene, at: Sample.issued) == "lic_1-1")
    scene.licenses = []
    #expect(try judged(scene, at: Sample.issued) == "lic_2-1")
  }

  @Test func `the activation, then the newest record, choose among lines`() throws {
    let licenses = [
      try license(1, from: "2026-11-21", line: "lin_1"),
      try license(1, from: "2026-11-21", line: "lin_2"),
      try license(1, from: "2026-12-21", line: "lin_3"),
    ]
    var scene = try scene(licenses)
    #expect(try judged(scene, at: Sample.issued) == "lic_1-1")
    scene.licenses[1].iat += 1
    #expect(try judged(scene, at: Sample.issued) == "lic_2-1")
    scene.licenses[2].iat += 2
    #expect(try judged(scene, at: Sample.issued) == "lic_2-1", "a license that has begun")
    scene.record = try Sample.record(license: "lic_1-1")
    #expect(try judged(scene, at: Sample.issued) == "lic_1-1")
    scene.activation = try Sample.activation(line: "lin_3")
    #expect(try judged(scene, at: Sample.issued) == "lic_3-1")
    scene.licenses.reverse()
    #expect(try judged(scene, at: Sample.issued) == "lic_3-1")
  }

  @Test func `only a begun revision of the same line supersedes`() throws {
    let base = try scene([license(2, from: "2026-11-21")])
    let now = Sample.issued
    var scene = base
    scene.held = [try license(3, from: "2027-11-21")]
    #expect(try scene.codes(at: now) == [.valid], "held, not begun")
    scene.activation = try Sample.activation(revision: 3)
    #expect(try scene.codes(at: now) == [.valid], "activated early, at hand")
    scene.held = []
    #expect(try scene.codes(at: now) == [.superseded], "activated, not at hand")
    scene.activation = try Sample.activation(line: "lin_2", revision: 3)
    #expect(
      try scene.codes(at: now) == [.wrongInstallation],
      "another line's activation supersedes nothing; no license of its line is left")
    scene = base
    scene.held = [try license(3, from: "2026-11-21", line: "lin_2")]
    #expect(try scene.codes(at: now) == [.valid], "another line's license")
    scene.record = try Sample.record(license: "lic_2-3", revision: 3)
    #expect(try scene.codes(at: now) == [.valid], "another line's record")
    scene.record = try Sample.record(license: "lic_1-3", revision: 3)
    #expect(try scene.codes(at: now) == [.superseded], "a record of a license gone missing")
  }

  @Test func `a renewal put where the old file was leaves the held one in force until its day`()
    throws
  {
    var scene = try scene([license(2, from: "2027-11-21")])
    scene.held = [try license(1, from: "2026-11-21")]
    let begins = try Shared.start("2027-11-21")
    #expect(try judged(scene, at: Sample.issued) == "lic_1-1")
    #expect(try scene.codes(at: Sample.issued) == [.valid])
    #expect(try judged(scene, at: begins) == "lic_1-2")
    scene.held = [try license(1, from: "2026-11-21", line: "lin_2")]
    #expect(try scene.codes(at: Sample.issued) == [.notYetValid], "another line renews nothing")
  }

  @Test func `a perpetual license runs without the zone of a higher revision that is to begin`()
    throws
  {
    let perpetual = try Sample.license(.perpetual) { $0.iat -= 86_400 }
    var scene = try scene([perpetual, license(2, from: "2027-11-21")])
    scene.missingZones = [Sample.zone]
    scene.wall = try Shared.start("2027-11-21") - 2 * 86_400
    #expect(try scene.judged().outcome == .allow)
    scene.wall = try Shared.start("2027-11-21")
    #expect(try scene.judgement() == .cannotTell(.zone(Sample.zone)), "then it is the one in force")
  }

  @Test func `what no key verifies any more supersedes neither another line nor before its day`()
    throws
  {
    var scene = try scene([license(1, from: "2026-11-21")])
    let now = Sample.issued
    scene.record = try Sample.record(license: "lic_2-5", revision: 5)
    #expect(try scene.codes(at: now) == [.superseded], "of a line that nothing tells")
    scene.distrusted = [try license(5, from: "2026-11-21", line: "lin_2")]
    #expect(try scene.codes(at: now) == [.valid], "of another line, by its own word")
    scene.distrusted = [try license(5, from: "2026-11-21")]
    scene.record = try Sample.record(license: "lic_1-5", revision: 5)
    #expect(try scene.codes(at: now) == [.superseded], "of this line")
    scene.record = nil
    scene.activation = try Sample.activation(revision: 5)
    #expect(try scene.codes(at: now) == [.superseded], "activated, and begun by its own word")
    scene.distrusted = [try license(5, from: "2027-11-21")]
    #expect(try scene.codes(at: now) == [.valid], "activated early")
    #expect(try scene.codes(at: Shared.start("2027-11-21")).contains(.superseded))
  }

  /// Exhaustive: three revisions, each begun, to begin or absent, given and held in every way.
  @Test func `the highest begun revision given is superseded exactly by a higher begun one held`()
    throws
  {
    enum State: CaseIterable { case absent, begun, early }
    var checked = 0
    let all: [[State]] = State.allCases.flatMap { first in
      State.allCases.flatMap { second in State.allCases.map { [first, second, $0] } }
    }
    func licenses(_ states: [State]) throws -> [License] {
      try states.enumerated().compactMap { index, state in
        switch state {
        case .absent: nil
        case .begun: try license(Int64(index) + 1, from: "2026-11-21")
        case .early: try license(Int64(index) + 1, from: "2027-11-21")
        }
      }
    }
    for given in all {
      for held in all {
        var scene = try scene(licenses(given))
        scene.held = try licenses(held)
        let codes = try scene.codes(at: Sample.issued)
        let pool = given.allSatisfy { $0 == .absent } ? held : given
        // A renewal given too early leaves in force what is held of its line.
        let inForce = pool.lastIndex(of: .begun) ?? held.lastIndex(of: .begun)
        let heldBegun = held.lastIndex(of: .begun) ?? -1
        let judged = inForce ?? pool.firstIndex { $0 != .absent }
        guard let judged else {
          #expect(codes == [.noLicense])
          continue
        }
        #expect(codes.contains(.notYetValid) == (inForce == nil))
        // Several early ones begin on one day; the highest of them is judged.
        let compared = inForce ?? pool.lastIndex { $0 == .early } ?? judged
        #expect(codes.contains(.superseded) == (heldBegun > compared), "\(given) \(held)")
        checked += 1
      }
    }
    #expect(checked == 728)
  }

  @Test func `the order of documents never changes the verdict`() throws {
    let seed = UInt64(20_261_121)
    var random = Seeded(state: seed)
    for _ in 0..<60 {
      var licenses: [License] = []
      for line in ["lin_1", "lin_2"] {
        for revision in 1...Int64.random(in: 1...3, using: &random) {
          var next = try license(
            revision, from: ["2026-11-21", "2027-01-01"].randomElement(using: &random) ?? "",
            line: line)
          next.iat -= Int64.random(in: 0...1, using: &random)
          licenses.append(next)
        }
      }
      let scene = try scene(licenses)
      var shuffled = scene
      shuffled.licenses.shuffle(using: &random)
      #expect(try scene.judged() == shuffled.judged(), "seed \(seed)")
    }
  }

  /// SplitMix64.
  private struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }
}
