import Licensing
import Sealing
import TestSupport
import Testing

/// Which line is judged where several are at hand and nothing names one of them.
struct LineChoiceTests {
  /// What a customer may hold of a line, on 2027-06-01 beside a release of 2027-03-01.
  enum Kind: Int, CaseIterable {
    case running, inGrace, over, early, covering, uncovered, community, revoked, otherProduct
    case notActivated

    var isUsable: Bool {
      switch self {
      case .running, .inGrace, .covering, .community: true
      case .over, .early, .uncovered, .revoked, .otherProduct, .notActivated: false
      }
    }

    var hasBegun: Bool { self != .early }

    /// Later kinds were issued later, so that what is unusable is often what was issued last.
    func license(line: Int) throws -> License {
      let edition: Edition =
        switch self {
        case .covering, .uncovered: .perpetual
        case .community: .community
        case .notActivated: .payg
        default: .subscription
        }
      return try Sample.license(edition, line: "lin_\(line)") {
        $0.jti = try #require(LicenseID("lic_\(self)-\(line)"))
        $0.iat = Sample.issued - 86_400 + Int64(rawValue)
        switch self {
        case .inGrace: $0.term = try Shared.term("2026-05-20", "2027-05-25")
        case .over: $0.term = try Shared.term("2025-05-20", "2026-12-31")
        case .early: $0.term = try Shared.term("2027-06-02", "2028-06-01")
        case .uncovered: $0.maintenance = try Shared.term("2026-01-01", "2027-02-28")
        case .otherProduct: $0.product = "other"
        default: break
        }
      }
    }
  }

  private func situation() throws -> Situation {
    var scene = try Scene([])
    scene.keyset = false
    scene.release = try Sample.release("1.98.190", "2027-03-01") { $0.iat -= 86_400 }
    scene.wall = try Shared.start("2027-06-01")
    scene.hasStanding = true
    scene.revocations = Revocations(
      iss: Sample.iss, iat: Sample.issued, seq: 1,
      revoked: try (1...3).map {
        Revocations.Entry(
          jti: try #require(LicenseID("lic_revoked-\($0)")), at: 1, reason: "refunded")
      })
    var situation = try scene.situation()
    situation.zones[Sample.zone] = try Shared.zone(Sample.zone)
    return situation
  }

  private func permutations<Element>(_ elements: [Element]) -> [[Element]] {
    guard let first = elements.first else { return [[]] }
    return permutations(Array(elements.dropFirst())).flatMap { rest in
      (0...rest.count).map { Array(rest[..<$0]) + [first] + Array(rest[$0...]) }
    }
  }

  /// Exhaustive: every kind in each of three lines, in every order in which the files may come, given
  /// or held. The verdict is that of one line alone, and a usable line is never hidden.
  @Test func `of several lines a usable one is judged, as if it alone were there`() throws {
    var base = try situation()
    let kinds = Kind.allCases
    #expect(kinds.count == 10)
    let sealed = try kinds.map { kind in
      try (1...3).map { try Shared.vendor.seal(kind.license(line: $0)) }
    }
    base.licenses = [sealed[0][0]]
    #expect(judgedLine(in: base)?.text == "lin_1")
    var alone: [LicenseID: Judgement] = [:]
    for license in sealed.joined() {
      base.licenses = [license]
      let judgement = verdict(of: base)
      alone[license.payload.jti] = judgement
      let isUsable = kinds.first { license.payload.jti.text.hasPrefix("lic_\($0)-") }?.isUsable
      #expect((judgement.exitCode == 0) == isUsable, "\(license.payload.jti)")
    }
    var checked = 0
    for first in kinds.indices {
      for second in kinds.indices {
        for third in kinds.indices {
          let licenses = [sealed[first][0], sealed[second][1], sealed[third][2]]
          let lines = [(0, first), (1, second), (2, third)].map { (line: $0.0, kind: kinds[$0.1]) }
          let best = lines.max { left, right in
            let (a, b) = (left.kind, right.kind)
            if a.isUsable != b.isUsable { return b.isUsable }
            if a.hasBegun != b.hasBegun { return b.hasBegun }
            return (a.rawValue, right.line) < (b.rawValue, left.line)
          }
          let expected = licenses[try #require(best).line].payload
          // All orders of a set of kinds, and one order of every other arrangement of it.
          let orders = first <= second && second <= third ? permutations(licenses) : [licenses]
          for order in orders {
            base.licenses = order
            #expect(judgedLine(in: base) == expected.line)
            #expect(verdict(of: base) == alone[expected.jti], "\(order.map(\.payload.jti))")
            checked += 1
          }
          base.standing?.held = licenses.reversed()
          base.licenses = []
          #expect(judgedLine(in: base) == expected.line)
          base.standing?.held = []
        }
      }
    }
    #expect(checked == 220 * 6 + 780)
  }

  @Test func `a line that cannot be told hides no usable one, and is not taken for a no`() throws {
    var base = try situation()
    func seal(_ kind: Kind, _ line: Int, zone: String = Sample.zone) throws -> Verified<License> {
      var license = try kind.license(line: line)
      license.zone = zone
      return try Shared.vendor.seal(license)
    }
    let unknown = try seal(.running, 1, zone: "Europe/Dublin")
    for pair in permutations([unknown, try seal(.running, 2)]) {
      base.licenses = pair
      #expect(judgedLine(in: base)?.text == "lin_2")
      #expect(verdict(of: base).exitCode == 0)
    }
    for pair in permutations([unknown, try seal(.over, 2)]) {
      base.licenses = pair
      #expect(verdict(of: base) == .cannotTell(.zone("Europe/Dublin")))
    }
    base.wall = nil
    for pair in permutations([try seal(.running, 1), try seal(.covering, 2)]) {
      base.licenses = pair
      #expect(judgedLine(in: base)?.text == "lin_2", "perpetual needs no clock")
      #expect(verdict(of: base).exitCode == 0)
    }
    for pair in permutations([try seal(.running, 1), try seal(.uncovered, 2)]) {
      base.licenses = pair
      #expect(verdict(of: base) == .cannotTell(.clock(.subscription)))
    }
  }
}
