import Billing
import Licensing
import Reporting
import Sealing

/// Carries out what is decided of an enrolment, within one change of the ledger.
struct ActivationDesk: Sendable {
  let candidate: Installation
  let license: Verified<License>
  let enrolment: String
  /// The license of the line that is in force; its seats count, and its revision is named.
  let inForce: License
  let seal: GatewaySeal
  let now: Int64

  /// - Returns: the sealed activation.
  func serve(in ledger: any LedgerWriting) throws -> String {
    let known = try ledger.state(of: candidate.thumbprint)?.installation
    let old = try candidate.replaces.flatMap { try ledger.state(of: $0) }
    let permit = try old.flatMap { try ledger.standingPermit(of: $0.installation.thumbprint) }
    let taken = try ledger.installations(of: candidate.line).count(where: \.holdsSeat)
    let decision = ActivationDecision.decide(
      candidate, known: known, old: old, permit: permit?.permit, seats: inForce.installations,
      taken: Int64(taken), now: now)
    switch decision {
    case .refuse(let problem): throw problem
    case .stored:
      guard let stored = try ledger.activation(of: candidate.thumbprint) else {
        throw Problem(.internalFault, "the activation is not stored: ask the vendor's support")
      }
      try keepLicense(in: ledger)
      return stored
    case .admit:
      let activation = try admit(in: ledger, replacing: nil)
      try announce(taken: Int64(taken) + 1, in: ledger)
      return activation
    case .succeed(let old):
      let activation = try admit(in: ledger, replacing: old)
      try use(permit, in: ledger)
      try announce(taken: Int64(taken) + 1, replacing: old, in: ledger)
      return activation
    case .replace(let old):
      let activation = try admit(in: ledger, replacing: old)
      try use(permit, in: ledger)
      try ledger.markReplaced(
        old.installation.thumbprint, by: candidate.thumbprint, at: now)
      try announce(taken: Int64(taken), replacing: old, in: ledger)
      return activation
    }
  }

  /// - Parameter taken: the seats that are taken now.
  private func announce(
    taken: Int64, replacing old: InstallationState? = nil, in ledger: any LedgerWriting
  ) throws {
    try ledger.announce(.activated(candidate, under: inForce, taken: taken), at: now)
    if let old {
      try ledger.announce(.replaced(old.installation, by: candidate), at: now)
    }
    // Who takes the place of one that held a seat takes none.
    guard taken == inForce.installations, old.map({ !$0.installation.holdsSeat }) ?? true else {
      return
    }
    try ledger.announce(
      .seatsExhausted(by: candidate, under: inForce, taken: taken), at: now)
  }

  private func admit(
    in ledger: any LedgerWriting, replacing old: InstallationState?
  ) throws -> String {
    let payload = Activation(
      iss: seal.iss, iat: now, line: candidate.line,
      revision: inForce.revision,
      installation: candidate.thumbprint,
      replaces: old.map {
        Activation.Replaced(
          installation: $0.installation.thumbprint, seq: $0.head.seq, head: $0.head.hash)
      })
    let activation = try seal.seal(payload)
    try keepLicense(in: ledger)
    try ledger.add(candidate, enrolment: enrolment, activation: activation)
    return activation
  }

  /// A permit serves once, needed or not.
  private func use(_ permit: OpenedDecision?, in ledger: any LedgerWriting) throws {
    guard let permit, permit.permit?.allows(candidate.thumbprint, at: now) == true else { return }
    try ledger.usePermit(at: permit.position, by: candidate.thumbprint)
  }

  /// Keeps the license shown, so that what is reported under it is known.
  private func keepLicense(in ledger: any LedgerWriting) throws {
    try ledger.put(
      StoredLicense(
        id: license.payload.jti, line: license.payload.line, revision: license.payload.revision,
        jws: license.jws, isPublished: false), at: now)
  }
}
