internal import Licensing
package import Platform
package import Reporting
package import Sealing

/// Takes what the vendor's staff publish for the back channel: verified first, then stored.
///
/// Rules:
/// 1. Everything is verified under the newest keyset, offered or known; one document that is refused
///    refuses the whole.
/// 2. A keyset below the one known, or revocations below those known, are refused. The same again changes
///    nothing.
/// 3. A license's name stands for one payload for ever; customer, product and zone never change within a
///    line.
package struct PublicationService: Sendable {
  private let store: any LedgerStore
  private let trust: GatewayTrust
  private let shelf: LicenseShelf
  private let clock: any WallClock

  package init(
    store: any LedgerStore, trust: GatewayTrust, shelf: LicenseShelf, clock: any WallClock
  ) {
    self.store = store
    self.trust = trust
    self.shelf = shelf
    self.clock = clock
  }

  /// What is known afterwards.
  package struct Standing: Sendable, Equatable {
    package let epoch: Int64
    package let revocations: Int64?
    package let licenses: Int

    package var json: JSONValue {
      var members = [
        JSONMember("epoch", .integer(epoch)), JSONMember("licenses", .integer(licenses)),
      ]
      if let revocations { members.append(JSONMember("revocations", .integer(revocations))) }
      return .object(members)
    }
  }

  /// - Throws: ``Problem``.
  package func publish(_ publication: Publication) async throws -> Standing {
    let view = trust.view
    let now = try clock.now()
    let set: TrustSet
    let revocations: Verified<Revocations>?
    let licenses: [Verified<License>]
    do throws(Refusal) {
      set = try Self.advance(view, by: publication.keysets)
      revocations = try publication.revocations.map { jws throws(Refusal) in
        try set.open(Array(jws.utf8))
      }
      licenses = try publication.licenses.map { jws throws(Refusal) in
        try set.open(Array(jws.utf8))
      }
    } catch { throw Problem(error) }
    try Self.requireNewest(revocations, known: view.revocations)
    try await requireLines(licenses)
    let chain = try set.chain.map { try StoredKeyset(text: $0) }
    try await store.change { ledger in
      for keyset in chain { try ledger.put(keyset, at: now) }
      if let revocations {
        // Another publication may have been stored since the first look.
        let stored: Verified<Revocations>? = try ledger.revocations().flatMap {
          try? set.open(Array($0.utf8))
        }
        try Self.requireNewest(revocations, known: stored)
        try ledger.setRevocations(revocations.jws, at: now)
      }
      for license in licenses { try Self.put(license, in: ledger, at: now) }
    }
    try trust.advance(to: set, revocations: revocations?.jws)
    shelf.forget(Set(licenses.map(\.payload.line)))
    let after = trust.view
    return Standing(
      epoch: after.set.keyset.epoch, revocations: after.revocations?.payload.seq,
      licenses: licenses.count)
  }

  private static func advance(
    _ view: GatewayTrust.View, by offered: [String]
  ) throws(Refusal) -> TrustSet {
    let keysets = try offered.map { text throws(Refusal) in try StoredKeyset(text: text) }
    guard let newest = keysets.max(by: { $0.epoch < $1.epoch }) else { return view.set }
    let known = view.set.keyset.epoch
    guard newest.epoch >= known else {
      throw Refusal(
        .keysetTooOld, "keyset \(newest.epoch) is below keyset \(known), which is known here")
    }
    if newest.epoch == known, let stored = view.chain.last,
      try KeysetDocument(Array(newest.text.utf8)).payload
        != KeysetDocument(Array(stored.text.utf8)).payload
    {
      throw Refusal(
        .keysetTooOld, "another keyset \(known) is known here: publish the next epoch")
    }
    return try view.set.advanced(by: offered)
  }

  private static func requireNewest(
    _ offered: Verified<Revocations>?, known: Verified<Revocations>?
  ) throws(Problem) {
    guard let offered, let known else { return }
    let isOlder = offered.payload.seq < known.payload.seq
    let isOther = offered.payload.seq == known.payload.seq && offered.payload != known.payload
    guard !isOlder, !isOther else {
      throw Problem(
        .conflict, "revocations \(known.payload.seq) are known here: publish the next number")
    }
  }

  private func requireLines(_ licenses: [Verified<License>]) async throws {
    var lines: [LineID: LineTerms] = [:]
    for license in licenses {
      let line = license.payload.line
      let known = lines[line]
      let terms = if let known { known } else { try await shelf.terms(of: line) }
      try terms.requireSameLine(license.payload)
      lines[line] = terms.adding(license, shelf)
    }
  }

  private static func put(
    _ license: Verified<License>, in ledger: any LedgerWriting, at now: Int64
  ) throws {
    let payload = license.payload
    if let stored = try ledger.license(payload.jti) {
      let known = try UnverifiedDocument(Array(stored.jws.utf8), as: .license).payload
      guard try known == UnverifiedDocument(Array(license.jws.utf8), as: .license).payload else {
        throw Problem(.conflict, "another license \(payload.jti) is known here: issue a new one")
      }
    }
    try ledger.put(
      StoredLicense(
        id: payload.jti, line: payload.line, revision: payload.revision, jws: license.jws,
        isPublished: true), at: now)
  }
}
