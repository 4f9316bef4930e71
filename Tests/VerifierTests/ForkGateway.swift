import Foundation
import Libcrypto
import Licensing
import Metering
import Reporting
import Sealing
import Synchronization
import TestSupport
import Verifier

/// A gateway in memory that knows several installations, and lets one take another's place. A test can
/// plant a record of another history.
final class ForkGateway: GatewayClient {
  enum Mood: Sendable {
    case willing
    case refusing(Problem.Code)
    /// The key is activated, but the answer is lost.
    case answerLost
    case down
  }

  struct Chain: Sendable {
    var key: PublicKey
    var heads: [Digest] = []
    var records: [UsageRecord] = []
    var replaces: Thumbprint?
    var replacedBy: Thumbprint?
  }

  private struct State {
    var mood = Mood.willing
    var chains: [Thumbprint: Chain] = [:]
    var asked: [Thumbprint] = []
    var activations: [Thumbprint: String] = [:]
    var meanwhile: (@Sendable () async throws -> Void)?
  }

  private let site: TestSite
  private let state = Mutex(State())

  init(_ site: TestSite) { self.site = site }

  var chains: [Thumbprint: Chain] { state.withLock { $0.chains } }
  /// The keys that asked to take another's place, in order.
  var asked: [Thumbprint] { state.withLock { $0.asked } }
  func set(_ mood: Mood) { state.withLock { $0.mood = mood } }
  /// Done within the next request for another's place.
  func meanwhile(_ body: @escaping @Sendable () async throws -> Void) {
    state.withLock { $0.meanwhile = body }
  }

  /// Another history goes on from where the chain stands.
  func plant(in installation: Thumbprint) {
    let other = LibcryptoProvider().sha256(Array(UUID().uuidString.utf8))
    state.withLock { $0.chains[installation]?.heads.append(other) }
  }

  func activate(
    _ request: ActivationRequest, at gateway: GatewayAddress
  ) async -> GatewayReply<ActivationAnswer> {
    do {
      let (enrolment, key): (Verified<Enrolment>, PublicKey) = try InstallationSeal.openSelfSealed(
        Array(request.enrolment.utf8), using: LibcryptoProvider())
      let license: Verified<License> = try site.vendor.trust.open(Array(request.license.utf8))
      let own = key.thumbprint(using: LibcryptoProvider())
      if let old = enrolment.payload.replaces {
        return try await replace(old, by: own, key, license.payload)
      }
      let activation = try site.vendor.jws(
        Activation(
          iss: site.vendor.iss, iat: try site.clocks.now(), line: license.payload.line,
          revision: license.payload.revision, installation: own))
      state.withLock { if $0.chains[own] == nil { $0.chains[own] = Chain(key: key) } }
      return .answer(ActivationAnswer(activation: activation))
    } catch { return .problem(Problem(.malformed, "\(error)"), retryAfter: nil) }
  }

  private func replace(
    _ old: Thumbprint, by own: Thumbprint, _ key: PublicKey, _ license: License
  ) async throws -> GatewayReply<ActivationAnswer> {
    let (mood, meanwhile) = state.withLock { state in
      defer { state.meanwhile = nil }
      state.asked.append(own)
      return (state.mood, state.meanwhile)
    }
    try await meanwhile?()
    switch mood {
    case .refusing(let code): return .problem(Problem(code, "as told"), retryAfter: nil)
    case .down: return .unreachable("connection refused")
    case .willing, .answerLost: break
    }
    let stored = state.withLock { $0.activations[own] }
    let head = chains[old]?.heads.last
    let activation =
      try stored
      ?? site.vendor.jws(
        Activation(
          iss: site.vendor.iss, iat: try site.clocks.now(), line: license.line,
          revision: license.revision, installation: own,
          replaces: Activation.Replaced(
            installation: old, seq: Int64(chains[old]?.heads.count ?? 0), head: head)))
    state.withLock { state in
      state.activations[own] = activation
      state.chains[own] = Chain(key: key, replaces: old)
      state.chains[old]?.replacedBy = own
    }
    if case .answerLost = mood { return .unreachable("connection reset") }
    return .answer(ActivationAnswer(activation: activation))
  }

  func statement(
    _ request: StatementRequest, at gateway: GatewayAddress
  ) async -> GatewayReply<StatementAnswer> { .unreachable("not asked") }

  func report(
    _ request: ReportRequest, to gateway: GatewayAddress
  ) async -> GatewayReply<ReportAnswer> {
    do {
      guard var chain = chains[request.installation] else { throw Problem(.notActivated, "who?") }
      let seal = InstallationSeal(key: chain.key, cryptography: LibcryptoProvider())
      for text in request.records {
        try Self.store(try seal.open(Array(text.utf8)), in: &chain)
      }
      if let text = request.alive {
        let alive: Verified<Alive> = try seal.open(Array(text.utf8))
        let seq = Int(alive.payload.seq)
        if seq > 0, seq <= chain.heads.count, chain.heads[seq - 1] != alive.payload.head {
          throw Self.forked(seq)
        }
      }
      let kept = chain
      state.withLock { $0.chains[request.installation] = kept }
      let now = try site.clocks.now()
      let receipt = Receipt(
        iss: site.vendor.iss, iat: now, installation: request.installation,
        seq: Int64(chain.heads.count), head: chain.heads.last, position: Int64(chain.heads.count),
        leaseThrough: now + 72 * 3600)
      return .answer(ReportAnswer(results: [], receipt: try site.vendor.jws(receipt)))
    } catch let problem as Problem {
      return .problem(problem, retryAfter: nil)
    } catch { return .problem(Problem(.signatureInvalid, "\(error)"), retryAfter: nil) }
  }

  private static func store(
    _ record: Verified<UsageRecord>, in chain: inout Chain
  ) throws(Problem) {
    let seq = Int(record.payload.seq)
    let head = LibcryptoProvider().sha256(Array(record.jws.utf8))
    if seq <= chain.heads.count {
      guard chain.heads[seq - 1] == head else { throw forked(seq) }
      return
    }
    guard seq == chain.heads.count + 1 else {
      throw Problem(
        .outOfOrder, "a hole",
        facts: [JSONMember("expected", .integer(chain.heads.count + 1))])
    }
    guard record.payload.prev == chain.heads.last else { throw forked(seq) }
    chain.heads.append(head)
    chain.records.append(record.payload)
  }

  private static func forked(_ seq: Int) -> Problem {
    Problem(.forked, "another record", facts: [JSONMember("seq", .integer(seq))])
  }
}
