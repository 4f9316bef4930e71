import CLibcrypto
import CivilTime
import Libcrypto
import Licensing
import Sealing

/// What is verified: a pay-as-you-go license of the usual size, and the trust that opens it.
struct Subject {
  private let document: [UInt8]
  private let message: [UInt8]
  private let signature: [UInt8]
  private let key: SigningKey
  private let trust: TrustSet

  init(_ key: SigningKey) throws {
    self.key = key
    let root = try SigningKey.ed25519(1)
    let license = try Self.license()
    let sealed = try Seal.seal(license.json.serialized, kind: .license, by: key.signer)
    document = Array(sealed.utf8)
    let parts = try UnverifiedDocument(document, as: .license)
    message = parts.signingInput
    signature = parts.signature
    let payload = Keyset(
      iss: license.iss, epoch: 7, iat: license.iat,
      roots: try RootKeys(threshold: 1, keys: [root.signer.publicKey]),
      keys: [
        OnlineKey(
          key: key.signer.publicKey, use: .license, from: 0, through: license.iat + 1,
          constraints: KeyConstraints(products: [license.product], maximumDays: 1100))
      ], revoked: []
    ).json.serialized
    let keyset = KeysetDocument.text(
      payload: payload, signatures: [try KeysetDocument.sign(payload, by: root.signer)])
    trust = try TrustSet.establish(
      roots: try RootKeys(threshold: 1, keys: [root.signer.publicKey]), keysets: [keyset],
      using: LibcryptoProvider())
    guard try trust.open(document, as: License.self).payload == license else { throw Failure() }
    try verifyBare()
  }

  private static func license() throws -> License {
    guard let from = CivilDate("2026-11-21"), let through = CivilDate("2027-11-20"),
      let term = Term(from: from, through: through),
      let jti = LicenseID("lic_01923f6a-77d4-7c1e-9f0a-1f2e3d4c5b6a"),
      let line = LineID("lin_01923f6a-77d4-7c1e-9f0a-1f2e3d4c5b6b"),
      let sub = CustomerID("cus_01923f6a-77d4-7c1e-9f0a-1f2e3d4c5b6c")
    else { throw Failure() }
    return License(
      iss: "https://license.vendor.example", jti: jti, line: line, revision: 3, epoch: 7, sub: sub,
      customer: "ACME Ltd", product: "observability-platform", iat: 1_795_219_200, edition: .payg,
      zone: "Asia/Shanghai", term: term, collectors: Collectors(), support: "5x8", graceDays: 14,
      reporting: Reporting(
        mode: .realtime, gateway: "https://usage.vendor.example", leaseHours: 72),
      price: Price(currency: "CNY", minorPerCollectorDay: 120))
  }

  /// Verifies, parses and checks the license, as every program of ours does.
  func open() throws {
    let license = try trust.open(document, as: License.self)
    guard license.payload.revision == 3 else { throw Failure() }
  }

  /// Verifies the signature alone.
  func verifyBare() throws {
    guard key.verify(signature, of: message) else { throw Failure() }
  }
}

struct Failure: Error {}

/// A key that signs once and verifies often.
struct SigningKey {
  let signer: EVPSigner
  private let key: EVPKey
  private let isRSA: Bool

  static func ed25519(_ seed: UInt8) throws -> SigningKey {
    let seed = [UInt8](repeating: seed, count: 32)
    return try SigningKey(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count), isRSA: false)
  }

  static func rsa(_ bits: Int32) throws -> SigningKey {
    guard let context = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, nil) else { throw Failure() }
    defer { EVP_PKEY_CTX_free(context) }
    var key: OpaquePointer?
    guard EVP_PKEY_keygen_init(context) == 1,
      EVP_PKEY_CTX_set_rsa_keygen_bits(context, bits) == 1, EVP_PKEY_keygen(context, &key) == 1
    else { throw Failure() }
    return try SigningKey(key, isRSA: true)
  }

  private init(_ pointer: OpaquePointer?, isRSA: Bool) throws {
    guard let key = EVPKey(owning: pointer) else { throw Failure() }
    self.key = key
    self.isRSA = isRSA
    signer = try EVPSigner(key)
  }

  func verify(_ signature: [UInt8], of message: [UInt8]) -> Bool {
    key.withPointer { key in
      guard let context = EVP_MD_CTX_new() else { return false }
      defer { EVP_MD_CTX_free(context) }
      var parameters: OpaquePointer?
      let digest = isRSA ? EVP_sha256() : nil
      guard EVP_DigestVerifyInit(context, &parameters, digest, nil, key) == 1 else { return false }
      if isRSA {
        guard EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1,
          EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, 32) == 1,
          EVP_PKEY_CTX_set_rsa_mgf1_md(parameters, EVP_sha256()) == 1
        else { return false }
      }
      return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
  }
}
