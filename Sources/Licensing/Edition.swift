/// The four ways in which the platform is sold.
package enum Edition: String, Sendable, CaseIterable {
  /// Used for a term of at least a year.
  case subscription
  /// Used for ever; covers its own release and those of its maintenance.
  case perpetual
  /// Used for a term of at least a day and within the lease; billed by the daily peak.
  case payg
  /// Free; each release for 180 days.
  case community
}

/// What happens to a collector above the limit.
package enum Overage: String, Sendable, CaseIterable {
  case refuse
  case record
}

/// What a date with more than an hour unobserved bills.
package enum GapRule: String, Sendable, CaseIterable {
  /// At least the highest peak of the latest well observed dates.
  case carry
  /// What was observed.
  case observed
}

/// How an installation reports its usage.
package enum ReportingMode: String, Sendable, CaseIterable {
  case realtime
  case daily
  /// Nothing ever dials; usage travels as bundles, if at all.
  case offline
}

/// Whether a license is bound to activated installations.
package enum ActivationRule: String, Sendable, CaseIterable {
  case required
  /// Binds nobody.
  case optional
}

/// Where a deny takes effect.
package enum Enforcement: String, Sendable, CaseIterable {
  /// When the platform starts.
  case start
  /// At the intake of the collectors' data as well.
  case intake
}

/// The members of a license that depend on its edition, by their path.
package enum EditionMember: String, Sendable, CaseIterable {
  case term
  case maintenance
  case release
  case limit = "collectors.limit"
  case graceDays = "grace_days"
  case reporting
  case leaseHours = "reporting.lease_hours"
  case price
}

/// Whether a member must, may or must not stand.
package enum Requirement: String, Sendable {
  case required
  case optional
  case forbidden
}

extension Edition {
  /// The table of which member stands in which edition; members not in it stand in every edition.
  package func requirement(of member: EditionMember) -> Requirement {
    switch (member, self) {
    case (.term, .subscription), (.term, .payg): .required
    case (.term, .perpetual), (.term, .community): .forbidden
    case (.maintenance, .perpetual), (.release, .perpetual): .required
    case (.maintenance, _), (.release, _): .forbidden
    case (.limit, .subscription), (.limit, .perpetual): .required
    case (.limit, .payg), (.limit, .community): .optional
    case (.graceDays, .subscription), (.graceDays, .payg): .required
    case (.graceDays, .perpetual), (.graceDays, .community): .forbidden
    case (.reporting, .payg): .required
    case (.reporting, _): .optional
    case (.leaseHours, .payg): .required
    case (.leaseHours, .subscription), (.leaseHours, .perpetual): .optional
    case (.leaseHours, .community): .forbidden
    case (.price, .payg): .required
    case (.price, _): .forbidden
    }
  }

  /// The ways of reporting that the edition allows.
  package var reportingModes: [ReportingMode] {
    switch self {
    case .subscription, .perpetual: [.realtime, .daily, .offline]
    case .payg: [.realtime, .offline]
    case .community: [.offline]
    }
  }

  package var defaultGaps: GapRule { self == .payg ? .carry : .observed }
  package var defaultActivation: ActivationRule { self == .payg ? .required : .optional }

  /// Whether the right to run ends with a date or a lease. For a perpetual license it never does,
  /// so that it runs on a machine whose clock cannot be read.
  package var needsClock: Bool { self != .perpetual }

  /// How long a release of the community edition may be used, the release day not counted.
  package static let communityDays: Int64 = 180
}
