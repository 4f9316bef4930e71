/// Something that the vendor's staff should look at. One row for each installation and code; what comes
/// again is counted.
package struct LedgerFinding: Sendable, Equatable {
  package enum Code: String, Sendable, CaseIterable {
    /// A record was attested but not understood, or contradicts the chain.
    case quarantined = "QUARANTINED"
    /// Two attested histories.
    case forked = "FORKED"
    /// A record names a license that is not known here.
    case licenseUnknown = "LICENSE_UNKNOWN"
    /// The bounds of a date are not those of this machine's time zone data.
    case zoneDisagrees = "ZONE_DISAGREES"
    /// A record tells of a date that a receipted day record had closed.
    case dateClosed = "DATE_CLOSED"
    /// A day record tells of a lower peak than a receipted sample of its date.
    case peakLowered = "PEAK_LOWERED"
    /// A record gives its license another revision than the license has.
    case revisionMismatch = "REVISION_MISMATCH"
    /// A record is earlier than what the installation had said before.
    case timeWentBack = "TIME_WENT_BACK"
    /// A record lies more than a day ahead of this machine's clock.
    case clockAhead = "CLOCK_AHEAD"
    /// The program that counts has another root compiled in.
    case foreignRoot = "FOREIGN_ROOT"
    /// An installation whose place was taken goes on reporting.
    case replacedReports = "REPLACED_REPORTS"
    /// An installation whose seat staff freed goes on reporting.
    case releasedReports = "RELEASED_REPORTS"
  }

  package let code: Code
  /// The record that showed it first.
  package let seq: Int64
  package let firstAt: Int64
  package let lastAt: Int64
  package let count: Int64

  package init(code: Code, seq: Int64, firstAt: Int64, lastAt: Int64, count: Int64) {
    self.code = code
    self.seq = seq
    self.firstAt = firstAt
    self.lastAt = lastAt
    self.count = count
  }
}
