internal import CLibcrypto
package import Sealing

/// The Ed25519 key that an installation is.
///
/// It seals enrolments, usage records and signs of life, nothing else: there is no way to have it sign
/// bytes of the caller's choice.
package struct InstallationKey: Sendable {
  private let signer: EVPSigner

  /// Makes a new key.
  package static func generate() throws(LibcryptoError) -> InstallationKey {
    var seed = try SecureRandom.bytes(32)
    defer { Secret.wipe(&seed) }
    return try InstallationKey(seed: seed)
  }

  /// Loads the key from its 32-byte seed (RFC 8032 section 5.1.5).
  /// - Throws: ``LibcryptoError`` `KEY_UNREADABLE`.
  package init(seed: [UInt8]) throws(LibcryptoError) {
    OpenSSL.prepare()
    guard seed.count == 32,
      let key = unsafe EVPKey(
        owning: EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count))
    else { throw LibcryptoError(.keyUnreadable, "an installation's key has a seed of 32 bytes") }
    signer = try EVPSigner(key)
  }

  /// The seed, for storing. The caller hands it to ``Secret/wipe(_:)`` when it is stored.
  package func seed() throws(LibcryptoError) -> [UInt8] {
    var seed = [UInt8](repeating: 0, count: 32)
    var length = 0
    // Not EVP_PKEY_get_raw_private_key, which leaves a copy in memory that it has freed.
    let done = unsafe signer.key.withPointer {
      unsafe EVP_PKEY_get_octet_string_param($0, "priv", &seed, seed.count, &length)
    }
    guard done == 1, length == 32 else {
      throw LibcryptoError(.libraryFailed, "OpenSSL does not give the key's seed")
    }
    return seed
  }

  package var publicKey: PublicKey { signer.publicKey }
  /// The installation's name.
  package var thumbprint: Thumbprint { signer.thumbprint }

  /// Seals a document of the installation.
  package func seal(_ payload: some InstallationPayload) throws(LibcryptoError) -> String {
    try Seal.seal(payload.json.serialized, kind: type(of: payload).kind, by: signer)
  }
}

/// A private key in OpenSSL's keeping that signs with its one algorithm.
package struct EVPSigner: DocumentSigner {
  package let key: EVPKey
  package let publicKey: PublicKey
  package let thumbprint: Thumbprint
  private let contexts: SigningContexts

  /// - Throws: ``LibcryptoError`` `KEY_UNREADABLE`.
  package init(_ key: EVPKey) throws(LibcryptoError) {
    self.key = key
    contexts = SigningContexts(key)
    self.publicKey = try key.publicKey()
    self.thumbprint = publicKey.thumbprint(using: LibcryptoProvider())
  }

  package func sign(_ message: [UInt8]) throws(LibcryptoError) -> [UInt8] {
    switch publicKey.algorithm {
    case .edDSA: try contexts.sign(message)
    case .ps256: try key.sign(message, .ps256)
    }
  }
}
