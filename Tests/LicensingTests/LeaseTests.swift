import CivilTime
import Licensing
import Testing

struct LeaseTests {
  static let hour: Int64 = 3600
  static let t = Sample.issued

  private func lease(
    activation: Int64? = nil, line: String = "lin_1", receipts: [(Int64, Int64?)] = []
  ) throws -> Lease {
    try #require(
      Lease(
        of: Sample.license(.payg),
        activation: try activation.map { try Sample.activation(line: line, iat: $0) },
        receipts: try receipts.map { try Sample.receipt(iat: $0.0, leaseThrough: $0.1) }))
  }

  @Test func `the newest evidence decides`() throws {
    let t = Self.t
    let day = 24 * Self.hour
    var lease = try lease()
    #expect(lease.evidence == .license && lease.since == t && lease.ends == t + 3 * day)
    lease = try self.lease(activation: t + day)
    #expect(lease.evidence == .activation && lease.ends == t + 4 * day)
    lease = try self.lease(activation: t - day)
    #expect(lease.evidence == .license)
    lease = try self.lease(activation: t + day, line: "lin_2")
    #expect(lease.evidence == .license)
    lease = try self.lease(activation: t + day, receipts: [(t + 2 * day, t + 9 * day)])
    #expect(lease.evidence == .receipt && lease.ends == t + 5 * day)
  }

  @Test func `a receipt grants no more than it says, and one without a lease nothing`() throws {
    let t = Self.t
    let day = 24 * Self.hour
    var lease = try lease(receipts: [(t + 2 * day, t + 4 * day)])
    #expect(lease.since == t + 2 * day && lease.ends == t + 4 * day)
    #expect(lease.late == t + 4 * day - 36 * Self.hour)
    lease = try self.lease(receipts: [(t + 2 * day, nil)])
    #expect(lease.evidence == .license)
    let both = [(t + 2 * day, nil), (t + day, t + 4 * day)]
    #expect(try self.lease(receipts: both) == self.lease(receipts: both.reversed()))
    #expect(try self.lease(receipts: both).ends == t + 4 * day)
  }

  @Test func `the order of receipts does not matter`() throws {
    let t = Self.t
    let receipts: [(Int64, Int64?)] = [(t + 10, t + 50), (t + 10, t + 70), (t + 5, t + 90)]
    let first = try lease(receipts: receipts)
    #expect(first.ends == t + 70)
    #expect(try lease(receipts: receipts.reversed()) == first)
    #expect(try lease(receipts: [receipts[1], receipts[2], receipts[0]]) == first)
  }

  @Test func `a license without lease hours has no lease`() throws {
    #expect(
      Lease(of: try Sample.license(.subscription), activation: nil, receipts: []) == nil)
  }

  @Test func `keeping records back gains nothing at the gateway`() {
    #expect(Lease.through(gatewayTime: 1000, newestWord: 400, hours: 1) == 4000)
    #expect(Lease.through(gatewayTime: 400, newestWord: 1000, hours: 1) == 4000)
    #expect(Lease.through(gatewayTime: .max, newestWord: .max, hours: .max) == 253_402_300_799)
    #expect(Lease.through(gatewayTime: .min, newestWord: 5, hours: .min) == 0)
  }

  @Test(arguments: [Edition.payg, .subscription])
  func `a report is late from half the lease and overdue at its end`(_ edition: Edition) throws {
    var scene = try Scene(edition) {
      $0.reporting = Reporting(
        mode: .realtime, gateway: "https://usage.vendor.example", leaseHours: 72)
    }
    let granted = Self.t + 86_400
    scene.activation = try Sample.activation()
    scene.receipts = [try Sample.receipt(iat: granted, leaseThrough: granted + 72 * Self.hour)]
    let late = granted + 36 * Self.hour
    let ends = granted + 72 * Self.hour
    #expect(try scene.codes(at: late - 1) == [.valid])
    #expect(try scene.codes(at: late) == [.reportLate])
    #expect(try scene.codes(at: ends - 1) == [.reportLate])
    #expect(try scene.codes(at: ends) == [.reportOverdue])
    scene.wall = ends
    #expect(try scene.judged().outcome == (edition == .payg ? .deny : .warn))
    scene.receipts = [try Sample.receipt(2, iat: ends, leaseThrough: ends + 72 * Self.hour)]
    #expect(try scene.codes() == [.reportOverdue], "another installation's receipt")
  }

  // MARK: A term that begins after its license was issued and activated.

  static let begin = t + 30 * 24 * hour

  /// A pay-as-you-go license whose first day is 30 days after issue, activated a day after it.
  private func early(
    _ change: (inout License) throws -> Void = { _ in }
  ) throws -> Scene {
    var scene = try Scene(.payg) {
      $0.term = try Shared.term("2026-12-21", "2027-12-20")
      try change(&$0)
    }
    scene.activation = try Sample.activation(iat: Self.t + 24 * Self.hour)
    scene.keyset = false
    return scene
  }

  @Test func `who activates before the term begins may use its first day`() throws {
    #expect(try Shared.start("2026-12-21") == Self.begin)
    let lease = 72 * Self.hour
    var scene = try early()
    for required in [ActivationRule.required, .optional] {
      scene.licenses[0].activation = required
      #expect(try scene.codes(at: Self.begin - 1) == [.notYetValid])
      #expect(try scene.codes(at: Self.begin) == [.valid])
      #expect(try scene.codes(at: Self.begin + lease / 2 - 1) == [.valid])
      #expect(try scene.codes(at: Self.begin + lease / 2) == [.reportLate])
      #expect(try scene.codes(at: Self.begin + lease) == [.reportOverdue])
    }
    scene.wall = Self.begin + lease
    #expect(
      try scene.judged().findings[0].message.hasPrefix(
        "the gateway has acknowledged no usage since use began at 2026-12-21 00:00:00 +08:00"))
    // The gateway grants no lease before the term begins.
    scene.receipts = [try Sample.receipt(iat: Self.begin - 60, leaseThrough: nil)]
    #expect(try scene.codes(at: Self.begin) == [.valid])
    scene.activation = nil
    scene.receipts = []
    #expect(try scene.codes(at: Self.begin) == [.valid], "an activation that binds nobody")
  }

  @Test func `a change before the term begins takes nothing away`() throws {
    var scene = try early()
    let first = scene.licenses[0]
    let second = try Sample.license(.payg, revision: 2) {
      $0.term = first.term
      $0.iat = Self.t + 10 * 24 * Self.hour
    }
    scene.licenses = []
    for order in [[first, second], [second, first]] {
      scene.held = order
      #expect(try scene.codes(at: Self.begin) == [.valid])
      #expect(try scene.codes(at: Self.begin + 72 * Self.hour) == [.reportOverdue])
    }
  }

  @Test func `a begin moved to an earlier day moves the lease along`() throws {
    var scene = try early()
    let second = try Sample.license(.payg, revision: 2) {
      $0.term = try Shared.term("2026-12-01", "2027-12-20")
    }
    scene.held = [scene.licenses[0], second]
    scene.licenses = []
    let begin = try Shared.start("2026-12-01")
    #expect(try scene.codes(at: begin) == [.valid])
    #expect(try scene.codes(at: begin + 72 * Self.hour - 1) == [.reportLate])
    #expect(try scene.codes(at: begin + 72 * Self.hour) == [.reportOverdue])
    #expect(try scene.codes(at: Self.begin) == [.reportOverdue], "and not once more")
  }

  @Test func `a renewal bought early gives no lease to who does not report`() throws {
    var scene = try Scene(.payg)
    scene.keyset = false
    let first = scene.licenses[0]
    let second = try Sample.license(.payg, revision: 2) {
      $0.term = try Shared.term("2027-11-21", "2028-11-20")
      $0.iat = Self.t + 5 * 24 * Self.hour
    }
    let begins = try Shared.start("2027-11-21")
    scene.licenses = []
    for held in [[first, second], [second]] {
      scene.held = held
      #expect(try scene.codes(at: begins) == [.reportOverdue])
    }
    scene.receipts = [
      try Sample.receipt(iat: begins - 3600, leaseThrough: begins + 71 * Self.hour)
    ]
    #expect(try scene.codes(at: begins) == [.valid], "who reports goes on")
    #expect(try scene.codes(at: begins + 71 * Self.hour) == [.reportOverdue])
  }

  @Test func `of many short revisions bought at once only the activated one gives a lease`()
    throws
  {
    var scene = try early()
    var date = try Shared.date("2026-12-21")
    scene.licenses = []
    scene.held = try (Int64(1)...20).map { revision in
      defer { date = date.adding(days: 1) ?? date }
      return try Sample.license(.payg, revision: revision) {
        $0.term = Term(from: date, length: .days(1))
        $0.graceDays = 0
      }
    }
    for hour in Int64(0)..<480 {
      let codes = try scene.codes(at: Self.begin + hour * Self.hour)
      #expect(codes.contains(.reportOverdue) == (hour >= 72), "hour \(hour)")
    }
  }

  /// The days of a month, each a revision of its own bought at once: 20 revisions of one day.
  private func chain(from first: Int64) throws -> [License] {
    var date = try Shared.date("2026-12-21")
    return try (first...20).map { revision in
      defer { date = date.adding(days: 1) ?? date }
      return try Sample.license(.payg, revision: revision) {
        $0.term = Term(from: date, length: .days(1))
        $0.graceDays = 0
      }
    }
  }

  /// A gateway names the revision shown where none has begun: the last may be activated first.
  @Test func `a chain of short revisions needs reports though its last one was activated`() throws {
    var scene = try early()
    scene.licenses = []
    scene.held = try chain(from: 1)
    scene.activation?.revision = 20
    var overdue = 0
    for hour in Int64(0)..<480 {
      let isOverdue = try scene.codes(at: Self.begin + hour * Self.hour).contains(.reportOverdue)
      #expect(isOverdue == (24..<456).contains(hour), "hour \(hour)")
      if isOverdue { overdue += 1 }
    }
    #expect(overdue == 432)
  }

  @Test func `a far license activated first gives one lease to what is moved before it`()
    throws
  {
    var scene = try early()
    let far = try Sample.license(.payg) { $0.term = try Shared.term("2027-12-21", "2028-12-20") }
    scene.licenses = []
    scene.held = [far] + (try chain(from: 2))
    var overdue = 0
    for hour in Int64(0)..<456 {
      let isOverdue = try scene.codes(at: Self.begin + hour * Self.hour).contains(.reportOverdue)
      #expect(isOverdue == (hour >= 24), "hour \(hour)")
      if isOverdue { overdue += 1 }
    }
    #expect(overdue == 432)
  }

  @Test func `a license issued again under another key before its first day keeps its lease`()
    throws
  {
    var scene = try early()
    let lost = scene.licenses[0]
    var again = lost
    again.revision = 2
    again.jti = try #require(LicenseID("lic_1-2"))
    scene.licenses = []
    scene.held = [again]
    #expect(try scene.codes(at: Self.begin) == [.reportOverdue], "the first is nowhere")
    scene.distrusted = [lost]
    #expect(try scene.codes(at: Self.begin) == [.valid])
    #expect(try scene.codes(at: Self.begin + 72 * Self.hour) == [.reportOverdue])
    scene.held[0].term = try Shared.term("2026-12-22", "2027-12-20")
    #expect(
      try scene.codes(at: Self.begin + 24 * Self.hour) == [.reportOverdue], "other days: a renewal")
    scene.held[0].term = lost.term
    scene.held[0].revision = 3
    #expect(try scene.codes(at: Self.begin) == [.reportOverdue], "not the next revision")
  }

  /// Exhaustive over instants before, at and after the begin: signing early is signing on the day.
  @Test func `evidence signed before the begin counts as signed at it`() throws {
    let license = try early().licenses[0]
    let instants = [-800, -72, -1, 0, 1, 71, 72, 800].map { Self.begin + $0 * Self.hour }
    var checked = 0
    for issued in instants {
      for activated in instants {
        var license = license
        license.iat = issued
        let activation = try Sample.activation(iat: activated)
        let begins = Lease.Begins(license: Self.begin, activated: Self.begin)
        let lease = try #require(
          Lease(of: license, begins: begins, activation: activation, receipts: []))
        #expect(lease.since == max(issued, activated, Self.begin))
        #expect(lease.ends == lease.since + 72 * Self.hour)
        for received in instants where received >= max(issued, activated) {
          let receipt = try Sample.receipt(iat: received, leaseThrough: received + 3600)
          let granted = try #require(
            Lease(of: license, begins: begins, activation: activation, receipts: [receipt]))
          #expect(granted.evidence == .receipt && granted.ends == received + 3600)
        }
        checked += 1
      }
    }
    #expect(checked == 64)
  }
}
