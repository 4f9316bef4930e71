import CivilTime
import Sealing

extension Rules {
  /// Both the release document and the platform's own word are there.
  ///
  /// Every edition needs both, or the newest document laid beside an old program would speak for
  /// it. Only a perpetual license's own release is known by its version alone.
  static func releaseUnknown(_ matter: Matter) -> [Finding] {
    guard let license = matter.license else { return [] }
    let running = matter.situation.running
    if runsOwnRelease(license, matter) { return [] }
    var missing: [String] = []
    if matter.situation.judgedRelease == nil { missing.append("release") }
    if running == nil { missing.append("running") }
    guard !missing.isEmpty else { return [] }
    var facts = matter.facts
    facts.add(.missing, missing.joined(separator: " "))
    facts.add(.running, running?.description)
    facts.add(.release, matter.situation.judgedRelease?.version)
    return [matter.finding(.releaseUnknown, facts)]
  }

  /// What runs is what the document describes; a commit is compared where both sides name one.
  static func releaseMismatch(_ matter: Matter) -> [Finding] {
    guard let release = matter.situation.judgedRelease, let running = matter.situation.running
    else { return [] }
    let isSameVersion = release.version.isSameBytes(as: running.version)
    var isSameCommit = true
    if let commit = release.commit, let other = running.commit {
      isSameCommit = commit.isSameBytes(as: other)
    }
    guard !isSameVersion || !isSameCommit else { return [] }
    var facts = Facts()
    facts.add(.running, running.description)
    facts.add(.release, release.version)
    facts.add(.releaseCommit, release.commit)
    return [matter.finding(.releaseMismatch, facts)]
  }

  /// The release came out while the license covered new ones.
  static func releaseNotCovered(_ matter: Matter) -> [Finding] {
    guard let license = matter.license, let release = matter.situation.judgedRelease,
      let through = license.coversThrough, !runsOwnRelease(license, matter),
      release.coverageDate > through
    else { return [] }
    var facts = matter.facts
    facts.add(.release, release.version)
    facts.add(.released, release.released)
    facts.add(.coveredAsOf, release.coveredAsOf)
    facts.add(.basis, license.maintenance == nil ? "term" : "maintenance")
    facts.add(.through, through)
    facts.add(.newestCovered, newestCovered(by: license, through, matter))
    return [matter.finding(.releaseNotCovered, facts)]
  }

  /// The community edition uses a release through its day and 180 more.
  static func releaseExpired(_ matter: Matter) -> [Finding] {
    guard let period = communityPeriod(matter), let now = matter.now, now >= period.ends else {
      return []
    }
    var facts = matter.facts
    facts.add(.release, period.release.version)
    facts.add(.released, period.release.released)
    facts.add(.through, period.release.communityThrough)
    facts.add(.ended, instant: period.ends, in: matter.zone)
    facts.add(.daysAgo, matter.daysSince(period.release.communityThrough, at: now))
    return [matter.finding(.releaseExpired, facts)]
  }

  /// Whether the very release of a perpetual license runs. Its document, where there is one, must
  /// not say otherwise: that is for ``releaseMismatch(_:)``.
  private static func runsOwnRelease(_ license: License, _ matter: Matter) -> Bool {
    guard let own = license.release, let running = matter.situation.running else { return false }
    return own.isSameBytes(as: running.version)
  }

  private static func newestCovered(
    by license: License, _ through: CivilDate, _ matter: Matter
  ) -> String? {
    let covered = matter.situation.knownReleases.map(\.payload).filter {
      $0.product.isSameBytes(as: license.product) && $0.coverageDate <= through
    }
    let newest = covered.max { ($0.released, $0.iat) < ($1.released, $1.iat) }
    return newest?.version ?? license.release
  }
}

extension License {
  /// The last date on which a release may have come out to be covered, nil where every one is.
  var coversThrough: CivilDate? {
    switch edition {
    case .subscription, .payg: term?.through
    case .perpetual: maintenance?.through
    case .community: nil
    }
  }
}

/// The days of the release that a community license runs.
struct CommunityPeriod {
  let release: Release
  /// From the first second after the release day.
  let begins: Int64
  /// The first second after the last day.
  let ends: Int64
}

extension Rules {
  static func communityPeriod(_ matter: Matter) -> CommunityPeriod? {
    guard matter.edition == .community, let release = matter.situation.judgedRelease else {
      return nil
    }
    let begins = matter.zone.day(of: release.released).upperBound
    let ends = matter.zone.day(of: release.communityThrough).upperBound
    return CommunityPeriod(release: release, begins: begins, ends: max(begins, ends))
  }
}
