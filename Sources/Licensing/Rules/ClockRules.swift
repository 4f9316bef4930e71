import CivilTime
import Sealing

extension Rules {
  /// How far the wall clock may lie behind the floor.
  private static let tolerance: Int64 = 24 * 3600

  /// The wall clock can be read and is not far behind what the vendor has signed.
  ///
  /// What the running verifier saw of the clock counts too, once.
  static func clockUntrusted(_ matter: Matter) -> [Finding] {
    var facts = Facts()
    guard let wall = matter.situation.wall else {
      facts.add(.reason, "unreadable")
      return [matter.finding(.clockUntrusted, facts)]
    }
    let bounded = max(wall, SealedLimits.instants.lowerBound)
    if let floor = matter.floor, bounded < floor - tolerance {
      facts.add(.wall, instant: bounded, in: matter.zone)
      facts.add(.floor, instant: floor, in: matter.zone)
      facts.add(.secondsBehind, floor - bounded)
      return [matter.finding(.clockUntrusted, facts)]
    }
    let own = matter.standing?.findings.first { $0.code == .clockUntrusted }
    return own.map { [matter.finding(.clockUntrusted, $0.facts)] } ?? []
  }

  /// What the running verifier found in its ledger and count.
  static func standingFindings(_ matter: Matter) -> [Finding] {
    let own = matter.standing?.findings ?? []
    return own.filter { $0.code != .clockUntrusted }.map {
      matter.finding($0.code.finding, $0.facts)
    }
  }
}
