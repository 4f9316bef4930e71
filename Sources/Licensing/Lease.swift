import Sealing

/// How long use may go on without a further acknowledged report.
///
/// Rules:
/// 1. Evidence is the newest of the license's `iat`, the activation, and the newest receipt that grants
///    a lease.
/// 2. The lease ends so many hours after it, and for a receipt no later than it says. Half a lease
///    before its end it is late.
/// 3. Nobody can report before the term begins. So while no receipt is the newest evidence, the lease
///    runs from the begin of use where that is later: a line's first license from its own begin, an
///    activation from the begin of the license that it was for. Each of them does so once, which is
///    what signing it on that day would have given.
/// 4. An activation says nothing of a revision below the one that it names, and where a later one begins
///    before that, the very next one alone brings its own begin.
package struct Lease: Sendable, Equatable {
  package enum Evidence: String, Sendable {
    case license
    case activation
    case receipt
    /// The begin of use, of a license or activation signed before it.
    case begin
  }

  package let evidence: Evidence
  /// When the evidence was issued, or from when it counts.
  package let since: Int64
  package let hours: Int64
  /// The first second in which a report is late.
  package let late: Int64
  /// The first second after the lease.
  package let ends: Int64

  /// When use begins, as far as a lease looks at it.
  package struct Begins: Sendable, Equatable {
    /// The first second of the license, nil where use begins at once.
    package var license: Int64?
    /// The first second of the license that the activation names; nil where that is not at hand, or
    /// its use began at once.
    package var activated: Int64?

    package init(license: Int64? = nil, activated: Int64? = nil) {
      self.license = license
      self.activated = activated
    }
  }

  /// The lease of a license, nil where it has none.
  /// - Parameters:
  ///   - begins: when use begins.
  ///   - activation: counts if it is for the license's line.
  ///   - receipts: those of this installation, in any order.
  package init?(
    of license: License, begins: Begins = Begins(), activation: Activation?, receipts: [Receipt]
  ) {
    guard let hours = license.reporting.leaseHours else { return nil }
    let seconds = hours * 3600
    let activation = activation.flatMap { $0.line == license.line ? $0 : nil }
    let signed = max(license.iat, activation?.iat ?? license.iat)
    self.hours = hours
    if let receipt = Self.newest(receipts, seconds, since: signed) {
      evidence = .receipt
      (since, ends) = receipt
    } else {
      (evidence, since) = Self.start(license, begins, activation)
      ends = since + seconds
    }
    late = ends - seconds / 2
  }

  /// The newest receipt that grants a lease, and of several of one instant the longest.
  private static func newest(
    _ receipts: [Receipt], _ seconds: Int64, since: Int64
  ) -> (since: Int64, ends: Int64)? {
    var newest: (since: Int64, ends: Int64)?
    for receipt in receipts where receipt.iat >= since {
      guard let through = receipt.leaseThrough else { continue }
      let ends = min(receipt.iat + seconds, through)
      if let newest, (newest.since, newest.ends) >= (receipt.iat, ends) { continue }
      newest = (receipt.iat, ends)
    }
    return newest
  }

  /// Where the lease starts by what was signed before there were receipts.
  private static func start(
    _ license: License, _ begins: Begins, _ activation: Activation?
  ) -> (evidence: Evidence, since: Int64) {
    var start = (evidence: Evidence.license, since: license.iat)
    if let activation, activation.iat >= start.since { start = (.activation, activation.iat) }
    // Only the first of a line: of those that follow, each bought early would be a lease of its own.
    var begin = license.revision == 1 ? begins.license : nil
    if let activation, license.revision >= activation.revision, let activated = begins.activated {
      let own = begins.license ?? activated
      if own >= activated {
        begin = max(begin ?? activated, activated)
      } else if license.revision == activation.revision + 1 {
        // The next revision moved the begin of use to an earlier day. Were any later one taken, a
        // chain of short renewals would bring a lease each.
        begin = max(begin ?? own, own)
      }
    }
    guard let begin, begin > start.since else { return start }
    return (.begin, begin)
  }

  /// What a gateway writes into a receipt: the earlier of its own time and the installation's
  /// newest word, and the lease's hours. Keeping records back gains nothing.
  package static func through(gatewayTime: Int64, newestWord: Int64, hours: Int64) -> Int64 {
    let last = SealedLimits.instants.upperBound
    let start = max(0, min(gatewayTime, newestWord, last))
    let bounded = min(max(hours, 0), LicenseLimits.leaseHours.upperBound)
    return min(start + bounded * 3600, last)
  }
}
