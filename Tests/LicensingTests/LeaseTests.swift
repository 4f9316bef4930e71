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
}
