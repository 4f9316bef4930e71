import CivilTime
import Licensing
import Sealing
import Testing

struct VerdictTests {
  /// As much as can go wrong at once under one edition.
  private func disaster(_ edition: Edition) throws -> Scene {
    var scene = try Scene(edition) {
      $0.activation = .required
      $0.revision = 2
    }
    scene.refused = Refusal.Code.allCases.reversed().map {
      RefusedDocument(Refusal($0, "it is not right"), kind: nil, source: "a file")
    }
    scene.revocations = Revocations(
      iss: Sample.iss, iat: Sample.issued, seq: 1,
      revoked: [
        Revocations.Entry(jti: scene.licenses[0].jti, at: Sample.issued, reason: "refunded")
      ])
    scene.activation = try Sample.activation(line: "lin_2")
    scene.record = try Sample.record(2, license: "lic_9", revision: 3)
    scene.release = try Sample.release("2.0.0", "2028-01-01") { $0.product = "other" }
    scene.floor = try Shared.start("2028-12-01")
    scene.findings = StandingFinding.Code.allCases.reversed().map { StandingFinding($0, Facts()) }
    return scene
  }

  static let expected: [(Edition, String)] = [
    (.payg, "RELEASE_NOT_COVERED EXPIRED REPORT_OVERDUE / KEYSET_STALE"),
    (.subscription, "RELEASE_NOT_COVERED EXPIRED / KEYSET_STALE"),
    (.perpetual, "RELEASE_NOT_COVERED / KEYSET_STALE / MAINTENANCE_ENDED"),
    (.community, "RELEASE_EXPIRED / KEYSET_STALE"),
  ]

  @Test(arguments: expected)
  func `every rule speaks, in the order of weight`(_ edition: Edition, _ own: String) throws {
    let parts = own.split(separator: " / ").map(String.init)
    let expected = """
      DAMAGED MALFORMED UNSUPPORTED_VERSION WRONG_KIND UNKNOWN_KEY KEY_NOT_ALLOWED KEY_REVOKED \
      KEYSET_TOO_OLD SIGNATURE_INVALID LICENSE_REVOKED SUPERSEDED WRONG_PRODUCT \
      WRONG_INSTALLATION RELEASE_MISMATCH \(parts[0]) CLOCK_UNTRUSTED LEDGER_DAMAGED OVER_LIMIT \
      \(parts.dropFirst().joined(separator: " "))
      """
    let verdict = try disaster(edition).judged()
    #expect(verdict.findings.map(\.code.rawValue).joined(separator: " ") == expected)
    #expect(verdict.outcome == .deny)
    #expect(verdict.code == .damaged)
  }

  @Test func `warnings stand in their order, an overdue report last where it only warns`() throws {
    var scene = try Scene(.subscription) {
      $0.reporting = Reporting(mode: .offline, leaseHours: 72)
    }
    scene.wall = try Shared.start("2027-11-22")
    #expect(try scene.codes() == [.inGrace, .keysetStale, .reportOverdue])
    #expect(try scene.judged().outcome == .warn)
  }

  @Test func `the JSON is exactly what its format says`() throws {
    var scene = try Scene(.perpetual)
    scene.keyset = false
    scene.running = "1.99.0"
    scene.release = try Sample.release("1.99.0", "2027-12-01")
    scene.knownReleases = [
      try Sample.release("1.98.190", "2027-11-20"), try Sample.release("1.98.1", "2027-01-01"),
      try Sample.release("1.99.0", "2027-12-01"),
      try Sample.release("8.0", "2027-11-20") { $0.product = "other" },
    ]
    let expected = """
      {"verdict":"deny","code":"RELEASE_NOT_COVERED","findings":[\
      {"code":"RELEASE_NOT_COVERED","severity":"deny",\
      "message":"release 1.99.0 came out on 2027-12-01, after maintenance ended on 2027-11-20; \
      newest covered release: 1.98.190; renew maintenance or stay on it",\
      "facts":{"license":"lic_1-1","line":"lin_1","revision":1,"edition":"perpetual",\
      "release":"1.99.0","released":"2027-12-01","basis":"maintenance","through":"2027-11-20",\
      "newest_covered":"1.98.190"}}]}
      """
    #expect(try scene.judged().json.text == expected)
  }

  @Test func `a message names the instant in both zones and the days left`() throws {
    var scene = try Scene(.subscription)
    scene.keyset = false
    scene.wall = try Shared.start("2027-11-23")
    #expect(
      try scene.judged().findings.first?.message == """
        the last day of license lic_1-1 (subscription, revision 1) was 2027-11-20, 3 days ago; it \
        ended at 2027-11-21 00:00:00 +08:00 (2027-11-20T16:00:00Z); grace lasts through \
        2027-12-04, 12 days left; install a renewal before 2027-12-05 00:00:00 +08:00 \
        (2027-12-04T16:00:00Z)
        """)
    scene.wall = try Shared.start("2027-11-20")
    #expect(
      try scene.judged().findings.first?.message == """
        license lic_1-1 (subscription, revision 1) may be used through 2027-11-20, today is the \
        last day, until 2027-11-21 00:00:00 +08:00 (2027-11-20T16:00:00Z); renew it before that
        """)
    scene.held = [
      try Sample.license(.subscription, revision: 2) {
        $0.term = try Shared.term("2027-11-21", "2028-11-20")
      }
    ]
    #expect(
      try scene.judged().findings.first?.message.hasSuffix(
        "; revision 2 follows it, from 2027-11-21 and is at hand") == true)
  }

  @Test func `no findings at all deny`() {
    let verdict = Verdict([])
    #expect(verdict.outcome == .deny)
    #expect(verdict.code == .noLicense)
  }

  @Test func `without a clock only a perpetual license is judged`() throws {
    for edition in Edition.allCases where edition != .perpetual {
      var scene = try Scene(edition)
      scene.wall = nil
      #expect(try scene.judgement() == .cannotTell(.clock(edition)))
      #expect(try scene.judgement().exitCode == 2)
      scene.floor = Sample.issued + 5
      #expect(try scene.judgement() == .cannotTell(.clock(edition)))
    }
    var scene = try Scene(.perpetual)
    scene.wall = nil
    #expect(try scene.codes() == [.clockUntrusted])
    #expect(try scene.judged().outcome == .warn)
    scene.licenses = []
    #expect(try scene.codes() == [.noLicense, .clockUntrusted])
  }

  @Test func `a zone that is not known here leaves only a perpetual license to judge`() throws {
    for edition in Edition.allCases {
      var scene = try Scene(edition)
      scene.missingZones = [Sample.zone]
      if edition == .perpetual {
        #expect(try scene.codes() == [.valid])
      } else {
        #expect(try scene.judgement() == .cannotTell(.zone(Sample.zone)))
      }
    }
  }

  @Test func `a perpetual license keeps running whatever the clock says`() throws {
    var scene = try Scene(.perpetual)
    for wall in [nil, 0, Sample.issued, 4_000_000_000, 253_402_300_799] as [Int64?] {
      scene.wall = wall
      #expect(try scene.judged().outcome != .deny)
    }
  }

  @Test func `setting the clock back revives nothing`() throws {
    var scene = try Scene(.subscription)
    scene.floor = try Shared.start("2028-01-01")
    scene.keyset = false
    for wall in [0, Sample.issued, try Shared.start("2027-06-01")] {
      #expect(try scene.codes(at: wall) == [.expired, .clockUntrusted])
    }
  }

  @Test func `findings of the standing file survive being written`() throws {
    var facts = Facts()
    facts.add(.online, 1040)
    facts.add(.since, instant: 5, in: .utc)
    let finding = StandingFinding(.overLimit, facts)
    #expect(try StandingFinding(finding.json, at: "findings[0]") == finding)
    #expect(throws: Refusal.self) {
      try StandingFinding(["code": "EXPIRED", "facts": [:]], at: "findings[0]")
    }
    #expect(throws: Refusal.self) {
      try StandingFinding(["code": "OVER_LIMIT", "facts": 1], at: "findings[0]")
    }
  }

  /// Clocks and floors of every kind: unreadable, set back, frozen at issue, far ahead, absurd.
  static let clocks: [Int64?] = [
    nil, .min, -1, 0, 1, Sample.issued - 400 * 86_400, Sample.issued, 2_080_000_000,
    253_402_300_799, .max,
  ]

  @Test func `what a perpetual license may run never depends on the clock`() throws {
    /// What runs, its document, and whether it may.
    let cases: [(String, Release?, Bool)] = [
      ("1.90.0", nil, true),
      ("1.90.0", try Sample.release("1.90.0", "2030-01-01"), true),
      ("1.98.190", try Sample.release("1.98.190", "2027-11-20"), true),
      (
        "2.0.0",
        try Sample.release("2.0.0", "2029-01-01") {
          $0.coveredAsOf = try Shared.date("2027-11-20")
        }, true
      ),
      ("1.99.0", try Sample.release("1.99.0", "2027-11-21"), false),
      ("1.99.0", nil, false),
      ("1.90.0", try Sample.release("1.90.0", "2030-01-01") { $0.product = "other" }, false),
    ]
    var checked = 0
    for (running, release, may) in cases {
      var scene = try Scene(.perpetual)
      (scene.running, scene.release) = (running, release)
      scene.hasStanding = true
      for wall in Self.clocks {
        for floor in Self.clocks {
          for missing in [[], [Sample.zone]] as [Set<String>] {
            (scene.wall, scene.floor, scene.missingZones) = (wall, floor, missing)
            let verdict = try scene.judged()
            #expect((verdict.outcome != .deny) == may, "\(running) at \(String(describing: wall))")
            checked += 1
          }
        }
      }
    }
    #expect(checked == 7 * 10 * 10 * 2)
  }

  @Test func `a release that came out while maintenance had lapsed is covered once it is renewed`()
    throws
  {
    var scene = try Scene(.perpetual)
    scene.keyset = false
    let maintenance = try Shared.term("2026-11-21", "2027-11-20")
    let today = try Shared.date("2028-03-01")
    scene.running = "1.99.0"
    scene.wall = try Shared.start("2028-03-01")
    // The last date covered by a renewal for a year, by its basis.
    let covered: [RenewalBasis: String] = [
      .fromEnd: "2028-11-20", .today: "2029-02-28", .later: "2029-02-28",
    ]
    for basis in RenewalBasis.allCases {
      let last = try Shared.date(try #require(covered[basis]))
      for (released, mayBefore, mayAfter) in [
        (try Shared.date("2027-11-20"), true, true), (try Shared.date("2027-11-21"), false, true),
        (try Shared.date("2028-02-29"), false, true), (last, false, true),
        (try #require(last.adding(days: 1)), false, false),
      ] {
        scene.release = try Sample.release("1.99.0", released.description)
        scene.licenses[0].maintenance = maintenance
        #expect((try scene.judged().outcome != .deny) == mayBefore)
        scene.licenses[0].maintenance = maintenance.renewed(
          for: .years(1), basis: basis, today: today)
        #expect((try scene.judged().outcome != .deny) == mayAfter, "\(basis) \(released)")
      }
    }
  }
}
