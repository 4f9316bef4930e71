package import Libcrypto
package import Sealing

/// The passphrases at hand: one for all keys, or one for each, since the keepers of several roots
/// should not know each other's.
package struct KeyPassphrases: Sendable {
  private let common: Secret?
  private let own: [Thumbprint: Secret]

  /// - Parameters:
  ///   - common: of every key without one of its own; nil where there is none.
  ///   - own: by the key's thumbprint.
  package init(common: Secret?, own: [Thumbprint: Secret] = [:]) {
    self.common = common
    self.own = own
  }

  func passphrase(of key: Thumbprint) -> Secret? { own[key] ?? common }

  /// - Throws: ``AuthorityError`` `NOT_FOUND` for a key that the registry does not have.
  func requireKnown(_ keys: [KeyRecord]) throws(AuthorityError) {
    for key in own.keys where !keys.contains(where: { $0.role == .root && $0.thumbprint == key }) {
      throw AuthorityError(
        .notFound,
        "a passphrase is given for \(key), which is no root key of the registry: \"tally key list\" "
          + "shows those it has")
    }
  }
}
