import CivilTime
import Licensing
import Sealing
import Testing

/// What whoever issues a license is asked, and how a change is told.
struct QuestionTests {
  /// An edition, a change to its sample that is just usual, one that is not, and what is asked then.
  struct Case: Sendable, CustomTestStringConvertible {
    let code: Question.Code
    let edition: Edition
    let usual: @Sendable (inout License) throws -> Void
    let unusual: @Sendable (inout License) throws -> Void
    var testDescription: String { code.rawValue }

    init(
      _ code: Question.Code, _ edition: Edition,
      usual: @escaping @Sendable (inout License) throws -> Void,
      unusual: @escaping @Sendable (inout License) throws -> Void
    ) {
      (self.code, self.edition, self.usual, self.unusual) = (code, edition, usual, unusual)
    }

    /// The first and the last day of a term, at a bound and just beyond it.
    static func dates(
      _ code: Question.Code, usual: (String, String), unusual: (String, String)
    ) -> Case {
      Case(code, .payg) {
        $0.term = try Shared.term(usual.0, usual.1)
      } unusual: {
        $0.term = try Shared.term(unusual.0, unusual.1)
      }
    }

    static func maintained(
      _ code: Question.Code, usual: (String, String), unusual: (String, String)
    ) -> Case {
      Case(code, .perpetual) {
        $0.maintenance = try Shared.term(usual.0, usual.1)
      } unusual: {
        $0.maintenance = try Shared.term(unusual.0, unusual.1)
      }
    }
  }

  static let today = "2026-11-21"

  static let cases: [Case] = [
    .dates(
      .termLong, usual: ("2026-11-21", "2036-11-20"), unusual: ("2026-11-21", "2036-11-21")),
    .dates(.termOver, usual: ("2026-11-01", "2026-11-21"), unusual: ("2026-11-01", "2026-11-20")),
    .dates(
      .termAhead, usual: ("2027-11-22", "2028-11-21"), unusual: ("2027-11-23", "2028-11-21")),
    .dates(
      .termBackdated, usual: ("2026-10-21", "2027-10-20"), unusual: ("2026-10-20", "2027-10-20")),
    .maintained(
      .maintenanceLong, usual: ("2026-11-21", "2036-11-20"), unusual: ("2026-11-21", "2036-11-21")),
    .maintained(
      .maintenanceOver, usual: ("2026-11-01", "2026-11-21"), unusual: ("2026-11-01", "2026-11-20")),
    .maintained(
      .maintenanceAhead, usual: ("2027-11-22", "2028-11-21"),
      unusual: ("2027-11-23", "2028-11-21")),
    .maintained(
      .maintenanceBackdated, usual: ("2026-10-21", "2027-10-20"),
      unusual: ("2026-10-20", "2027-10-20")),
    Case(.limitLarge, .subscription) {
      $0.collectors.limit = 1_000_000
    } unusual: {
      $0.collectors.limit = 1_000_001
    },
    Case(.windowUnusual, .subscription) {
      $0.collectors.window = 120
    } unusual: {
      $0.collectors.window = 119
    },
    Case(.windowUnusual, .subscription) {
      $0.collectors.window = 3600
    } unusual: {
      $0.collectors.window = 3601
    },
    Case(.dwellLong, .subscription) {
      $0.collectors.dwell = 3600
    } unusual: {
      $0.collectors.dwell = 3601
    },
    Case(.installationsMany, .subscription) {
      $0.installations = 1000
    } unusual: {
      $0.installations = 1001
    },
    Case(.graceLong, .subscription) {
      $0.graceDays = 90
    } unusual: {
      $0.graceDays = 91
    },
    Case(.gatewayPlain, .payg) {
      $0.reporting.gateway = "https://a.example"
    } unusual: {
      $0.reporting.gateway = "http://a.example"
    },
    Case(.gatewayPrivate, .payg) {
      $0.reporting.gateway = "https://a.example"
    } unusual: {
      $0.reporting.gateway = "https://10.0.0.1"
    },
    Case(.leaseShort, .payg) {
      $0.reporting.leaseHours = 24
    } unusual: {
      $0.reporting.leaseHours = 23
    },
    Case(.leaseLong, .payg) {
      $0.reporting.leaseHours = 744
    } unusual: {
      $0.reporting.leaseHours = 745
    },
    Case(.priceZero, .payg) {
      $0.price?.minorPerCollectorDay = 1
    } unusual: {
      $0.price?.minorPerCollectorDay = 0
    },
    Case(.priceHigh, .payg) {
      $0.price = Price(currency: "CNY", minorPerCollectorDay: 1_000_000)
    } unusual: {
      $0.price = Price(currency: "CNY", minorPerCollectorDay: 1_000_001)
    },
    Case(.priceHigh, .payg) {
      $0.price = Price(currency: "JPY", minorPerCollectorDay: 10_000)
    } unusual: {
      $0.price = Price(currency: "JPY", minorPerCollectorDay: 10_001)
    },
    Case(.priceHigh, .payg) {
      $0.price = Price(currency: "KWD", minorPerCollectorDay: 10_000_000)
    } unusual: {
      $0.price = Price(currency: "KWD", minorPerCollectorDay: 10_000_001)
    },
  ]

  @Test func `every code has a case`() {
    #expect(Set(Self.cases.map(\.code)) == Set(Question.Code.allCases))
    #expect(Self.cases.count == 22)
  }

  @Test(arguments: cases)
  func `what lies beyond a bound is asked, the bound itself is not`(_ entry: Case) throws {
    let today = try Shared.date(Self.today)
    let usual = try Sample.license(entry.edition, entry.usual)
    let unusual = try Sample.license(entry.edition, entry.unusual)
    for license in [usual, unusual] { try license.check() }
    #expect(usual.questions(today: today) == [])
    let questions = unusual.questions(today: today)
    #expect(questions.map(\.code) == [entry.code])
    #expect(questions.allSatisfy { !$0.message.isEmpty && !$0.member.isEmpty })
    // A change asks of what it changes, and always whether the license is over already.
    #expect(unusual.questions(today: today, changing: usual) == questions)
    let isAlways = entry.code == .termOver || entry.code == .maintenanceOver
    var enlarged = unusual
    enlarged.customer = "ACME GmbH"
    #expect(enlarged.questions(today: today, changing: unusual) == (isAlways ? questions : []))
  }

  @Test(arguments: Edition.allCases)
  func `an ordinary license raises no question`(_ edition: Edition) throws {
    #expect(Edition.allCases.count == 4)
    #expect(
      try Sample.license(edition).questions(today: Shared.date(Self.today)) == [])
  }

  @Test func `questions stand in the order of the members`() throws {
    let license = try Sample.license(.payg) {
      $0.term = try Shared.term("2010-01-01", "2025-01-01")
      $0.price?.minorPerCollectorDay = 0
      $0.graceDays = 3660
      $0.collectors.window = 1
      $0.installations = 1_000_000
      $0.reporting.leaseHours = 1
    }
    #expect(
      license.questions(today: try Shared.date(Self.today)).map(\.code) == [
        .termLong, .termOver, .termBackdated, .windowUnusual, .installationsMany, .graceLong,
        .leaseShort, .priceZero,
      ])
  }

  @Test func `dates at the ends of the calendar do not trap`() throws {
    for (from, through) in [("1970-01-01", "9999-12-31"), ("9999-12-31", "9999-12-31")] {
      for today in [CivilDate.first, .last] {
        let license = try Sample.license(.payg) { $0.term = try Shared.term(from, through) }
        #expect(license.questions(today: today).count <= 3)
      }
    }
  }

  @Test func `every member of a license has its place among the differences`() throws {
    for edition in Edition.allCases {
      let license = try Sample.license(edition) {
        $0.collectors.limit = 5
        $0.collectors.overage = .refuse
        $0.activation = .required
        $0.enforce = .intake
      }
      #expect(Set(license.leaves.keys).isSubset(of: Set(License.paths)))
      #expect(license.differences(from: license) == [])
      let members = license.members.flatMap { member -> [String] in
        guard case .object(let inner) = member.value else { return [member.name] }
        return inner.map { "\(member.name).\($0.name)" }
      }
      #expect(members == License.paths.filter(Set(members).contains))
    }
    #expect(Set(License.paths).count == 31)
  }

  @Test func `a change is told member by member, in words`() throws {
    let older = try Sample.license(.payg) {
      $0.collectors = Collectors(limit: 500, overage: .record)
    }
    let newer = try Sample.license(.payg, revision: 2) {
      $0.customer = "ACME GmbH"
      $0.iat = Sample.issued + 86_400
      $0.term = try Shared.term("2026-11-21", "2027-11-30")
      $0.collectors = Collectors(limit: 800, overage: .refuse, window: 120)
      $0.graceDays = 7
      $0.reporting.leaseHours = 48
      $0.price?.minorPerCollectorDay = 150
      $0.activation = .optional
      $0.enforce = .intake
    }
    #expect(
      newer.differences(from: older).map(\.text) == [
        "jti changes from lic_1-1 to lic_1-2",
        "revision rises from 1 to 2",
        "customer changes from ACME Ltd to ACME GmbH",
        "iat moves from 2026-11-20T16:00:00Z to 2026-11-21T16:00:00Z",
        "term.through moves from 2027-11-20 to 2027-11-30, 10 days later",
        "collectors.limit rises from 500 to 800",
        "collectors.overage changes from record to refuse",
        "collectors.window falls from 300 to 120",
        "grace_days falls from 14 to 7",
        "reporting.lease_hours falls from 72 to 48",
        "price.minor_per_collector_day rises from 120 (1.20 CNY) to 150 (1.50 CNY)",
        "activation changes from required to optional",
        "enforce changes from start to intake",
      ])
    let limit = try #require(newer.differences(from: older).first { $0.member.hasSuffix(".limit") })
    #expect(limit.old == 500 && limit.new == 800)
    #expect(
      limit.json.text == """
        {"member":"collectors.limit","old":500,"new":800,\
        "text":"collectors.limit rises from 500 to 800"}
        """)
  }

  @Test func `members that come and go are told too`() throws {
    let community = try Sample.license(.community)
    let subscription = try Sample.license(.subscription, revision: 2) {
      $0.reporting = Reporting(mode: .daily, gateway: "https://usage.vendor.example")
    }
    let texts = subscription.differences(from: community).map(\.text)
    #expect(texts.contains("edition changes from community to subscription"))
    #expect(texts.contains("term.from is added: 2026-11-21"))
    #expect(texts.contains("collectors.limit is added: 1000"))
    #expect(texts.contains("reporting.mode changes from offline to daily"))
    #expect(texts.contains("reporting.gateway is added: https://usage.vendor.example"))
    #expect(
      community.differences(from: subscription).map(\.text).contains(
        "collectors.limit is removed, it was 1000"))
  }
}
