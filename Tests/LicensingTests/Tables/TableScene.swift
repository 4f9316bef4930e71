import CivilTime
import Licensing
import Testing

/// The situation that a row of `Oracle/states.tsv` names, made here on its own: one license of a
/// calendar, everything signed 30 days before its first second, and one thing that is different.
struct TableScene {
  var scene: Scene
  let zone: Zone
  let through: CivilDate
  /// The first second of the calendar.
  let first: Int64
  /// How far the wall lies behind the floor, which is then the instant asked for; nil where the wall
  /// is that instant and there is no floor.
  var behind: Behind?
  /// The keyset is 180 days old at the boundary.
  var keysetTurns = false

  enum Behind: Equatable {
    case seconds(Int64)
    case unreadable
  }

  init(_ edition: Edition, zone name: String, from: String, through: String) throws {
    let zone = try SystemZone.load(name)
    let term = try Shared.term(from, through)
    let first = zone.day(of: term.from).lowerBound
    let signed = first - 30 * 86_400
    (self.zone, self.through, self.first) = (zone, term.through, first)
    scene = try Scene(edition) {
      $0.zone = name
      $0.iat = signed
      if $0.term != nil { $0.term = term }
      if $0.maintenance != nil { $0.maintenance = term }
      if edition == .payg { $0.reporting.leaseHours = 87_840 }
    }
    scene.missingZones = [name]
    scene.keyset = false
    let released = edition == .community ? try #require(term.through.adding(days: -180)) : term.from
    scene.release = try Sample.release {
      $0.iat = signed
      $0.released = released
    }
    scene.activation = edition == .payg ? try Sample.activation(iat: signed) : nil
  }

  var license: License {
    get { scene.licenses[0] }
    set { scene.licenses[0] = newValue }
  }

  /// The situation, to be asked at any instant.
  func situation() throws -> Situation {
    var situation = try scene.situation()
    for name in situation.zoneNames { situation.zones[name] = zone }
    return situation
  }

  /// A date so many days after the last one of the calendar.
  func day(_ days: Int64) throws -> CivilDate { try #require(through.adding(days: days)) }

  mutating func activate(revision: Int64 = 1, line: String = "lin_1", at iat: Int64? = nil) throws {
    scene.activation = try Sample.activation(
      line: line, revision: revision, iat: iat ?? first - 30 * 86_400)
  }

  mutating func release(_ change: (inout Release) throws -> Void) throws {
    var release = try #require(scene.release)
    try change(&release)
    scene.release = release
  }

  /// A lease of 72 hours on a license signed as it begins, its activation some hours later.
  mutating func lease(activation: Int64? = nil, _ receipts: TableReceipt...) throws {
    license.reporting = Reporting(
      mode: .realtime, gateway: "https://usage.vendor.example", leaseHours: 72)
    license.iat = first
    license.activation = .optional
    scene.activation = nil
    if let activation {
      try activate(at: first + activation * 3600)
      scene.own = 1
    }
    scene.receipts = try receipts.map { receipt in
      let iat = first + receipt.hours * 3600
      return try Sample.receipt(
        receipt.installation, iat: iat, leaseThrough: receipt.granted.map { iat + $0 * 3600 })
    }
  }
}

/// A receipt by the hours from the first second to it, and those that it grants.
struct TableReceipt {
  let hours: Int64
  let granted: Int64?
  var installation: UInt8 = 1

  init(_ hours: Int64, _ granted: Int64?, installation: UInt8 = 1) {
    (self.hours, self.granted, self.installation) = (hours, granted, installation)
  }
}
