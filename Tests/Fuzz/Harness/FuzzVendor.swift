internal import Libcrypto
internal import Sealing

/// A vendor whose documents anyone can seal: the digests are real, a signature verifies when it has the
/// right length. So an input gets past the signatures, to the decoders behind them.
struct FuzzVendor: Sendable {
  static let iss = "https://license.vendor.example"
  let root: FuzzSigner
  let trust: TrustSet

  /// The public keys of the examples in Docs/Formats.md, so that those are seeds as they stand.
  private static let rootKey = "z-Jk9yW9Y8oTZpWeeKA6mHi_qICxuPEmJIKheRYfx80"
  private static let onlineKeys: [(KeyUse, String)] = [
    (.license, "qcrx1Nq73Gx7N9aOVCTptYlowKhRMs6A1_sVR_VifRg"),
    (.release, "-ndHWUrBDNDpLJOpx9nWwPmX18j8rUUEhUdGG4ZcJTI"),
    (.revocation, "YHKbZiMbF1DibsSmGJFX7HFlt3rBsd3EkzQCL0doZvc"),
    (.gateway, "ip5iAMlYJQ65zzRHjGSOdD2P_DphC5TD7yAh4LP__v8"),
  ]

  init() throws {
    root = FuzzSigner(try Self.key(Self.rootKey))
    let roots = try RootKeys(threshold: 1, keys: [root.publicKey])
    let payload = Keyset(
      iss: Self.iss, epoch: 7, iat: 1_795_219_200, roots: roots,
      keys: try Self.onlineKeys.map {
        OnlineKey(
          key: try Self.key($0.1), use: $0.0, from: 0, through: SealedLimits.instants.upperBound)
      },
      revoked: []
    ).json.serialized
    let keyset = KeysetDocument.text(
      payload: payload, signatures: [KeysetDocument.sign(payload, by: root)])
    trust = try TrustSet.establish(roots: roots, keysets: [keyset], using: FuzzCryptography())
  }

  private static func key(_ text: String) throws -> PublicKey {
    try PublicKey(jwk: ["crv": "Ed25519", "kty": "OKP", "x": .string(text)])
  }

  /// The keysets that a trust set takes from one whose roots are its own and have signed it.
  func establish(_ keyset: Keyset, _ text: String) throws(Refusal) -> TrustSet {
    try TrustSet.establish(roots: keyset.roots, keysets: [text], using: FuzzCryptography())
  }

  /// Seals a payload with the key of its use.
  func seal<Payload: VendorPayload>(_ payload: Payload) throws(Contradiction) -> String {
    guard let key = trust.keyset.keys.first(where: { $0.use == Payload.use }) else {
      throw Contradiction("the fuzzing vendor has no key for \(Payload.use)")
    }
    return Seal.seal(payload.json.serialized, kind: Payload.kind, by: FuzzSigner(key.key))
  }
}

/// Real digests; a signature of the right length verifies unless its last byte is 255.
struct FuzzCryptography: Cryptography {
  private let provider = LibcryptoProvider()

  func sha256(_ bytes: [UInt8]) -> Digest { provider.sha256(bytes) }

  func hmacSHA256(key: [UInt8], _ message: [UInt8]) -> Digest {
    provider.hmacSHA256(key: key, message)
  }

  func verify(_ signature: [UInt8], of message: [UInt8], by key: PublicKey) -> Bool {
    signature.count == FuzzSigner.size(key) && signature.last != 0xFF
  }
}

/// Signs anything with bytes that ``FuzzCryptography`` accepts.
struct FuzzSigner: DocumentSigner {
  let publicKey: PublicKey
  let thumbprint: Thumbprint

  init(_ key: PublicKey) {
    publicKey = key
    thumbprint = key.thumbprint(using: FuzzCryptography())
  }

  static func size(_ key: PublicKey) -> Int {
    switch key {
    case .ed25519: 64
    case .rsa(let modulus): modulus.count
    }
  }

  func sign(_ message: [UInt8]) -> [UInt8] {
    [UInt8](repeating: 1, count: Self.size(publicKey))
  }
}
