import CivilTime
import Foundation
import Licensing
import Sealing
import Testing

/// All pairs of two revisions of a line: every kind of license, wherever it lies, either one revoked.
///
/// The codes stand in `Oracle/revisions.tsv`, from the rules told a second time in Python.
struct RevisionTableTests {
  /// Noon of 2018-06-15 in Shanghai.
  static let noon: Int64 = 1_529_035_200
  /// Terms by where noon lies in them.
  static let terms = [
    "over": ("2016-01-01", "2016-12-31"), "in grace": ("2017-06-10", "2018-06-09"),
    "running": ("2018-01-01", "2018-12-31"), "to come": ("2018-07-01", "2019-06-30"),
  ]
  /// 2015-01-01 in Shanghai, when everything was signed.
  static let signed: Int64 = 1_420_041_600

  /// A license of a kind such as `payg in grace`.
  static func license(_ revision: Int64, _ kind: String) throws -> License {
    let words = kind.split(separator: " ", maxSplits: 1).map(String.init)
    let edition = try #require(Edition(rawValue: words[0]))
    let (from, through) = try #require(terms[words[1]])
    return try Sample.license(edition, revision: revision) {
      $0.iat = signed
      $0.activation = .optional
      if $0.term != nil { $0.term = try Shared.term(from, through) }
      if $0.maintenance != nil { $0.maintenance = try Shared.term(from, through) }
      if edition == .payg { $0.reporting.leaseHours = 87_840 }
    }
  }

  static func scene(given: [License], held: [License]) throws -> Scene {
    var scene = try Scene(given)
    scene.held = held
    scene.keyset = false
    scene.wall = noon
    scene.release = try Sample.release("1.98.190", "2018-03-01") { $0.iat = signed }
    return scene
  }

  /// The license that the findings are about.
  static func judged(_ verdict: Verdict) -> String? {
    verdict.findings.compactMap { $0.facts[.license]?.string }.first
  }

  @Test func `each pair of revisions is judged as the table says`() throws {
    let rows = try TableFile.rows("revisions.tsv", width: 7)
    #expect(rows.count == 1200)
    #expect(Set(rows.map { $0[0] }).count == 10)
    #expect(Set(rows.map { Array($0[0...4]) }).count == rows.count)
    for row in rows {
      var given: [License] = []
      var held: [License] = []
      for (index, place) in row[2...3].enumerated() {
        let license = try Self.license(Int64(index) + 1, row[index])
        if place == "given" { given.append(license) } else { held.append(license) }
      }
      var scene = try Self.scene(given: given, held: held)
      if row[4] != "none" {
        let jti = try #require(LicenseID("lic_1-\(row[4])"))
        scene.revocations = Revocations(
          iss: Sample.iss, iat: Self.signed, seq: 1,
          revoked: [Revocations.Entry(jti: jti, at: Self.signed, reason: "refunded")])
      }
      let verdict = try scene.judged()
      let codes = verdict.findings.map(\.code.rawValue).joined(separator: " ")
      #expect(codes == row[6], "\(row.joined(separator: ", "))")
      #expect(Self.judged(verdict) == "lic_1-\(row[5])", "\(row.joined(separator: ", "))")
    }
  }

  /// Whatever was enlarged once, shrinks by putting back the file: for every pair of eight
  /// revisions, where the lower one is the larger, in each way in which the higher one is known.
  @Test(arguments: Edition.allCases)
  func `an old and bigger license put back is superseded`(_ edition: Edition) throws {
    enum Known: CaseIterable { case held, activated, recorded, given }
    let revisions = 1...Int64(8)
    let licenses = try revisions.map { revision in
      try Sample.license(edition, revision: revision) {
        $0.iat = Self.signed
        $0.activation = .optional
        $0.collectors = Collectors(limit: 10_000 - 1000 * revision, overage: .refuse)
        if $0.term != nil { $0.term = try Shared.term("2018-01-01", "2018-12-31") }
        if $0.maintenance != nil { $0.maintenance = try Shared.term("2018-01-01", "2018-12-31") }
        if edition == .payg { $0.reporting.leaseHours = 87_840 }
      }
    }
    var pairs = 0
    for old in licenses {
      for new in licenses where new.revision != old.revision {
        for known in Known.allCases {
          var scene = try Self.scene(given: [old], held: known == .held ? [new] : [])
          switch known {
          case .held: break
          case .given: scene.licenses.append(new)
          case .activated:
            scene.activation = try Sample.activation(revision: new.revision, iat: Self.signed)
          case .recorded:
            scene.record = try Sample.record(license: new.jti.text, revision: new.revision)
          }
          let verdict = try scene.judged()
          let isPutBack = old.revision < new.revision && known != .given
          #expect(verdict.findings(.superseded).isEmpty == !isPutBack)
          #expect(verdict.outcome == (isPutBack ? .deny : .allow))
          let highest = known == .given ? max(old.revision, new.revision) : old.revision
          #expect(Self.judged(verdict) == "lic_1-\(highest)")
          pairs += 1
        }
      }
    }
    #expect(pairs == 8 * 7 * 4)
  }
}

/// The lives of lines: what is in force, and what it says, at each second at which that changes.
struct LineTests {
  /// A revision of a life: its edition and term, in Shanghai.
  struct Revision: Sendable {
    let revision: Int64
    let edition: Edition
    var from = "2017-01-01"
    var through = "2017-12-31"
    var isRevoked = false
  }

  struct Life: Sendable, CustomTestStringConvertible {
    let name: String
    let revisions: [Revision]
    /// A date at whose first second something changes, the license and codes one second before it,
    /// and those from it on.
    let turns: [(date: String, before: String, after: String)]
    var testDescription: String { name }
  }

  static let lives = [
    Life(
      name: "a renewal bought early",
      revisions: [
        Revision(revision: 1, edition: .subscription),
        Revision(
          revision: 2, edition: .subscription, from: "2018-01-01", through: "2018-12-31"),
      ],
      turns: [
        ("2017-01-01", "1: NOT_YET_VALID", "1: VALID"),
        ("2018-01-01", "1: EXPIRING_SOON VALID", "2: VALID"),
        ("2019-01-01", "2: EXPIRING_SOON VALID", "2: IN_GRACE"),
        ("2019-01-15", "2: IN_GRACE", "2: EXPIRED"),
      ]),
    Life(
      name: "a year skipped between two terms",
      revisions: [
        Revision(revision: 1, edition: .subscription),
        Revision(
          revision: 3, edition: .subscription, from: "2019-01-01", through: "2019-12-31"),
      ],
      turns: [
        ("2018-01-01", "1: EXPIRING_SOON VALID", "1: IN_GRACE"),
        ("2018-01-15", "1: IN_GRACE", "1: EXPIRED"),
        ("2019-01-01", "1: EXPIRED", "3: VALID"),
      ]),
    Life(
      name: "a renewal that begins inside the term before it",
      revisions: [
        Revision(revision: 1, edition: .subscription),
        Revision(revision: 2, edition: .payg, from: "2017-07-01", through: "2017-07-28"),
      ],
      turns: [
        ("2017-07-01", "1: VALID", "2: VALID"),
        ("2017-07-22", "2: VALID", "2: EXPIRING_SOON VALID"),
        ("2017-07-29", "2: EXPIRING_SOON VALID", "2: IN_GRACE"),
        ("2017-08-12", "2: IN_GRACE", "2: EXPIRED"),
      ]),
    Life(
      name: "community becoming commercial on a day",
      revisions: [
        Revision(revision: 1, edition: .community),
        Revision(
          revision: 2, edition: .subscription, from: "2017-03-01", through: "2018-02-28"),
      ],
      turns: [
        ("2017-03-01", "1: VALID", "2: VALID"),
        ("2018-03-01", "2: EXPIRING_SOON VALID", "2: IN_GRACE"),
      ]),
    Life(
      name: "a subscription becoming perpetual at once",
      revisions: [
        Revision(revision: 1, edition: .subscription),
        Revision(revision: 2, edition: .perpetual),
      ],
      turns: [
        ("2017-01-01", "2: VALID", "2: VALID"),
        ("2018-01-01", "2: VALID", "2: MAINTENANCE_ENDED VALID"),
      ]),
    Life(
      name: "a revoked revision, then a higher one",
      revisions: [
        Revision(revision: 1, edition: .subscription),
        Revision(
          revision: 2, edition: .subscription, from: "2017-03-01", through: "2018-02-28",
          isRevoked: true),
        Revision(
          revision: 3, edition: .subscription, from: "2017-06-01", through: "2018-05-31"),
      ],
      turns: [
        ("2017-03-01", "1: VALID", "2: LICENSE_REVOKED"),
        ("2017-06-01", "2: LICENSE_REVOKED", "3: VALID"),
      ]),
    Life(
      name: "revoked before its term, and no way back to the revision below",
      revisions: [
        Revision(revision: 1, edition: .subscription),
        Revision(
          revision: 2, edition: .subscription, from: "2018-01-01", through: "2018-12-31",
          isRevoked: true),
      ],
      turns: [
        ("2018-01-01", "1: EXPIRING_SOON VALID", "2: LICENSE_REVOKED"),
        ("2019-01-15", "2: LICENSE_REVOKED IN_GRACE", "2: LICENSE_REVOKED EXPIRED"),
      ]),
    Life(
      name: "a revision shortened",
      revisions: [
        Revision(revision: 1, edition: .subscription),
        Revision(
          revision: 2, edition: .subscription, from: "2017-01-01", through: "2017-06-30"),
      ],
      turns: [
        ("2017-01-01", "2: NOT_YET_VALID", "2: VALID"),
        ("2017-07-01", "2: EXPIRING_SOON VALID", "2: IN_GRACE"),
        ("2017-07-15", "2: IN_GRACE", "2: EXPIRED"),
      ]),
  ]

  @Test(arguments: lives)
  func `a line lives as its revisions say, in any order, given or held`(_ life: Life) throws {
    #expect(Self.lives.count == 8)
    let signed = try Shared.start("2016-12-01")
    var revoked: [Revocations.Entry] = []
    let licenses = try life.revisions.map { one in
      let license = try Sample.license(one.edition, revision: one.revision) {
        $0.iat = signed
        $0.activation = .optional
        if $0.term != nil { $0.term = try Shared.term(one.from, one.through) }
        if $0.maintenance != nil { $0.maintenance = try Shared.term(one.from, one.through) }
        if one.edition == .payg { $0.reporting.leaseHours = 87_840 }
      }
      if one.isRevoked {
        revoked.append(Revocations.Entry(jti: license.jti, at: signed, reason: "refunded"))
      }
      return license
    }
    for order in [licenses, licenses.reversed()] {
      for isHeld in [false, true] {
        var scene = try RevisionTableTests.scene(
          given: isHeld ? [] : order, held: isHeld ? order : [])
        scene.revocations = Revocations(iss: Sample.iss, iat: signed, seq: 1, revoked: revoked)
        scene.release = try Sample.release("1.98.190", "2016-12-01") { $0.iat = signed }
        for turn in life.turns {
          let instant = try Shared.start(turn.date)
          for (step, expected) in [(Int64(-1), turn.before), (0, turn.after), (1, turn.after)] {
            scene.wall = instant + step
            let verdict = try scene.judged()
            let codes = verdict.findings.map(\.code.rawValue).joined(separator: " ")
            let license = RevisionTableTests.judged(verdict)?.split(separator: "-").last ?? ""
            #expect("\(license): \(codes)" == expected, "\(turn.date) \(step)")
          }
        }
      }
    }
  }
}
