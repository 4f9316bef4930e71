package import CivilTime
package import Licensing
package import Sealing

/// Something that the vendor's staff should look at. One for each installation and code; what comes again
/// is counted, and opens it again where it was resolved. So their number is bounded whatever a customer
/// sends.
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
    /// A record tells of a wall clock that was set.
    case clockSuspect = "CLOCK_SUSPECT"
    /// The program that counts has another root compiled in.
    case foreignRoot = "FOREIGN_ROOT"
    /// An installation whose place was taken goes on reporting.
    case replacedReports = "REPLACED_REPORTS"
    /// An installation whose seat staff freed goes on reporting.
    case releasedReports = "RELEASED_REPORTS"
    /// Records came while some before them are missing here.
    case chainGap = "CHAIN_GAP"
    /// A day record tells of more unobserved time than a well observed date has.
    case coverage = "COVERAGE"
    /// Nothing was acknowledged for 24 h, 72 h or 7 days.
    case silent = "SILENT"
    /// A record's peak is above its limit.
    case overLimit = "OVER_LIMIT"
  }

  package enum State: String, Sendable, CaseIterable {
    case open
    /// Somebody looks after it.
    case acknowledged
    case resolved
  }

  /// How one was resolved.
  package enum Resolution: String, Sendable, CaseIterable {
    /// By itself: the gateway saw that it is over.
    case cleared
    /// The cause was put right.
    case fixed
    /// It stands as it is, and is billed as it is.
    case accepted
    /// By a decision or an agreement about the bill.
    case settled
    /// Nothing was wrong.
    case dismissed
  }

  package var id: FindingID
  package var installation: Thumbprint
  package var line: LineID
  package var code: Code
  package var state: State
  /// The record that showed it first, and the newest; nil where it is not of a record.
  package var seq: Int64?
  package var lastSeq: Int64?
  /// When it was seen first, and last.
  package var firstAt: Int64
  package var lastAt: Int64
  /// How often: records, refused reports, silences.
  package var count: Int64
  /// The newest date that it is about, nil where it is about none.
  package var date: CivilDate?
  /// Of that date the unobserved seconds.
  package var seconds: Int64?
  /// Of a silence its hours: 24, 72 or 168.
  package var level: Int64?
  /// Who of the staff looks after it.
  package var owner: String?
  package var note: String?
  /// ``resolvedAt`` stands beside it; both are nil while it is not resolved.
  package var resolution: Resolution?
  package var resolvedAt: Int64?

  package init(
    id: FindingID, installation: Thumbprint, line: LineID, code: Code, state: State = .open,
    seq: Int64? = nil, lastSeq: Int64? = nil, firstAt: Int64, lastAt: Int64, count: Int64,
    date: CivilDate? = nil, seconds: Int64? = nil, level: Int64? = nil, owner: String? = nil,
    note: String? = nil, resolution: Resolution? = nil, resolvedAt: Int64? = nil
  ) {
    self.id = id
    self.installation = installation
    self.line = line
    self.code = code
    self.state = state
    self.seq = seq
    self.lastSeq = lastSeq
    self.firstAt = firstAt
    self.lastAt = lastAt
    self.count = count
    self.date = date
    self.seconds = seconds
    self.level = level
    self.owner = owner
    self.note = note
    self.resolution = resolution
    self.resolvedAt = resolvedAt
  }
}
