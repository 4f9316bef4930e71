package import Licensing

package import Sealing
internal import Synchronization

/// What the gateway trusts, and since when: the newest keyset and the revocations that it lets stand.
///
/// It only moves forward: a keyset below the one in force changes nothing.
package final class GatewayTrust: Sendable {
  /// One consistent view.
  package struct View: Sendable {
    package let set: TrustSet
    package let revocations: Verified<Revocations>?
    /// The keysets that lead to the one in force, with their epochs.
    package let chain: [StoredKeyset]
    /// Grows with every change.
    package let generation: Int64

    /// When each revoked license was.
    package var revoked: [LicenseID: Int64] {
      let entries = revocations?.payload.revoked ?? []
      return Dictionary(entries.map { ($0.jti, $0.at) }, uniquingKeysWith: { first, _ in first })
    }
  }

  private let state: Mutex<View>

  /// - Parameter revocations: what is stored; a document whose key no longer stands counts as never
  ///   seen.
  /// - Throws: ``Refusal`` when a keyset of the chain cannot be read.
  package init(_ set: TrustSet, revocations: String?) throws(Refusal) {
    state = Mutex(
      View(
        set: set, revocations: Self.open(revocations, set), chain: try Self.chain(of: set),
        generation: 0))
  }

  package var view: View { state.withLock { $0 } }

  /// Takes what has been stored; older things than those known change nothing.
  package func advance(to set: TrustSet, revocations: String?) throws(Refusal) {
    let chain = try Self.chain(of: set)
    state.withLock { view in
      let isNewer = set.keyset.epoch > view.set.keyset.epoch
      let kept = isNewer ? set : view.set
      let offered = Self.open(revocations, kept)
      let known = view.revocations.flatMap { Self.open($0.jws, kept) }
      let newest = [known, offered].compactMap(\.self).max { $0.payload.seq < $1.payload.seq }
      view = View(
        set: kept, revocations: newest, chain: isNewer ? chain : view.chain,
        generation: view.generation + 1)
    }
  }

  private static func open(_ jws: String?, _ set: TrustSet) -> Verified<Revocations>? {
    // A document that no longer verifies counts as never seen.
    jws.flatMap { try? set.open(Array($0.utf8)) }
  }

  private static func chain(of set: TrustSet) throws(Refusal) -> [StoredKeyset] {
    try set.chain.map { text throws(Refusal) in try StoredKeyset(text: text) }
  }
}

extension StoredKeyset {
  /// Reads the epoch out of a keyset, which says nothing of its signatures.
  package init(text: String) throws(Refusal) {
    let document = try KeysetDocument(Array(text.utf8))
    self.init(epoch: try Keyset.parse(document.payload).epoch, text: text)
  }
}
