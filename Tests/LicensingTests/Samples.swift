import CivilTime
import Foundation
import Licensing
import Sealing
import TestSupport
import Testing

/// One vendor for all tests of this target; making keys is the only slow part.
enum Shared {
  private static let made = Result { try TestVendor() }

  static var vendor: TestVendor {
    get throws { try made.get() }
  }

  /// A zone from the folder `Zones` beside this file.
  static func zone(_ name: String) throws -> Zone {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Zones").appendingPathComponent(name)
    return try Zone(name: name, tzif: Array(try Data(contentsOf: file)))
  }

  static func date(_ text: String) throws -> CivilDate {
    try #require(CivilDate(text))
  }

  static func term(_ from: String, _ through: String) throws -> Term {
    try #require(Term(from: date(from), through: date(through)))
  }

  /// The first second of a date in a zone.
  static func start(_ date: String, _ zone: String = Sample.zone) throws -> Int64 {
    try Shared.zone(zone).day(of: Shared.date(date)).lowerBound
  }

  /// A thumbprint made of one byte.
  static func thumbprint(_ byte: UInt8) throws -> Thumbprint {
    Thumbprint(try #require(Digest(Array(repeating: byte, count: 32))))
  }
}

/// Documents as a vendor would write them.
enum Sample {
  static let iss = "https://license.vendor.example"
  static let product = "observability-platform"
  static let zone = "Asia/Shanghai"
  /// 2026-11-21 00:00:00 in Shanghai, when everything is issued unless a test says otherwise.
  static let issued: Int64 = 1_795_190_400

  /// A license of an edition from 2026-11-21, for a year where it has a term.
  static func license(
    _ edition: Edition, revision: Int64 = 1, line: String = "lin_1",
    _ change: (inout License) throws -> Void = { _ in }
  ) throws -> License {
    let limited = edition == .subscription || edition == .perpetual
    var license = License(
      iss: iss, jti: try #require(LicenseID("lic_\(line.dropFirst(4))-\(revision)")),
      line: try #require(LineID(line)), revision: revision,
      sub: try #require(CustomerID("cus_1")), customer: "ACME Ltd", product: product,
      iat: issued, edition: edition, zone: zone,
      collectors: limited ? Collectors(limit: 1000, overage: .refuse) : Collectors(),
      support: edition == .community ? "community" : "5x8")
    let year = try Shared.term("2026-11-21", "2027-11-20")
    switch edition {
    case .subscription:
      license.term = year
      license.graceDays = 14
    case .perpetual:
      license.maintenance = year
      license.release = "1.90.0"
    case .payg:
      license.term = year
      license.graceDays = 14
      license.reporting = Reporting(
        mode: .realtime, gateway: "https://usage.vendor.example", leaseHours: 72)
      license.price = Price(currency: "CNY", minorPerCollectorDay: 120)
    case .community: break
    }
    try change(&license)
    return license
  }

  static func release(
    _ version: String = "1.98.190", _ released: String = "2026-11-20",
    _ change: (inout Release) throws -> Void = { _ in }
  ) throws -> Release {
    var release = Release(
      iss: iss, iat: issued, product: product, version: version,
      released: try Shared.date(released))
    try change(&release)
    return release
  }

  static func activation(
    _ installation: UInt8 = 1, line: String = "lin_1", revision: Int64 = 1, iat: Int64 = issued
  ) throws -> Activation {
    Activation(
      iss: iss, iat: iat, line: try #require(LineID(line)), revision: revision,
      installation: try Shared.thumbprint(installation))
  }

  static func receipt(
    _ installation: UInt8 = 1, iat: Int64, leaseThrough: Int64?
  ) throws -> Receipt {
    Receipt(
      iss: iss, iat: iat, installation: try Shared.thumbprint(installation), seq: 1,
      head: Digest(Array(repeating: 7, count: 32)), position: 1, leaseThrough: leaseThrough)
  }

  static func record(
    _ installation: UInt8 = 1, license: String = "lic_1-1", revision: Int64 = 1
  ) throws -> Standing.NewestRecord {
    Standing.NewestRecord(
      installation: try Shared.thumbprint(installation),
      license: try #require(LicenseID(license)), revision: revision, seq: 1)
  }
}

/// A situation in unsealed documents, which ``situation()`` seals and opens again.
struct Scene {
  var licenses: [License] = []
  var refused: [RefusedDocument] = []
  var release: Release?
  var knownReleases: [Release] = []
  var running: String?
  /// What the platform says its product is.
  var product: String?
  var keyset: Bool = true
  var revocations: Revocations?
  var held: [License] = []
  /// Kept ones whose key fell out of trust.
  var distrusted: [License] = []
  var activation: Activation?
  var receipts: [Receipt] = []
  var record: Standing.NewestRecord?
  var own: UInt8?
  var floor: Int64?
  var findings: [StandingFinding] = []
  var hasStanding = false
  var wall: Int64?
  /// Zones that this machine does not know.
  var missingZones: Set<String> = []

  /// A license with its release laid beside it, a day after issue: all is well.
  init(_ edition: Edition, _ change: (inout License) throws -> Void = { _ in }) throws {
    try self.init([Sample.license(edition, change)])
    if edition == .payg { activation = try Sample.activation() }
  }

  init(_ licenses: [License]) throws {
    self.licenses = licenses
    release = try Sample.release()
    running = "1.98.190"
    wall = Sample.issued + 86_400
  }

  func situation() throws -> Situation {
    let vendor = try Shared.vendor
    var situation = Situation(
      licenses: try licenses.map(vendor.seal), refused: refused,
      release: try release.map { try vendor.seal(Self.document($0)) },
      knownReleases: try knownReleases.map { known in
        // When another release was signed matters to no rule.
        var known = known
        known.iat = max(known.iat, Self.firstSigning(of: known))
        return try vendor.seal(known)
      },
      running: try running.map { try #require(RunningRelease($0)) }, product: product,
      keyset: keyset ? vendor.trust.keyset : nil,
      revocations: try revocations.map(vendor.seal), wall: wall)
    if let release, release.daysAhead > Release.mostDaysAhead {
      situation.supposedRelease = release
    }
    if hasStanding || activation != nil || !held.isEmpty || !receipts.isEmpty || record != nil
      || own != nil || floor != nil || !findings.isEmpty
    {
      situation.standing = Standing(
        held: try held.map(vendor.seal), activation: try activation.map(vendor.seal),
        receipts: try receipts.map(vendor.seal), newestRecord: record,
        ownInstallation: try own.map(Shared.thumbprint), floor: floor, findings: findings)
      situation.standing?.distrusted = distrusted
    }
    for name in situation.zoneNames.subtracting(missingZones) {
      situation.zones[name] = try Shared.zone(name)
    }
    return situation
  }

  /// The release as a document can say it. One further ahead of its signing than any document is
  /// supposed beside it, as `simulate --released` does: the rules look at both alike, and the floor of
  /// the clock stays where the scene has it.
  private static func document(_ release: Release) -> Release {
    guard release.daysAhead > Release.mostDaysAhead else { return release }
    var release = release
    release.released = Zone.utc.date(at: release.iat)
    release.coveredAsOf = nil
    return release
  }

  private static func firstSigning(of release: Release) -> Int64 {
    let date = release.released.adding(days: -Release.mostDaysAhead) ?? .first
    return Zone.utc.day(of: date).lowerBound
  }

  func judgement() throws -> Judgement {
    verdict(of: try situation())
  }

  /// The verdict; fails the test where there is none.
  func judged() throws -> Verdict {
    guard case .verdict(let verdict) = try judgement() else {
      throw NoVerdict(judgement: try judgement())
    }
    return verdict
  }

  /// The codes of all findings, in order.
  func codes(at instant: Int64? = nil) throws -> [FindingCode] {
    var scene = self
    if let instant { scene.wall = instant }
    return try scene.judged().findings.map(\.code)
  }

  struct NoVerdict: Error {
    let judgement: Judgement
  }
}
