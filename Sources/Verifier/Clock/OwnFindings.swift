package import CivilTime
package import Licensing
internal import Metering
internal import Sealing
internal import Synchronization

/// What only the running verifier can find: in its ledger, its count, its clock.
package final class OwnFindings: Sendable {
  private let damage: Mutex<LedgerDamage?>
  private let failure = Mutex<VerifierError?>(nil)

  package init(damage: LedgerDamage?) {
    self.damage = Mutex(damage)
  }

  /// Something is wrong with the ledger; the first thing found stays.
  package func note(_ found: LedgerDamage) {
    damage.withLock { $0 = $0 ?? found }
  }

  /// More is known of what is wrong with the ledger.
  package func renote(_ found: LedgerDamage) {
    damage.withLock { $0 = LedgerDamage(seq: $0?.seq ?? found.seq, reason: found.reason) }
  }

  /// Another ledger has taken the place of the one that was damaged.
  package func settle() {
    damage.withLock { $0 = nil }
  }

  /// The disk of the state folder fails, for another reason than a want of space.
  package func fail(_ error: VerifierError) {
    failure.withLock { $0 = $0 ?? error }
  }

  /// The first fault of the disk, for which the process must end; nil while there is none.
  package var fault: VerifierError? { failure.withLock { $0 } }

  /// What is known to be wrong with the ledger, nil if nothing.
  package var noted: LedgerDamage? { damage.withLock { $0 } }

  /// All findings.
  package func all(_ view: MeterView?, clock: StandingFinding?, zone: Zone) -> [StandingFinding] {
    var findings: [StandingFinding] = []
    if let clock { findings.append(clock) }
    if let damage = damage.withLock({ $0 }) {
      var facts = Facts()
      facts.add(.seq, damage.seq)
      facts.add(.reason, damage.reason)
      findings.append(StandingFinding(.ledgerDamaged, facts))
    }
    if let view, view.excess > 0 {
      var facts = Facts()
      facts.add(.online, view.online)
      facts.add(.limit, view.rules.limit)
      facts.add(.since, instant: view.overLimitSince ?? view.now, in: zone)
      findings.append(StandingFinding(.overLimit, facts))
    }
    return findings
  }
}
