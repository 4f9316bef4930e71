import Sealing

extension Rules {
  /// The gateway has acknowledged a report recently enough. There is no grace on the lease.
  static func leaseRunningOut(_ matter: Matter) -> [Finding] {
    guard matter.hasBegun, let license = matter.license, let now = matter.now,
      let lease = lease(of: license, matter), now >= lease.late
    else { return [] }
    var facts = matter.facts
    facts.add(.evidence, lease.evidence.rawValue)
    facts.add(.since, instant: lease.since, in: matter.zone)
    facts.add(.leaseHours, lease.hours)
    facts.add(.leaseEnds, instant: lease.ends, in: matter.zone)
    guard now >= lease.ends else {
      facts.add(.hoursLeft, (lease.ends - now) / 3600)
      return [matter.finding(.reportLate, facts)]
    }
    facts.add(.hoursAgo, (now - lease.ends) / 3600)
    return [matter.finding(.reportOverdue, facts)]
  }

  /// Receipts and activations of another installation grant nothing here.
  private static func lease(of license: License, _ matter: Matter) -> Lease? {
    let standing = matter.standing
    let activation = standing?.activation?.payload
    let installation = standing?.installation ?? activation?.installation
    func isOwn(_ other: Thumbprint) -> Bool { installation.map { $0 == other } ?? true }
    let own = activation.flatMap { isOwn($0.installation) ? $0 : nil }
    return Lease(
      of: license, begins: begins(license, own, matter), activation: own,
      receipts: standing?.receipts.map(\.payload).filter { isOwn($0.installation) } ?? [])
  }

  /// When use begins under the license, and under the one that the activation was for.
  private static func begins(
    _ license: License, _ activation: Activation?, _ matter: Matter
  ) -> Lease.Begins {
    let activated = activation.flatMap { activation in
      LicenseLine.descending(matter.licensesAtHand, of: license.line).map(\.payload)
        .first { $0.revision == activation.revision }
    }
    let own = license.period(in: matter.zone).begins
    // Issued again under another key before its first day: the next revision, and the same days.
    let isReissued = matter.standing?.distrusted.contains { lost in
      lost.line == license.line && lost.revision == activation?.revision
        && lost.revision == license.revision - 1 && lost.term?.from == license.term?.from
    }
    return Lease.Begins(
      license: own,
      activated: activated?.period(in: matter.zone).begins ?? (isReissued == true ? own : nil))
  }
}
