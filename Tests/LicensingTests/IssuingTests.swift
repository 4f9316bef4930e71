import CivilTime
import Licensing
import Sealing
import Testing

struct IssuingTests {
  /// Constraints, an edition with 365 days from the day after the UTC date of issue, 14 of grace where
  /// it has any, 1000 collectors and a needed activation; and whether the key may sign it.
  static let caps: [(KeyConstraints, Edition, Bool)] = [
    (KeyConstraints(), .subscription, true),
    (KeyConstraints(), .community, true),
    (KeyConstraints(products: ["observability-platform"]), .payg, true),
    (KeyConstraints(products: ["other"]), .payg, false),
    (KeyConstraints(products: []), .payg, false),
    (KeyConstraints(editions: ["payg", "subscription"]), .subscription, true),
    (KeyConstraints(editions: ["payg"]), .subscription, false),
    (KeyConstraints(maximumDays: 380), .subscription, true),
    (KeyConstraints(maximumDays: 379), .subscription, false),
    (KeyConstraints(maximumDays: 366), .perpetual, false),
    (KeyConstraints(editions: ["perpetual"], maximumDays: 366), .perpetual, true),
    (KeyConstraints(editions: ["perpetual"], maximumDays: 365), .perpetual, false),
    (KeyConstraints(maximumDays: 365), .community, false),
    (KeyConstraints(editions: ["community"], maximumDays: 1), .community, true),
    (KeyConstraints(maximumCollectors: 1000), .subscription, true),
    (KeyConstraints(maximumCollectors: 999), .subscription, false),
    (KeyConstraints(maximumCollectors: 1000), .payg, false),
  ]

  @Test(arguments: caps.indices)
  func `a key signs within its constraints`(_ index: Int) throws {
    #expect(Self.caps.count == 17)
    let (constraints, edition, allowed) = Self.caps[index]
    let license = try Sample.license(edition) { $0.activation = .required }
    let excess = license.excess(over: constraints)
    #expect((excess == nil) == allowed, "\(excess ?? "nothing")")
  }

  /// Date of issue in UTC, term, days of grace, and the days that a cap on them holds, counted by
  /// another tool.
  static let spans: [(String, String, String, Int64, Int64)] = [
    ("2026-11-21", "2026-11-21", "2027-11-20", 0, 365),
    ("2026-11-21", "2026-11-21", "2027-11-20", 14, 379),
    ("2026-11-20", "2026-11-21", "2027-11-20", 0, 366),
    ("2026-11-21", "2026-11-20", "2027-11-20", 0, 366),
    ("2026-11-21", "2036-11-21", "2036-11-21", 0, 3654),
    ("2026-11-21", "2028-02-29", "2028-02-29", 1, 467),
    ("2026-11-21", "1970-01-01", "1970-01-01", 0, 1),
    ("1970-01-01", "9999-12-31", "9999-12-31", 3660, 2_932_897),
  ]

  @Test(arguments: spans)
  func `neither grace nor a far begin leaves the cap on days`(
    _ issued: String, _ from: String, _ through: String, _ grace: Int64, _ days: Int64
  ) throws {
    for edition in [Edition.subscription, .payg] {
      let license = try Sample.license(edition) {
        $0.iat = try Shared.date(issued).daysSinceEpoch * 86_400 + 86_399
        $0.term = try Shared.term(from, through)
        $0.graceDays = grace
      }
      #expect(license.cappedDays == days)
      #expect(license.excess(over: KeyConstraints(maximumDays: days)) == nil)
      #expect(license.excess(over: KeyConstraints(maximumDays: days - 1)) != nil)
    }
    let perpetual = try Sample.license(.perpetual) {
      $0.iat = try Shared.date(issued).daysSinceEpoch * 86_400
      $0.maintenance = try Shared.term(from, through)
    }
    let maintained =
      min(try Shared.date(issued), try Shared.date(from))
      .days(until: try Shared.date(through)) + 1
    #expect(perpetual.cappedDays == maintained)
  }

  @Test func `a limit that only records is no limit under a cap on collectors`() throws {
    let cap = KeyConstraints(maximumCollectors: 1000)
    for edition in Edition.allCases {
      let license = try Sample.license(edition) {
        $0.collectors = Collectors(limit: 1000, overage: .refuse)
        $0.activation = .required
      }
      #expect(license.excess(over: cap) == nil)
      var recording = license
      recording.collectors.overage = .record
      #expect(recording.excess(over: cap)?.contains("overage must be refuse") == true)
      recording.collectors.limit = 1
      #expect(recording.excess(over: cap) != nil)
      #expect(recording.excess(over: KeyConstraints(maximumDays: 4000)) == nil || edition.isEndless)
    }
  }

  /// A cap that held only where nobody may copy the license would be no cap for a thief.
  @Test func `a license that need not be activated has more copies than any cap on collectors`()
    throws
  {
    for edition in Edition.allCases {
      let license = try Sample.license(edition) {
        $0.collectors = Collectors(limit: 1, overage: .refuse)
        $0.activation = .optional
      }
      let excess = license.excess(over: KeyConstraints(maximumCollectors: .max))
      #expect(excess?.contains("activation must be required") == true)
      #expect(license.excess(over: KeyConstraints(editions: [edition.rawValue])) == nil)
    }
  }

  @Test func `more collectors than can be said exceed every cap`() throws {
    let license = try Sample.license(.subscription) {
      $0.collectors.limit = .max
      $0.installations = .max
      $0.activation = .required
    }
    #expect(license.excess(over: KeyConstraints(maximumCollectors: .max)) != nil)
  }

  @Test func `a limit counts once for each installation`() throws {
    let license = try Sample.license(.subscription) {
      $0.installations = 2
      $0.activation = .required
    }
    #expect(license.excess(over: KeyConstraints(maximumCollectors: 2000)) == nil)
    #expect(license.excess(over: KeyConstraints(maximumCollectors: 1999)) != nil)
  }

  @Test func `a release key signs releases of its products`() throws {
    let release = try Sample.release()
    #expect(release.excess(over: KeyConstraints(products: [Sample.product])) == nil)
    #expect(release.excess(over: KeyConstraints(products: ["other"])) != nil)
    #expect(release.excess(over: KeyConstraints(editions: [], maximumDays: 0)) == nil)
  }

  static let shortfalls: [(Edition, String, String, Bool)] = [
    (.subscription, "2026-11-21", "2027-11-20", false),
    (.subscription, "2026-11-21", "2027-11-19", true),
    (.subscription, "2028-02-29", "2029-02-28", false),
    (.subscription, "2028-02-29", "2029-02-27", true),
    (.subscription, "2027-03-01", "2028-02-29", false),
    (.subscription, "2027-03-01", "2028-02-28", true),
    (.payg, "2026-11-21", "2026-11-21", false),
    (.subscription, "9999-01-01", "9999-12-31", false),
    (.subscription, "9999-01-02", "9999-12-31", true),
  ]

  @Test(arguments: shortfalls)
  func `a subscription lasts a year, pay as you go a day`(
    _ edition: Edition, _ from: String, _ through: String, _ isShort: Bool
  ) throws {
    let license = try Sample.license(edition) { $0.term = try Shared.term(from, through) }
    #expect((license.termShortfall != nil) == isShort)
  }

  static let renewals: [(TermLength, RenewalBasis, String, String, String)] = [
    (.years(1), .fromEnd, "2027-10-01", "2027-11-21", "2028-11-20"),
    (.years(1), .today, "2027-10-01", "2027-10-01", "2028-09-30"),
    (.years(1), .later, "2027-10-01", "2027-11-21", "2028-11-20"),
    (.years(1), .fromEnd, "2028-01-05", "2027-11-21", "2028-11-20"),
    (.years(1), .later, "2028-01-05", "2028-01-05", "2029-01-04"),
    (.years(1), .today, "2028-02-29", "2028-02-29", "2029-02-28"),
    (.years(4), .today, "2028-02-29", "2028-02-29", "2032-02-28"),
    (.days(1), .fromEnd, "2027-10-01", "2027-11-21", "2027-11-21"),
    (.days(30), .fromEnd, "2027-10-01", "2027-11-21", "2027-12-20"),
    (.days(30), .later, "2028-02-20", "2028-02-20", "2028-03-20"),
    (.years(3), .fromEnd, "2027-10-01", "2027-11-21", "2030-11-20"),
    (.years(1), .later, "2027-11-20", "2027-11-21", "2028-11-20"),
    (.years(1), .later, "2027-11-21", "2027-11-21", "2028-11-20"),
    (.years(1), .later, "2027-11-22", "2027-11-22", "2028-11-21"),
    (.days(1), .later, "2028-02-29", "2028-02-29", "2028-02-29"),
  ]

  @Test(arguments: renewals)
  func `a term is renewed from its stated basis`(
    _ length: TermLength, _ basis: RenewalBasis, _ today: String, _ from: String,
    _ through: String
  ) throws {
    let present = try Shared.term("2026-11-21", "2027-11-20")
    let next = present.renewed(for: length, basis: basis, today: try Shared.date(today))
    #expect(try next == Shared.term(from, through))
  }

  @Test(arguments: [
    TermLength.years(0), .years(-1), .years(Int.max), .days(0), .days(-1), .days(.max),
    .years(8000), .days(2_932_896),
  ])
  func `a length that makes no term gives none`(_ length: TermLength) throws {
    let present = try Shared.term("2026-11-21", "2027-11-20")
    for basis in RenewalBasis.allCases {
      #expect(present.renewed(for: length, basis: basis, today: present.from) == nil)
    }
    let last = try Shared.term("9999-12-31", "9999-12-31")
    #expect(last.renewed(for: .days(1), basis: .fromEnd, today: present.from) == nil)
  }

  /// A term, how it is renewed on its last day, and the term that follows, by hand.
  static let leaps: [(String, String, TermLength, String, String)] = [
    ("2027-02-28", "2028-02-27", .years(1), "2028-02-28", "2029-02-27"),
    ("2027-03-01", "2028-02-29", .years(1), "2028-03-01", "2029-02-28"),
    ("2027-03-01", "2028-02-28", .years(1), "2028-02-29", "2029-02-28"),
    ("2028-02-29", "2029-02-28", .years(1), "2029-03-01", "2030-02-28"),
    ("2027-03-01", "2028-02-28", .years(4), "2028-02-29", "2032-02-28"),
    ("2027-03-01", "2028-02-28", .days(366), "2028-02-29", "2029-02-28"),
    ("2099-03-01", "2100-02-28", .years(1), "2100-03-01", "2101-02-28"),
    ("2027-12-31", "2027-12-31", .days(60), "2028-01-01", "2028-02-29"),
  ]

  @Test(arguments: leaps)
  func `years begin and end around 29 February as a calendar says`(
    _ from: String, _ through: String, _ length: TermLength, _ next: String, _ end: String
  ) throws {
    let present = try Shared.term(from, through)
    for basis in [RenewalBasis.fromEnd, .later] {
      let renewed = present.renewed(for: length, basis: basis, today: present.through)
      #expect(try renewed == Shared.term(next, end))
    }
  }

  @Test func `renewals from the end leave no day out and count none twice`() throws {
    for day in ["2027-02-28", "2027-03-01", "2028-02-29", "2028-12-31"] {
      for length in [TermLength.years(1), .years(3), .days(1), .days(30)] {
        var term = try #require(try Term(from: Shared.date(day), length: length))
        for _ in 0..<50 {
          let next = try #require(term.renewed(for: length, basis: .fromEnd, today: term.from))
          #expect(term.through.adding(days: 1) == next.from)
          if case .years = length {
            var license = try Sample.license(.subscription)
            license.term = next
            #expect(license.termShortfall == nil)
          }
          term = next
        }
      }
    }
  }
}

extension Edition {
  /// Whether a cap on days asks for the edition's name.
  fileprivate var isEndless: Bool { self == .perpetual || self == .community }
}
