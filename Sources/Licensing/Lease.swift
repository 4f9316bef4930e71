import Sealing

/// How long use may go on without a further acknowledged report.
///
/// Evidence is the newest of the license's `iat`, the activation, and the newest receipt that
/// grants a lease. The lease ends so many hours after it, and for a receipt no later than it says.
/// Half a lease before its end it is late.
package struct Lease: Sendable, Equatable {
  package enum Evidence: String, Sendable {
    case license
    case activation
    case receipt
  }

  package let evidence: Evidence
  /// When the evidence was issued.
  package let since: Int64
  package let hours: Int64
  /// The first second in which a report is late.
  package let late: Int64
  /// The first second after the lease.
  package let ends: Int64

  /// The lease of a license, nil where it has none.
  /// - Parameters:
  ///   - activation: counts if it is for the license's line.
  ///   - receipts: those of this installation, in any order.
  package init?(of license: License, activation: Activation?, receipts: [Receipt]) {
    guard let hours = license.reporting.leaseHours else { return nil }
    let seconds = hours * 3600
    var evidence = Evidence.license
    var since = license.iat
    var ends = license.iat + seconds
    if let activation, activation.line == license.line, activation.iat >= since {
      evidence = .activation
      since = activation.iat
      ends = activation.iat + seconds
    }
    for receipt in receipts where receipt.iat >= since {
      guard let through = receipt.leaseThrough else { continue }
      let end = min(receipt.iat + seconds, through)
      if receipt.iat == since && evidence == .receipt && end < ends { continue }
      evidence = .receipt
      since = receipt.iat
      ends = end
    }
    self.evidence = evidence
    self.since = since
    self.hours = hours
    self.ends = ends
    self.late = ends - seconds / 2
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
