package import CivilTime
package import Licensing
package import Sealing

/// What shows that something should be looked at, as it is noted.
package struct FindingSign: Sendable, Equatable {
  package let code: LedgerFinding.Code
  /// The record that shows it first, and the newest; nil where it is not of a record.
  package let seq: Int64?
  package private(set) var lastSeq: Int64?
  /// How often it was seen, at least 0: 0 where what is known already only goes on.
  package private(set) var count: Int64
  /// The newest date that it is about.
  package private(set) var date: CivilDate?
  /// Of that date the unobserved seconds.
  package private(set) var seconds: Int64?
  /// Of a silence its hours.
  package let level: Int64?

  package init(
    _ code: LedgerFinding.Code, seq: Int64? = nil, count: Int64 = 1, date: CivilDate? = nil,
    seconds: Int64? = nil, level: Int64? = nil
  ) {
    self.code = code
    self.seq = seq
    lastSeq = seq
    self.count = count
    self.date = date
    self.seconds = seconds
    self.level = level
  }

  /// Takes in the same of a later record.
  package mutating func add(_ other: FindingSign) {
    lastSeq = other.lastSeq ?? lastSeq
    count += other.count
    date = other.date ?? date
    seconds = other.seconds ?? seconds
  }
}

/// What noting a sign came to.
package enum FindingChange: Sendable, Equatable {
  /// It is new, or was resolved before.
  case opened
  /// It stood already, and has become worse.
  case escalated
  /// It stood already.
  case counted
}

/// A step in the life of a finding; none is ever changed.
package struct FindingEvent: Sendable, Equatable {
  package enum What: String, Sendable, CaseIterable {
    case opened
    case escalated
    case acknowledged
    case resolved
    case reopened

    /// The state that it leads to, nil where the state stays.
    var state: LedgerFinding.State? {
      switch self {
      case .opened, .reopened: .open
      case .escalated: nil
      case .acknowledged: .acknowledged
      case .resolved: .resolved
      }
    }
  }

  package var what: What
  package var at: Int64
  /// Who: a name that the vendor's staff gave, or that of the gateway.
  package var by: String
  /// In the words of whoever did it; nil where the gateway did.
  package var why: String?
  package var owner: String?
  package var note: String?
  package var resolution: LedgerFinding.Resolution?
  package var level: Int64?

  package init(
    _ what: What, at: Int64, by: String, why: String? = nil, owner: String? = nil,
    note: String? = nil, resolution: LedgerFinding.Resolution? = nil, level: Int64? = nil
  ) {
    self.what = what
    self.at = at
    self.by = by
    self.why = why
    self.owner = owner
    self.note = note
    self.resolution = resolution
    self.level = level
  }
}

/// Which findings a list has; what is nil leaves none out.
package struct FindingFilter: Sendable, Equatable {
  package var state: LedgerFinding.State?
  package var code: LedgerFinding.Code?
  package var line: LineID?
  package var installation: Thumbprint?

  package init(
    state: LedgerFinding.State? = nil, code: LedgerFinding.Code? = nil, line: LineID? = nil,
    installation: Thumbprint? = nil
  ) {
    self.state = state
    self.code = code
    self.line = line
    self.installation = installation
  }
}
