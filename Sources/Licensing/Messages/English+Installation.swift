import Sealing

extension English {
  static func clockUntrusted(_ facts: Facts) -> String {
    if facts.text(.reason) == "unreadable" {
      return "the clock cannot be read; set the machine's clock"
    }
    if let behind = facts.number(.secondsBehind) {
      return "the clock says \(facts.instant(.wall) ?? "?"), which is "
        + "\(count(behind / 3600, "hour")) before \(facts.instant(.floor) ?? "?"), an instant "
        + "known to have passed; decisions are made as of the latter: set the machine's clock"
    }
    let moved = facts.number(.secondsMoved).map { " by \(count($0, "second"))" } ?? ""
    return "the clock has moved\(moved) against the time since the machine started; "
      + "set the machine's clock, the warning ends by itself"
  }

  static func ledgerDamaged(_ facts: Facts) -> String {
    let from = facts.number(.seq).map { " from record \($0) on" } ?? ""
    let reason = facts[.reason].map { _ in " (\(facts.text(.reason)))" } ?? ""
    return "the ledger of this installation is damaged\(from)\(reason); "
      + "run tally-verifier usage verify, and activate --replace if it cannot be restored"
  }

  static func overLimit(_ facts: Facts) -> String {
    let since = facts.instant(.since).map { " since \($0)" } ?? ""
    return "\(facts.text(.online)) collectors are online\(since), the license covers "
      + "\(facts.text(.limit)); those online stay so: enlarge the license or stop some"
  }

  static func reportLate(_ facts: Facts) -> String {
    let left = facts.number(.hoursLeft).map { ", \(count($0, "hour")) left" } ?? ""
    return "\(acknowledged(facts)); usage must be reported before "
      + "\(facts.instant(.leaseEnds) ?? "?")\(left): see that the gateway can be reached, or carry "
      + "a bundle to it"
  }

  static func reportOverdue(_ facts: Facts) -> String {
    let ago = facts.number(.hoursAgo).map { ", \(count($0, "hour")) ago" } ?? ""
    return "\(acknowledged(facts)); the lease of \(count(facts.number(.leaseHours) ?? 0, "hour")) "
      + "ended at \(facts.instant(.leaseEnds) ?? "?")\(ago): see that the gateway can be reached, "
      + "or carry a bundle to it"
  }

  private static func acknowledged(_ facts: Facts) -> String {
    let since = facts.instant(.since) ?? "?"
    return switch facts.text(.evidence) {
    case "receipt": "the gateway last acknowledged usage at \(since)"
    case "activation":
      "the gateway has acknowledged no usage since the activation at \(since)"
    case "begin": "the gateway has acknowledged no usage since use began at \(since)"
    default: "the gateway has acknowledged no usage since the license was issued at \(since)"
    }
  }
}
