internal import Libcrypto
package import LibcryptoIssuing
package import Sealing

/// A whole vendor for tests: root, online keys, keyset and the trust that a program would have in them.
///
/// Everything is real but made anew for each value; documents are opened through the trust set, so that
/// a test never holds a verified document that a program could not hold.
package struct TestVendor: Sendable {
  package let iss: String
  package let root: VendorKey
  package let keys: [KeyUse: VendorKey]
  package let roots: RootKeys
  /// The keyset as a program gets it.
  package let keyset: String
  package let trust: TrustSet

  /// - Parameters:
  ///   - license: the algorithm of the license key.
  ///   - from: first instant at which the online keys sign.
  ///   - through: the last one.
  package init(
    iss: String = "https://license.vendor.example", epoch: Int64 = 1, iat: Int64 = 1_795_219_200,
    license: SignatureAlgorithm = .edDSA, from: Int64 = 0, through: Int64 = 253_402_300_799,
    constraints: [KeyUse: KeyConstraints] = [:]
  ) throws {
    self.iss = iss
    root = try VendorKey.generate(.edDSA)
    var keys: [KeyUse: VendorKey] = [:]
    for use in KeyUse.allCases {
      keys[use] = try VendorKey.generate(use == .license ? license : .edDSA)
    }
    self.keys = keys
    roots = try RootKeys(threshold: 1, keys: [root.publicKey])
    let payload = Keyset(
      iss: iss, epoch: epoch, iat: iat, roots: roots,
      keys: KeyUse.allCases.compactMap { use in
        keys[use].map {
          OnlineKey(
            key: $0.publicKey, use: use, from: from, through: through,
            constraints: constraints[use] ?? KeyConstraints())
        }
      },
      revoked: []
    ).json.serialized
    keyset = KeysetDocument.text(payload: payload, signatures: [try root.signKeyset(payload)])
    trust = try TrustSet.establish(roots: roots, keysets: [keyset], using: LibcryptoProvider())
  }

  /// The key for a use.
  package func key(_ use: KeyUse) throws -> VendorKey {
    guard let key = keys[use] else { throw MissingKey(use: use) }
    return key
  }

  /// Seals a payload with the key of its use.
  package func jws<Payload: VendorPayload>(_ payload: Payload) throws -> String {
    try key(Payload.use).seal(payload)
  }

  /// Seals a payload and opens it again through the trust set.
  package func seal<Payload: VendorPayload>(_ payload: Payload) throws -> Verified<Payload> {
    try trust.open(Array(jws(payload).utf8))
  }

  /// No key was made for a use.
  package struct MissingKey: Error {
    package let use: KeyUse
  }
}
