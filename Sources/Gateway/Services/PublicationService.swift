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
///    nothing. Revocations above those known revoke whatever those do.
/// 3. A license's name stands for one payload for ever, and so does a revision of a line; customer,
///    product and zone never change within a line.
/// 4. What was only shown at an activation binds nobody who publishes.
/// 5. All of this is held in the change that stores it, too: two publications may come at once.
package struct PublicationService: Sendable {
  private let store: any LedgerStore
  private let trust: GatewayTrust
  let shelf: LicenseShelf
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
    // Under the keyset that comes along: what a key sealed that it revokes counts as never seen.
    let known: Verified<Revocations>? = view.revocations.flatMap {
      try? set.open(Array($0.jws.utf8))
    }
    try revocations?.payload.requireSuccession(to: known?.payload)
    try await requireLines(licenses)
    let chain = try set.chain.map { try StoredKeyset(text: $0) }
    try await store.change { ledger in
      try Self.requireNewest(set, chain, in: ledger)
      for keyset in chain { try ledger.put(keyset, at: now) }
      if let revocations {
        // Another publication may have been stored since the first look.
        let stored: Verified<Revocations>? = try ledger.revocations().flatMap {
          try? set.open(Array($0.utf8))
        }
        try revocations.payload.requireSuccession(to: stored?.payload)
        try ledger.setRevocations(revocations.jws, at: now)
      }
      for license in licenses { try Self.put(license, under: set, in: ledger, at: now) }
    }
    try trust.advance(to: set, revocations: revocations?.jws)
    shelf.forget(Set(licenses.map(\.payload.line)))
    let after = trust.view
    return Standing(
      epoch: after.set.keyset.epoch, revocations: after.revocations?.payload.seq,
      licenses: licenses.count)
  }
}
