import Billing
import Libcrypto
import Licensing
import Metering
import Sealing
import StartupCheck
import TestSupport

/// A vendor, an installation and the trust that a program has in them, with the same keys in every run.
struct House: Sendable {
  static let iss = "https://license.vendor.example"
  static let iat: Int64 = 1_795_219_200

  let root: EVPSigner
  let keys: [KeyUse: EVPSigner]
  /// The key that sealed the enrolment in Docs/Formats.md.
  let installation: EVPSigner
  let roots: RootKeys
  let keyset: Keyset
  let keysetText: String
  let trust: TrustSet

  /// - Parameters:
  ///   - license: a key that takes the place of the vendor's license key.
  ///   - from: the first second of all online keys.
  ///   - through: the last one.
  ///   - constraints: what caps all online keys.
  init(
    license: PublicKey? = nil, from: Int64 = 0, through: Int64 = House.iat * 2,
    constraints: KeyConstraints = KeyConstraints()
  ) throws {
    root = try ForgingKey.ed25519(1)
    installation = try ForgingKey.ed25519(7)
    keys = [
      .license: try ForgingKey.ed25519(2), .release: try ForgingKey.ed25519(3),
      .gateway: try ForgingKey.ed25519(4), .revocation: try ForgingKey.ed25519(5),
    ]
    roots = try RootKeys(threshold: 1, keys: [root.publicKey])
    let keys = keys
    keyset = Keyset(
      iss: Self.iss, epoch: 7, iat: Self.iat, roots: roots,
      keys: KeyUse.allCases.compactMap { use in
        let key = use == .license ? license ?? keys[use]?.publicKey : keys[use]?.publicKey
        return key.map {
          OnlineKey(key: $0, use: use, from: from, through: through, constraints: constraints)
        }
      },
      revoked: [])
    keysetText = try ForgedDocument.keyset(keyset, signedBy: [root])
    trust = try TrustSet.establish(
      roots: roots, keysets: [keysetText], using: LibcryptoProvider())
  }

  func key(_ use: KeyUse) throws -> EVPSigner {
    guard let key = keys[use] else { throw ForgingKey.Failure() }
    return key
  }

  /// A compact document of any header, payload and signature.
  static func compact(header: [UInt8], payload: [UInt8], signature: [UInt8]) -> String {
    [header, payload, signature].map { Base64.encode($0, .url) }.joined(separator: ".")
  }

  /// A compact document of any header and payload, rightly signed.
  static func compact(
    header: [UInt8], payload: [UInt8], signedBy key: EVPSigner
  ) throws -> String {
    let input = Base64.encode(header, .url) + "." + Base64.encode(payload, .url)
    return "\(input).\(Base64.encode(try key.sign(Array(input.utf8)), .url))"
  }
}

/// One way into the programs for a compact document.
struct Door: Sendable {
  let name: String
  let kind: DocumentKind
  /// Who seals what comes in here.
  let signer: EVPSigner
  /// Whether the seal is looked at: not by `inspect`, nor for a record that a later one commits to.
  var verifies = true
  let open: @Sendable (_ document: String) -> Refusal.Code?

  /// The header of a document that belongs here.
  var header: [UInt8] {
    ProtectedHeader(
      algorithm: signer.publicKey.algorithm, key: signer.thumbprint, type: kind.rawValue
    ).serialized
  }
}

extension House {
  /// Every way in: the trust set for each kind that the vendor seals, the installation's seal for each
  /// that it seals, files as the programs read them, and what goes by hand between the two.
  func doors() throws -> [Door] {
    try vendorDoors() + installationDoors() + fileDoors() + courierDoors()
  }

  private func vendorDoor<Payload: VendorPayload>(_ type: Payload.Type) throws -> Door {
    let trust = trust
    return Door(
      name: "TrustSet.open \(Payload.kind.label)", kind: Payload.kind,
      signer: try key(Payload.use)
    ) { text in
      refusal { () throws(Refusal) in _ = try trust.open(Array(text.utf8), as: type) }
    }
  }

  private func vendorDoors() throws -> [Door] {
    [
      try vendorDoor(License.self), try vendorDoor(Release.self), try vendorDoor(Revocations.self),
      try vendorDoor(Activation.self), try vendorDoor(Receipt.self),
      try vendorDoor(Statement.self),
    ]
  }

  private func installationDoor<Payload: InstallationPayload>(_ type: Payload.Type) -> Door {
    let seal = InstallationSeal(key: installation.publicKey, cryptography: LibcryptoProvider())
    return Door(
      name: "InstallationSeal.open \(Payload.kind.label)", kind: Payload.kind,
      signer: installation
    ) { text in
      refusal { () throws(Refusal) in _ = try seal.open(Array(text.utf8), as: type) }
    }
  }

  private func installationDoors() -> [Door] {
    let seal = InstallationSeal(key: installation.publicKey, cryptography: LibcryptoProvider())
    let committed = Door(
      name: "InstallationSeal.openCommitted USAGE", kind: .usage, signer: installation,
      verifies: false
    ) { text in
      refusal { () throws(Refusal) in
        _ = try seal.openCommitted(Array(text.utf8), as: UsageRecord.self)
      }
    }
    let own = Door(
      name: "InstallationSeal.openSelfSealed", kind: .enrolment, signer: installation
    ) { text in
      refusal { () throws(Refusal) in
        _ = try InstallationSeal.openSelfSealed(
          Array(text.utf8), as: Enrolment.self, using: LibcryptoProvider())
      }
    }
    return [
      installationDoor(Enrolment.self), installationDoor(UsageRecord.self),
      installationDoor(Alive.self), committed, own,
    ]
  }
}

/// The code that something is refused with, nil when it is not.
func refusal(_ body: () throws(Refusal) -> Void) -> Refusal.Code? {
  do throws(Refusal) {
    try body()
    return nil
  } catch { return error.code }
}
