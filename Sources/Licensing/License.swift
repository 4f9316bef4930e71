package import Sealing

/// What a customer may run: one revision of one line.
///
/// Which members stand in which edition is ``Edition/requirement(of:)``; ``check()`` holds that and
/// everything else that a license must be.
package struct License: VendorPayload {
  package static let kind = DocumentKind.license
  package static let use = KeyUse.license

  package var iss: String
  package var jti: LicenseID
  package var line: LineID
  /// From 1; the highest one that has begun is in force.
  package var revision: Int64
  /// The least epoch of the keyset that it accepts.
  package var leastEpoch: Int64
  package var sub: CustomerID
  /// The customer's name, for people.
  package var customer: String
  package var product: String
  package var iat: Int64
  package var edition: Edition
  /// The IANA time zone in which all its dates are meant.
  package var zone: String
  package var term: Term?
  package var maintenance: Term?
  /// The version that a perpetual license covers for ever.
  package var release: String?
  package var collectors: Collectors
  package var gaps: GapRule
  /// The level of support, for people: `5x8`.
  package var support: String
  /// How many installations may be activated at the same time.
  package var installations: Int64
  /// Days after the term in which use goes on with a warning; 0 where the edition has no term.
  package var graceDays: Int64
  package var reporting: Reporting
  package var price: Price?
  package var activation: ActivationRule
  package var enforce: Enforcement

  package var epoch: Int64? { leastEpoch }

  /// A license; `gaps` and `activation` default to those of the edition.
  package init(
    iss: String, jti: LicenseID, line: LineID, revision: Int64 = 1, epoch: Int64 = 1,
    sub: CustomerID, customer: String, product: String, iat: Int64, edition: Edition,
    zone: String, term: Term? = nil, maintenance: Term? = nil, release: String? = nil,
    collectors: Collectors = Collectors(), gaps: GapRule? = nil, support: String,
    installations: Int64 = 1, graceDays: Int64 = 0, reporting: Reporting = Reporting(),
    price: Price? = nil, activation: ActivationRule? = nil, enforce: Enforcement = .start
  ) {
    self.iss = iss
    self.jti = jti
    self.line = line
    self.revision = revision
    self.leastEpoch = epoch
    self.sub = sub
    self.customer = customer
    self.product = product
    self.iat = iat
    self.edition = edition
    self.zone = zone
    self.term = term
    self.maintenance = maintenance
    self.release = release
    self.collectors = collectors
    self.gaps = gaps ?? edition.defaultGaps
    self.support = support
    self.installations = installations
    self.graceDays = graceDays
    self.reporting = reporting
    self.price = price
    self.activation = activation ?? edition.defaultActivation
    self.enforce = enforce
  }
}

/// How many collectors a license allows, and when one counts.
package struct Collectors: Sendable, Equatable {
  /// The largest sum of weights online, nil for no limit.
  package var limit: Int64?
  /// Stands exactly when ``limit`` does.
  package var overage: Overage?
  /// Seconds that a beat keeps a collector online.
  package var window: Int64
  /// Seconds online before a collector counts: 0, or at least ``window``.
  package var dwell: Int64

  package static let defaultWindow: Int64 = 300

  package init(
    limit: Int64? = nil, overage: Overage? = nil, window: Int64 = defaultWindow, dwell: Int64 = 0
  ) {
    self.limit = limit
    self.overage = overage
    self.window = window
    self.dwell = dwell
  }
}

/// Whether, how and where usage is reported.
package struct Reporting: Sendable, Equatable {
  package var mode: ReportingMode
  /// The gateway's address; stands exactly when the mode is not `offline`.
  package var gateway: String?
  /// How long use may go on after the last acknowledged report.
  package var leaseHours: Int64?

  package init(
    mode: ReportingMode = .offline, gateway: String? = nil, leaseHours: Int64? = nil
  ) {
    self.mode = mode
    self.gateway = gateway
    self.leaseHours = leaseHours
  }
}

/// What one collector costs a day.
package struct Price: Sendable, Hashable {
  /// ISO 4217, three capital letters.
  package var currency: String
  /// In the currency's minor unit.
  package var minorPerCollectorDay: Int64

  package init(currency: String, minorPerCollectorDay: Int64) {
    self.currency = currency
    self.minorPerCollectorDay = minorPerCollectorDay
  }
}
