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
    return Lease(
      of: license, activation: activation.flatMap { isOwn($0.installation) ? $0 : nil },
      receipts: standing?.receipts.map(\.payload).filter { isOwn($0.installation) } ?? [])
  }
}
