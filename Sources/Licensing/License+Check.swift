import CivilTime
package import Sealing

/// Bounds of a license's numbers, chosen so that no sum or product made of them leaves 64 bits: the
/// dearest day of the largest installation is 10^18 minor units.
package enum LicenseLimits {
  package static let revisions: ClosedRange<Int64> = 1...1_000_000_000
  package static let collectors: ClosedRange<Int64> = 1...1_000_000_000
  package static let installations: ClosedRange<Int64> = 1...1_000_000
  package static let window: ClosedRange<Int64> = 1...86_400
  package static let dwell: ClosedRange<Int64> = 0...86_400
  package static let graceDays: ClosedRange<Int64> = 0...3660
  package static let leaseHours: ClosedRange<Int64> = 1...87_840
  package static let price: ClosedRange<Int64> = 0...1_000_000_000
}

extension License {
  /// Holds everything that a license must be beyond the types of its members. Reading does it by
  /// itself; whoever is about to issue one does it first.
  /// - Throws: ``Refusal`` `MALFORMED` naming the member.
  package func check() throws(Refusal) {
    try require(.term, term != nil)
    try require(.maintenance, maintenance != nil)
    try require(.release, release != nil)
    try require(.limit, collectors.limit != nil)
    try require(.leaseHours, reporting.leaseHours != nil)
    try require(.price, price != nil)
    if edition.requirement(of: .graceDays) == .forbidden, graceDays != 0 {
      throw .malformed("grace_days has no place in a \(edition.rawValue) license")
    }
    try checkNames()
    try checkNumbers()
    try collectors.check()
    try checkReporting()
  }

  /// Holds one row of the edition's table.
  func require(_ member: EditionMember, _ stands: Bool) throws(Refusal) {
    switch (edition.requirement(of: member), stands) {
    case (.required, false):
      throw .malformed("\(member.rawValue) is missing: a \(edition.rawValue) license needs it")
    case (.forbidden, true):
      throw .malformed("\(member.rawValue) has no place in a \(edition.rawValue) license")
    case (.required, true), (.forbidden, false), (.optional, _): return
    }
  }

  private func checkNames() throws(Refusal) {
    guard Zone.isValidName(zone) else {
      throw .malformed("zone must be a name of the IANA database, such as Asia/Shanghai")
    }
    guard Characters.isName(product), release.map(Characters.isName) ?? true else {
      throw .malformed("product and release must be 1 to 64 digits, letters or . _ + ~ -")
    }
    guard let price else { return }
    let isCapital = { (byte: UInt8) in (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
    guard price.currency.utf8.count == 3, price.currency.utf8.allSatisfy(isCapital) else {
      throw .malformed("price.currency must be an ISO 4217 code, such as CNY")
    }
  }

  private func checkNumbers() throws(Refusal) {
    try Self.hold(revision, in: LicenseLimits.revisions, "revision")
    try Self.hold(leastEpoch, in: 1...SealedLimits.counts.upperBound, "epoch")
    try Self.hold(iat, in: SealedLimits.instants, "iat")
    try Self.hold(installations, in: LicenseLimits.installations, "installations")
    try Self.hold(graceDays, in: LicenseLimits.graceDays, "grace_days")
    if let hours = reporting.leaseHours {
      try Self.hold(hours, in: LicenseLimits.leaseHours, "reporting.lease_hours")
    }
    if let price {
      try Self.hold(
        price.minorPerCollectorDay, in: LicenseLimits.price, "price.minor_per_collector_day")
    }
  }

  private func checkReporting() throws(Refusal) {
    guard edition.reportingModes.contains(reporting.mode) else {
      let modes = edition.reportingModes.map(\.rawValue).joined(separator: " or ")
      throw .malformed("reporting.mode of a \(edition.rawValue) license must be \(modes)")
    }
    guard (reporting.gateway == nil) == (reporting.mode == .offline) else {
      throw .malformed(
        "reporting.gateway must stand when reporting.mode is realtime or daily, and only then")
    }
    guard let gateway = reporting.gateway else { return }
    guard gateway.beginsWithBytes(of: "https://") || gateway.beginsWithBytes(of: "http://") else {
      throw .malformed("reporting.gateway must be an address that begins with https://")
    }
  }

  static func hold(
    _ value: Int64, in range: ClosedRange<Int64>, _ name: String
  ) throws(Refusal) {
    guard range.contains(value) else {
      throw .malformed("\(name) must be from \(range.lowerBound) to \(range.upperBound)")
    }
  }
}

extension Collectors {
  func check() throws(Refusal) {
    try License.hold(window, in: LicenseLimits.window, "collectors.window")
    try License.hold(dwell, in: LicenseLimits.dwell, "collectors.dwell")
    if let limit { try License.hold(limit, in: LicenseLimits.collectors, "collectors.limit") }
    guard dwell == 0 || dwell >= window else {
      throw .malformed("collectors.dwell must be 0, or at least collectors.window")
    }
    guard (limit == nil) == (overage == nil) else {
      throw .malformed("collectors.overage must stand beside collectors.limit, and only there")
    }
  }
}
