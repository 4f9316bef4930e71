internal import CivilTime
package import Licensing

/// What of a license is to be different in its next revision; nil leaves a member as it is.
///
/// Customer, product, zone and line are not among it: they never change within a line.
package struct LicenseChanges: Sendable, Equatable {
  package var edition: Edition?
  package var release: String?
  package var limit: Int64?
  /// Takes the limit away; not beside ``limit``.
  package var removesLimit = false
  package var overage: Overage?
  package var window: Int64?
  package var dwell: Int64?
  package var gaps: GapRule?
  package var support: String?
  package var installations: Int64?
  package var graceDays: Int64?
  package var reporting: ReportingMode?
  package var gateway: String?
  package var leaseHours: Int64?
  package var price: Price?
  package var activation: ActivationRule?
  package var enforce: Enforcement?

  package init() {}

  /// The license with the changes, its dates left to the caller: those that the edition has no place
  /// for are gone.
  /// - Throws: ``AuthorityError`` `INPUT_INVALID` naming the flag.
  func applied(to license: License) throws(AuthorityError) -> License {
    try requirePlaces(in: edition ?? license.edition)
    var next = license
    if let edition, edition != license.edition { next.become(edition) }
    if let release { next.release = release }
    try applyCollectors(&next)
    try applyReporting(&next)
    next.gaps = gaps ?? next.gaps
    next.support = support ?? next.support
    next.installations = installations ?? next.installations
    next.graceDays = graceDays ?? next.graceDays
    next.price = price ?? next.price
    next.activation = activation ?? next.activation
    next.enforce = enforce ?? next.enforce
    try requireMembers(next)
    return next
  }

  private func applyCollectors(_ next: inout License) throws(AuthorityError) {
    next.collectors.window = window ?? next.collectors.window
    next.collectors.dwell = dwell ?? next.collectors.dwell
    if removesLimit {
      next.collectors.limit = nil
      next.collectors.overage = nil
    } else if let limit {
      next.collectors.limit = limit
      next.collectors.overage = overage ?? next.collectors.overage ?? .refuse
    }
    guard let overage else { return }
    guard next.collectors.limit != nil else {
      throw AuthorityError(
        .inputInvalid, "--overage needs a limit: give --collectors, there is none yet")
    }
    next.collectors.overage = overage
  }

  private func applyReporting(_ next: inout License) throws(AuthorityError) {
    next.reporting.leaseHours = leaseHours ?? next.reporting.leaseHours
    if let reporting { next.reporting.mode = reporting }
    if let gateway {
      next.reporting.gateway = gateway
      if reporting == nil, next.reporting.mode == .offline {
        next.reporting.mode = next.edition == .payg ? .realtime : .daily
      }
    } else if reporting == .offline {
      next.reporting.gateway = nil
    }
    guard (next.reporting.gateway == nil) == (next.reporting.mode == .offline) else {
      throw AuthorityError(
        .inputInvalid,
        next.reporting.gateway == nil
          ? "--gateway is missing: reporting \(next.reporting.mode.rawValue) needs to know where to"
          : "--gateway has no place beside --reporting offline: nothing ever dials then")
    }
  }

  /// Flags that are given must have a place in the edition that it is to be.
  private func requirePlaces(in edition: Edition) throws(AuthorityError) {
    let given: [(EditionMember, String, Bool)] = [
      (.release, "--release", release != nil), (.price, "--price", price != nil),
      (.leaseHours, "--lease-hours", leaseHours != nil),
      (.graceDays, "--grace-days", graceDays != nil),
    ]
    for (member, flag, isGiven) in given
    where isGiven && edition.requirement(of: member) == .forbidden {
      throw AuthorityError(
        .inputInvalid, "\(flag) has no place in a \(edition.rawValue) license: leave it out")
    }
    if removesLimit, edition.requirement(of: .limit) == .required {
      throw AuthorityError(
        .inputInvalid, "a \(edition.rawValue) license needs a limit: leave --no-limit out")
    }
    guard reporting.map(edition.reportingModes.contains) ?? true else {
      let modes = edition.reportingModes.map(\.rawValue).joined(separator: " or ")
      throw AuthorityError(
        .inputInvalid, "--reporting of a \(edition.rawValue) license must be \(modes)")
    }
    guard gateway == nil || edition != .community else {
      throw AuthorityError(
        .inputInvalid, "--gateway has no place in a community license: leave it out")
    }
  }

  /// What the edition needs and the license does not have must be given.
  private func requireMembers(_ license: License) throws(AuthorityError) {
    let standing: [(EditionMember, String, Bool)] = [
      (.release, "--release 1.98.190", license.release != nil),
      (.limit, "--collectors 100", license.collectors.limit != nil),
      (.leaseHours, "--lease-hours 72", license.reporting.leaseHours != nil),
      (.price, "--price \"CNY 1.20\"", license.price != nil),
    ]
    for (member, flag, stands) in standing
    where !stands && license.edition.requirement(of: member) == .required {
      throw AuthorityError(
        .inputInvalid, "a \(license.edition.rawValue) license needs more: give \(flag) or the like")
    }
  }
}

extension License {
  /// Becomes another edition: members without a place in it go, what had the old edition's usual
  /// value takes the new one's.
  fileprivate mutating func become(_ edition: Edition) {
    if gaps == self.edition.defaultGaps { gaps = edition.defaultGaps }
    if activation == self.edition.defaultActivation { activation = edition.defaultActivation }
    self.edition = edition
    func lacks(_ member: EditionMember) -> Bool { edition.requirement(of: member) == .forbidden }
    if lacks(.term) { term = nil }
    if lacks(.maintenance) { maintenance = nil }
    if lacks(.release) { release = nil }
    if lacks(.graceDays) { graceDays = 0 }
    if lacks(.price) { price = nil }
    if lacks(.leaseHours) { reporting.leaseHours = nil }
    if !edition.reportingModes.contains(reporting.mode) {
      // A gateway is kept where the edition can use it.
      reporting.mode = edition.reportingModes.first ?? .offline
    }
    if reporting.mode == .offline { reporting.gateway = nil }
  }

  /// The span of dates that is sold: the term, or a perpetual license's maintenance.
  package var span: Term? {
    get { term ?? maintenance }
    set {
      if edition.requirement(of: .term) == .required { term = newValue }
      if edition.requirement(of: .maintenance) == .required { maintenance = newValue }
    }
  }
}
