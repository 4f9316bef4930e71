import CivilTime
import Libcrypto
import Licensing
import Metering
import Platform
import Sealing
import StartupCheck
import TestSupport
import Testing

/// A small vendor with the same keys in every run, so that its files have the same bytes.
struct Vendor {
  static let iss = "https://v.example"
  /// 2026-11-21T00:00:00Z.
  static let iat: Int64 = 1_795_219_200

  let root: EVPSigner
  let keys: [KeyUse: EVPSigner]
  let roots: RootKeys
  let installation: EVPSigner

  init(root seed: UInt8 = 1, keys first: UInt8 = 2) throws {
    root = try ForgingKey.ed25519(seed)
    keys = [
      .license: try ForgingKey.ed25519(first), .release: try ForgingKey.ed25519(first + 1),
      .gateway: try ForgingKey.ed25519(first + 2), .revocation: try ForgingKey.ed25519(first + 3),
    ]
    roots = try RootKeys(threshold: 1, keys: [root.publicKey])
    installation = try ForgingKey.ed25519(6)
  }

  /// A keyset with keys for those uses only: the fewer, the smaller its file.
  func keyset(
    epoch: Int64 = 1, uses: [KeyUse] = [.license, .release, .gateway, .revocation],
    revoked: [KeyUse] = []
  ) throws -> String {
    let keyset = Keyset(
      iss: Self.iss, epoch: epoch, iat: Self.iat, roots: roots,
      keys: uses.compactMap { use in
        keys[use].map {
          OnlineKey(key: $0.publicKey, use: use, from: 0, through: Self.iat * 2)
        }
      },
      revoked: revoked.compactMap { use in
        keys[use].map { RevokedKey(kid: $0.thumbprint, at: Self.iat, reason: "stolen") }
      })
    return try ForgedDocument.keyset(keyset, signedBy: [root])
  }

  func seal<Payload: VendorPayload>(_ payload: Payload) throws -> String {
    guard let key = keys[Payload.use] else { throw ForgingKey.Failure() }
    return try Seal.seal(payload.json.serialized, kind: Payload.kind, by: key)
  }

  static func license(
    _ edition: Edition = .perpetual, revision: Int64 = 1, jti: String = "lic_1",
    line: String = "lin_1"
  ) throws -> License {
    let date = try #require(CivilDate("2026-11-21"))
    let through = try #require(CivilDate("2027-11-20"))
    let year = try #require(Term(from: date, through: through))
    return License(
      iss: iss, jti: try #require(LicenseID(jti)), line: try #require(LineID(line)),
      revision: revision, sub: try #require(CustomerID("cus_1")), customer: "ACME Ltd",
      product: "platform", iat: iat, edition: edition, zone: "UTC",
      term: edition == .subscription || edition == .payg ? year : nil,
      maintenance: edition == .perpetual ? year : nil,
      release: edition == .perpetual ? "1.0" : nil,
      collectors: edition == .payg || edition == .community
        ? Collectors() : Collectors(limit: 100, overage: .record),
      support: "5x8",
      reporting: edition == .payg
        ? Reporting(mode: .realtime, gateway: "https://u.example", leaseHours: 72) : Reporting(),
      price: edition == .payg ? Price(currency: "CNY", minorPerCollectorDay: 120) : nil)
  }

  static func release(_ version: String = "1.0") throws -> Release {
    Release(
      iss: iss, iat: iat, product: "platform", version: version,
      released: try #require(CivilDate("2026-11-01")))
  }

  /// The license file of a perpetual license, as the vendor writes it.
  func licenseFile(_ licenses: [License]? = nil) throws -> [UInt8] {
    let licenses = try licenses ?? [Self.license()]
    let blocks = try licenses.map { ArmourBlock(kind: .license, document: try seal($0)) }
    return Array(
      Armour.write([ArmourBlock(kind: .keyset, document: try keyset())] + blocks).utf8)
  }

  func releaseFile(_ version: String = "1.0") throws -> [UInt8] {
    let block = ArmourBlock(kind: .release, document: try seal(try Self.release(version)))
    return Array(
      Armour.write([ArmourBlock(kind: .keyset, document: try keyset()), block]).utf8)
  }

  /// A sample of the first day, sealed by the installation.
  func record(
    revision: Int64 = 1, sealedBy signer: EVPSigner? = nil, installation: Thumbprint? = nil
  ) throws -> String {
    let signer = signer ?? self.installation
    let day = DaySummary(
      date: try #require(CivilDate("2026-11-21")), from: Self.iat, to: Self.iat + 60,
      peak: Peak(count: 0, at: Self.iat), online: 0, distinct: 0, refused: 0, observed: 60,
      gaps: [], gapsMerged: 0)
    let record = UsageRecord(
      installation: installation ?? signer.thumbprint, license: "lic_1", revision: revision,
      seq: 1, prev: nil, at: Self.iat + 60, day: day, limit: nil,
      rule: UsageRecord.Rule(window: 300, dwell: 0, identity: "datakit:hostname"), release: nil,
      root: root.thumbprint, closing: nil)
    return try Seal.seal(record.json.serialized, kind: .usage, by: signer)
  }
}

/// A clock that always says the same, or cannot be read.
struct FixedClock: WallClock {
  var instant: Int64? = Vendor.iat + 86_400

  func now() throws(PlatformError) -> Int64 {
    guard let instant else { throw PlatformError(.clockUnreadable, "no clock") }
    return instant
  }
}

extension Dossier {
  init(
    _ vendor: Vendor, license: [UInt8]? = nil, release: [UInt8]? = nil,
    standing: StandingFile.Content = .absent
  ) {
    var given: [GivenFile] = []
    if let license { given.append(GivenFile(license, as: .license, source: "the.license")) }
    if let release { given.append(GivenFile(release, as: .release, source: "the.release")) }
    self.init(roots: vendor.roots, given: given, standing: standing, using: LibcryptoProvider())
  }

  /// The verdict for release 1.0 on the second day.
  func verdict(
    running: String = "1.0", product: String? = nil, clock: FixedClock = FixedClock()
  ) throws -> Verdict {
    let judgement = judge(
      running: RunningRelease(running), product: product, clock: clock, zones: Self.utc)
    guard case .verdict(let verdict) = judgement else { throw NoVerdict(judgement: judgement) }
    return verdict
  }

  struct NoVerdict: Error {
    let judgement: Judgement
  }

  static let utc: ZoneSource = { name throws(PlatformError) in
    guard name == "UTC" else { throw PlatformError(.zoneUnknown, "no such zone") }
    return .utc
  }
}
