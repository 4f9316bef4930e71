import Libcrypto
import Sealing
import TestSupport

/// A kind of document as a type, so that every kind has a slot of its own.
protocol SlotKind: Sendable, Equatable {
  static var kind: DocumentKind { get }
  static var use: KeyUse { get }
}

/// The smallest document of a kind that the vendor seals.
struct Slot<Kind: SlotKind>: VendorPayload {
  static var kind: DocumentKind { Kind.kind }
  static var use: KeyUse { Kind.use }
  static var version: Int64 { 2 }

  var iss: String
  var iat: Int64
  var epoch: Int64?
  var product: String?

  init(
    iss: String = SlotVendor.iss, iat: Int64 = SlotVendor.iat, epoch: Int64? = nil,
    product: String? = nil
  ) {
    self.iss = iss
    self.iat = iat
    self.epoch = epoch
    self.product = product
  }

  init(reading reader: inout ObjectReader) throws(Refusal) {
    iss = try reader.string("iss")
    iat = try reader.instant("iat")
    epoch = try reader.optionalInteger("epoch", in: SealedLimits.counts)
    product = try reader.optionalString("product")
  }

  var members: [JSONMember] {
    var members = [JSONMember("iss", .string(iss)), JSONMember("iat", .integer(iat))]
    if let epoch { members.append(JSONMember("epoch", .integer(epoch))) }
    if let product { members.append(JSONMember("product", .string(product))) }
    return members
  }

  func excess(over constraints: KeyConstraints) -> String? {
    guard let products = constraints.products, let product, !products.contains(product) else {
      return nil
    }
    return "product \(product)"
  }
}

/// The smallest document of a kind that an installation seals.
struct OwnSlot<Kind: SlotKind>: InstallationPayload {
  static var kind: DocumentKind { Kind.kind }
  var iat: Int64

  init(iat: Int64 = SlotVendor.iat) { self.iat = iat }
  init(reading reader: inout ObjectReader) throws(Refusal) { iat = try reader.instant("iat") }
  var members: [JSONMember] { [JSONMember("iat", .integer(iat))] }
}

enum KeysetKind: SlotKind {
  static let kind = DocumentKind.keyset
  static let use = KeyUse.license
}
enum RevocationsKind: SlotKind {
  static let kind = DocumentKind.revocations
  static let use = KeyUse.revocation
}
enum LicenseKind: SlotKind {
  static let kind = DocumentKind.license
  static let use = KeyUse.license
}
enum ReleaseKind: SlotKind {
  static let kind = DocumentKind.release
  static let use = KeyUse.release
}
enum EnrolmentKind: SlotKind {
  static let kind = DocumentKind.enrolment
  static let use = KeyUse.license
}
enum ActivationKind: SlotKind {
  static let kind = DocumentKind.activation
  static let use = KeyUse.gateway
}
enum UsageKind: SlotKind {
  static let kind = DocumentKind.usage
  static let use = KeyUse.gateway
}
enum AliveKind: SlotKind {
  static let kind = DocumentKind.alive
  static let use = KeyUse.gateway
}
enum ReceiptKind: SlotKind {
  static let kind = DocumentKind.receipt
  static let use = KeyUse.gateway
}
enum DecisionKind: SlotKind {
  static let kind = DocumentKind.decision
  static let use = KeyUse.gateway
}
enum StatementKind: SlotKind {
  static let kind = DocumentKind.statement
  static let use = KeyUse.gateway
}

/// A vendor with one known key for each use and a root, whose keyset a test may bend.
struct SlotVendor {
  static let iss = "https://license.vendor.example"
  static let iat: Int64 = 1_795_219_200

  let root: EVPSigner
  let keys: [KeyUse: EVPSigner]
  var keyset: Keyset
  let roots: RootKeys

  init(root seed: UInt8 = 1, keys first: UInt8 = 0x10, epoch: Int64 = 7) throws {
    root = try ForgingKey.ed25519(seed)
    var keys: [KeyUse: EVPSigner] = [:]
    for (index, use) in KeyUse.allCases.enumerated() {
      keys[use] = try ForgingKey.ed25519(first + UInt8(index))
    }
    self.keys = keys
    roots = try RootKeys(threshold: 1, keys: [root.publicKey])
    keyset = Keyset(
      iss: Self.iss, epoch: epoch, iat: Self.iat, roots: roots,
      keys: KeyUse.allCases.compactMap { use in
        keys[use].map {
          OnlineKey(
            key: $0.publicKey, use: use, from: Self.iat - 1000, through: Self.iat + 1000)
        }
      },
      revoked: [])
  }

  func key(_ use: KeyUse) throws -> EVPSigner {
    guard let key = keys[use] else { throw ForgingKey.Failure() }
    return key
  }

  func trust() throws -> TrustSet {
    try TrustSet.establish(
      roots: roots, keysets: [try ForgedDocument.keyset(keyset, signedBy: [root])],
      using: LibcryptoProvider())
  }

  func seal<Kind: SlotKind>(_ payload: Slot<Kind>) throws -> String {
    try Seal.seal(payload.json.serialized, kind: Kind.kind, by: try key(Kind.use))
  }
}

extension TrustSet {
  /// Opens a document given as text.
  func open<Kind: SlotKind>(
    _ text: String, in slot: Slot<Kind>.Type
  ) throws(Refusal) -> Verified<Slot<Kind>> {
    try open(Array(text.utf8), as: slot)
  }
}
