internal import Libcrypto
internal import Licensing
internal import Platform
internal import Reporting
internal import Sealing

/// Asks the gateway to let a key take another installation's place, and holds its answer against what
/// was asked.
struct ReplacementRequest: Sendable {
  let surroundings: Surroundings
  let client: any GatewayClient
  /// The installation whose place is to be taken.
  let old: Thumbprint

  /// What came of it.
  struct Accepted: Sendable {
    /// What came along; everything in it that is new has been verified.
    var delivery: Delivery
    var activation: String
    /// The end of the old chain, as the gateway has it.
    var replaced: Activation.Replaced
    /// The documents with the activation among them.
    var content: ShelfContent
  }

  /// - Parameters:
  ///   - content: the documents that the new installation is to have.
  ///   - key: the new installation's.
  ///   - now: the instant of decisions.
  /// - Throws: ``VerifierError``: `GATEWAY_REFUSED` with the problem, `GATEWAY_UNREACHABLE`,
  ///   `GATEWAY_ANSWER_UNUSABLE`, `NO_LICENSE`, `NO_GATEWAY`.
  func ask(
    _ content: ShelfContent, key: InstallationKey, now: Int64?
  ) async throws(VerifierError) -> Accepted {
    guard let license = try surroundings.working(of: content, at: now) else {
      throw VerifierError(
        .noLicense, "no license is at hand: name the license file with --license")
    }
    guard license.payload.reporting.mode != .offline else {
      throw VerifierError(
        .requestRefused,
        "this license reports by file and nothing dials: install it in an empty state folder, run "
          + "tally-verifier usage export --replaces \(old) --out FILE there, and tally-verifier usage "
          + "import with the vendor's answer")
    }
    let gateway = try surroundings.gateway(of: license.payload)
    let request = try enrolment(license, key)
    switch await client.activate(request, at: gateway) {
    case .answer(let answer): return try accept(answer, content, license.payload.line)
    case .problem(let problem, _): throw VerifierError(problem)
    case .unreachable(let why): throw VerifierError(.gatewayUnreachable, why)
    case .unreadable(let why, _): throw VerifierError(.gatewayAnswerUnusable, why)
    }
  }

  private func enrolment(
    _ license: WorkingLicense, _ key: InstallationKey
  ) throws(VerifierError) -> ActivationRequest {
    guard let now = try? surroundings.wall.now() else {
      throw VerifierError(.clockUnreadable, "the clock cannot be read: check it")
    }
    let payload = Enrolment(
      jwk: key.publicKey, license: license.payload.jti, replaces: old, iat: max(0, now))
    do throws(LibcryptoError) {
      return ActivationRequest(license: license.jws, enrolment: try key.seal(payload))
    } catch { throw VerifierError(error) }
  }

  private func accept(
    _ answer: ActivationAnswer, _ content: ShelfContent, _ line: LineID
  ) throws(VerifierError) -> Accepted {
    let source = "the gateway's answer"
    let filled: ShelfContent
    do throws(VerifierError) {
      filled = try content.taking(ShelfOffer(answer.delivery)).content
        .taking(ShelfOffer(activation: answer.activation, source: source)).content
    } catch { throw VerifierError(.gatewayAnswerUnusable, error.message) }
    guard let activation = filled.activation?.payload, activation.line == line else {
      throw VerifierError(
        .gatewayAnswerUnusable, "the activation is not for the license in force")
    }
    guard let replaced = activation.replaces, replaced.installation == old else {
      throw VerifierError(
        .gatewayAnswerUnusable, "the activation does not say that it replaces \(old)")
    }
    return Accepted(
      delivery: answer.delivery, activation: answer.activation, replaced: replaced,
      content: filled)
  }
}
