import CivilTime
import Libcrypto
import Licensing
import Metering
import Reporting
import Sealing
import Synchronization
import TestSupport
import Verifier

/// A gateway in memory: it verifies every seal and the chain, stores what continues it, and gives
/// receipts. A test can take it down or have it answer nonsense.
final class FakeGateway: GatewayClient {
  /// What the next requests meet.
  enum Weather: Equatable {
    case fair
    case down
    case garbage
    case problem(Problem.Code, facts: [String: Int64])
    /// Everything is stored, but the answer is lost on its way.
    case answerLost
    /// The receipt is sealed with a key that is none of the vendor's.
    case forgedReceipt
  }

  struct Stored: Sendable {
    var records: [UsageRecord] = []
    var heads: [Digest] = []
    var alive: [Alive] = []
    var requests = 0
    var enrolments = 0
  }

  private struct State {
    var weather = Weather.fair
    var stored = Stored()
    var delivery = Delivery()
    var activated: LineID?
    var statement = ""
    var asked: [StatementRequest] = []
  }

  let vendor: TestVendor
  let clocks: TestClocks
  let key: PublicKey
  private let line: LineID
  private let state = Mutex(State())

  init(vendor: TestVendor, clocks: TestClocks, key: PublicKey, line: LineID) {
    self.vendor = vendor
    self.clocks = clocks
    self.key = key
    self.line = line
  }

  var stored: Stored { state.withLock { $0.stored } }
  func set(_ weather: Weather) { state.withLock { $0.weather = weather } }
  func deliver(_ delivery: Delivery) { state.withLock { $0.delivery = delivery } }
  /// The installation's records are forgotten from that place on, as after a restored backup.
  func forget(from seq: Int) {
    state.withLock {
      $0.stored.records.removeSubrange((seq - 1)...)
      $0.stored.heads.removeSubrange((seq - 1)...)
    }
  }

  /// What is answered to whoever asks for a statement.
  func set(statement: String) { state.withLock { $0.statement = statement } }
  var asked: [StatementRequest] { state.withLock { $0.asked } }

  func statement(
    _ request: StatementRequest, at gateway: GatewayAddress
  ) async -> GatewayReply<StatementAnswer> {
    state.withLock { $0.asked.append(request) }
    if let reply: GatewayReply<StatementAnswer> = obstacle() { return reply }
    return state.withLock {
      .answer(StatementAnswer(statement: $0.statement, delivery: $0.delivery))
    }
  }

  func activate(
    _ request: ActivationRequest, at gateway: GatewayAddress
  ) async -> GatewayReply<ActivationAnswer> {
    if let reply: GatewayReply<ActivationAnswer> = obstacle() { return reply }
    do {
      let (enrolment, key): (Verified<Enrolment>, PublicKey) = try InstallationSeal.openSelfSealed(
        Array(request.enrolment.utf8), using: LibcryptoProvider())
      let license: Verified<License> = try vendor.trust.open(Array(request.license.utf8))
      guard key == self.key, enrolment.payload.license == license.payload.jti else {
        return .problem(Problem(.malformed, "not this installation's"), retryAfter: nil)
      }
      let activation = Activation(
        iss: vendor.iss, iat: try clocks.now(), line: license.payload.line,
        revision: license.payload.revision,
        installation: key.thumbprint(using: LibcryptoProvider()))
      state.withLock {
        $0.stored.enrolments += 1
        $0.activated = license.payload.line
      }
      return .answer(ActivationAnswer(activation: try vendor.jws(activation)))
    } catch {
      return .problem(Problem(.malformed, "\(error)"), retryAfter: nil)
    }
  }

  func report(
    _ request: ReportRequest, to gateway: GatewayAddress
  ) async -> GatewayReply<ReportAnswer> {
    state.withLock { $0.stored.requests += 1 }
    if let reply: GatewayReply<ReportAnswer> = obstacle() { return reply }
    do {
      try store(request)
      if state.withLock({ $0.weather }) == .answerLost { return .unreachable("connection reset") }
      return .answer(
        ReportAnswer(
          results: [], receipt: try receipt(), delivery: state.withLock { $0.delivery }))
    } catch let problem as Problem {
      return .problem(problem, retryAfter: nil)
    } catch {
      return .problem(Problem(.signatureInvalid, "\(error)"), retryAfter: nil)
    }
  }

  private func obstacle<Answer>() -> GatewayReply<Answer>? {
    switch state.withLock({ $0.weather }) {
    case .fair, .answerLost, .forgedReceipt: nil
    case .down: .unreachable("connection refused")
    case .garbage: .unreadable("half an answer", retryAfter: nil)
    case .problem(let code, let facts):
      .problem(
        Problem(code, "as told", facts: facts.map { JSONMember($0.key, .integer($0.value)) }),
        retryAfter: nil)
    }
  }

  private func store(_ request: ReportRequest) throws {
    let seal = InstallationSeal(key: key, cryptography: LibcryptoProvider())
    let records: [Verified<UsageRecord>] = try request.records.map {
      try seal.open(Array($0.utf8))
    }
    let alive: Verified<Alive>? = try request.alive.map { try seal.open(Array($0.utf8)) }
    try state.withLock { state in
      for record in records {
        let seq = Int(record.payload.seq)
        let head = LibcryptoProvider().sha256(Array(record.jws.utf8))
        if seq <= state.stored.heads.count {
          guard state.stored.heads[seq - 1] == head else {
            throw Problem(.forked, "another record", facts: [JSONMember("seq", .integer(seq))])
          }
          continue
        }
        let expected = state.stored.records.count + 1
        guard seq == expected, record.payload.prev == state.stored.heads.last else {
          throw Problem(
            .outOfOrder, "a hole", facts: [JSONMember("expected", .integer(expected))])
        }
        state.stored.records.append(record.payload)
        state.stored.heads.append(head)
      }
      if let alive { state.stored.alive.append(alive.payload) }
    }
  }

  private func receipt() throws -> String {
    let stored = stored
    let now = try clocks.now()
    let payload = Receipt(
      iss: vendor.iss, iat: now, installation: key.thumbprint(using: LibcryptoProvider()),
      seq: Int64(stored.records.count), head: stored.heads.last,
      position: Int64(stored.records.count), leaseThrough: now + 72 * 3600)
    if state.withLock({ $0.weather }) == .forgedReceipt {
      return try TestVendor(iss: vendor.iss).jws(payload)
    }
    return try vendor.jws(payload)
  }
}
