package import Serving

/// What the ways in go by that ask for no token.
package struct IntakeSettings: Sendable {
  /// What becomes of a push that cannot be judged.
  package enum Leaning: String, Sendable, CaseIterable {
    case admit
    case refuse
  }

  package var gate: PeerList
  package var identity: IdentityRules
  /// Where there is no license to count by, or no clock.
  package var doubt: Leaning
  /// Where a push names no collector.
  package var unidentified: Leaning

  package init(
    gate: PeerList = .thisMachine, identity: IdentityRules = .standard,
    doubt: Leaning = .admit, unidentified: Leaning = .admit
  ) {
    self.gate = gate
    self.identity = identity
    self.doubt = doubt
    self.unidentified = unidentified
  }
}
