import Billing
import CivilTime
import Libcrypto
import Licensing
import Metering
import Reporting
import Sealing

// Installations: what is kept of each, its chain's end, its receipts.
extension LedgerAudit {
  mutating func lookAtInstallations() throws {
    var cursor: Thumbprint?
    while true {
      let states = try ledger.installations(after: cursor, line: nil, limit: Self.page)
      for state in states {
        outcome.installations += 1
        try look(at: state)
      }
      guard states.count == Self.page, let last = states.last else { break }
      cursor = last.installation.thumbprint
    }
    for name in chains.keys where try ledger.state(of: name) == nil {
      fault("records of an installation that is not kept", of: name)
    }
    for line in try ledger.linesWithFinalStatements() { try lookAtFinals(of: line) }
  }

  private mutating func look(at state: InstallationState) throws {
    let installation = state.installation
    let name = installation.thumbprint
    let chain = chains[name] ?? Chain()
    if state.head.seq != chain.seq || state.head.hash != chain.hash {
      fault("the head is not where its chain ends, record \(chain.seq)", of: name)
    }
    if state.head.closed != chain.closed {
      fault("the head names another date as the last that is closed", of: name)
    }
    if installation.key.thumbprint(using: cryptography) != name {
      fault("its key is another's", of: name)
    }
    if chain.seq > 0, document(chain.last, by: installation, as: UsageRecord.kind) == nil {
      fault("nothing attests its last record, \(chain.seq)", of: name)
    }
    try lookAtPapers(of: installation)
    try lookAtPlace(of: installation)
    try lookAtDecisions(of: installation, chain)
    let newest = try lookAtReceipts(of: name, chain)
    let alive = try lookAtAlive(of: installation, chain)
    if state.head.receiptAt != max(newest, alive, installation.activatedAt) {
      fault("the head names another instant as that of its newest receipt", of: name)
    }
  }

  /// Enrolment and activation: what brought it here.
  private mutating func lookAtPapers(of installation: Installation) throws {
    let name = installation.thumbprint
    let text = try ledger.enrolment(of: name) ?? ""
    if let (enrolment, _) = try? InstallationSeal.openSelfSealed(
      Array(text.utf8), as: Enrolment.self, using: cryptography)
    {
      if enrolment.kid != name || enrolment.payload.license != installation.license
        || enrolment.payload.replaces != installation.replaces
      {
        fault("its enrolment says otherwise than what is kept of it", of: name)
      }
    } else {
      fault("its enrolment does not bear its own seal", of: name)
    }
    if try ledger.license(installation.license)?.line != installation.line {
      fault("the license that it was activated with is not kept, or is another line's", of: name)
    }
    guard let jws = try ledger.activation(of: name),
      let activation: Activation = opened(jws, of: name)
    else { return }
    let taken = activation.replaces
    if activation.installation != name || activation.line != installation.line
      || activation.iat != installation.activatedAt
      || taken?.installation != installation.replaces
    {
      fault("its activation says otherwise than what is kept of it", of: name)
    }
    if let taken, taken.seq > 0, chains[taken.installation]?.places[taken.seq]?.hash != taken.head {
      fault("its activation names a record of the chain before it that is not there", of: name)
    }
  }

  /// Whose place it took, and who took its.
  private mutating func lookAtPlace(of installation: Installation) throws {
    let name = installation.thumbprint
    if let old = installation.replaces {
      let other = try ledger.state(of: old)?.installation
      if other?.holdsSeat ?? true { fault("\(old), whose place it took, still holds it", of: name) }
    }
    if let new = installation.replacedBy {
      let other = try ledger.state(of: new)?.installation
      if other?.replaces != name || other?.activatedAt != installation.replacedAt {
        fault("\(new) did not take its place, or at another instant", of: name)
      }
    }
  }

  private mutating func lookAtDecisions(of installation: Installation, _ chain: Chain) throws {
    let name = installation.thumbprint
    let released = chain.decided.compactMap { stored in
      stored.decision.matter == .release ? stored.decision.iat : nil
    }
    if released != [installation.releasedAt].compactMap(\.self) {
      fault("its seat is free, and no decision says so, or the other way around", of: name)
    }
    for stored in chain.decided {
      guard let permit = stored.permit, let user = try ledger.user(ofPermitAt: stored.position)
      else { continue }
      let other = try ledger.state(of: user)?.installation
      if other?.replaces != name || !permit.allows(user, at: other?.activatedAt ?? 0) {
        fault(
          "a permit was used by \(user), for whom it was not", at: stored.position, of: name)
      }
    }
  }

  /// - Returns: what it says, where its own seal is on it.
  private func document(
    _ jws: String, by installation: Installation, as kind: DocumentKind
  ) -> UnverifiedDocument? {
    guard let document = try? UnverifiedDocument(Array(jws.utf8), as: kind),
      document.header.algorithm == installation.key.algorithm,
      cryptography.verify(document.signature, of: document.signingInput, by: installation.key)
    else { return nil }
    return document
  }

  /// - Returns: when its newest sign of life was answered, 0 where there is none.
  private mutating func lookAtAlive(of installation: Installation, _ chain: Chain) throws -> Int64 {
    let name = installation.thumbprint
    guard let stored = try ledger.alive(of: name) else { return 0 }
    guard let document = document(stored.jws, by: installation, as: Alive.kind),
      let alive = try? Alive.parse(document.payload)
    else {
      fault("its sign of life does not bear its own seal", of: name)
      return stored.receipt.iat
    }
    if alive.installation != name || alive.at != stored.at {
      fault("its sign of life says otherwise than what is kept of it", of: name)
    }
    if let receipt: Receipt = opened(stored.receipt.jws, of: name),
      let reason = Self.difference(receipt, stored.receipt, name, chain)
    {
      fault("the receipt of its sign of life \(reason)", of: name)
    }
    return stored.receipt.iat
  }

  /// - Returns: when the newest was given, 0 where there is none.
  private mutating func lookAtReceipts(of name: Thumbprint, _ chain: Chain) throws -> Int64 {
    var seq: Int64 = -1
    var newest: Int64 = 0
    while true {
      let receipts = try ledger.receipts(of: name, after: seq, limit: Self.page)
      for stored in receipts {
        outcome.receipts += 1
        newest = max(newest, stored.iat)
        if let receipt: Receipt = opened(stored.jws, of: name),
          let reason = Self.difference(receipt, stored, name, chain)
        {
          fault("the receipt of record \(stored.seq) \(reason)", of: name)
        }
      }
      guard receipts.count == Self.page, let last = receipts.last else { break }
      seq = last.seq
    }
    if chain.seq > 0, try ledger.receipt(of: name, atOrAfter: chain.seq) == nil {
      fault("record \(chain.seq) has no receipt", of: name)
    }
    return newest
  }

  private static func difference(
    _ receipt: Receipt, _ stored: StoredReceipt, _ name: Thumbprint, _ chain: Chain
  ) -> String? {
    guard receipt.installation == name, receipt.seq == stored.seq,
      receipt.position == stored.position, receipt.iat == stored.iat
    else { return "says otherwise than what is kept of it" }
    if receipt.seq == 0, receipt.head == nil { return nil }
    guard let place = chain.places[receipt.seq] else { return "names a record that is not there" }
    guard place.hash == receipt.head else { return "names other bytes" }
    return place.position <= receipt.position ? nil : "does not cover its position"
  }

  private mutating func lookAtFinals(of line: LineID) throws {
    for final in try ledger.finalStatements(of: line) {
      outcome.finalStatements += 1
      guard let statement: Statement = opened(final.jws, of: nil) else { continue }
      if statement.line != line || statement.month != final.month || statement.status != .final {
        fault("the final statement of \(line) for \(final.month) is another's")
      }
    }
  }
}

// What the vendor published.
extension LedgerAudit {
  mutating func lookAtLicenses() throws {
    var cursor: LicenseID?
    while true {
      let licenses = try ledger.licenses(after: cursor, limit: Self.page)
      for stored in licenses {
        guard let license: License = opened(stored.jws, of: nil) else { continue }
        if license.jti != stored.id || license.line != stored.line
          || license.revision != stored.revision
        {
          fault("license \(stored.id) says otherwise than what is kept of it")
        }
      }
      guard licenses.count == Self.page, let last = licenses.last else { return }
      cursor = last.id
    }
  }
}
