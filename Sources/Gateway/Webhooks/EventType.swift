/// What the gateway tells the vendor's own systems of.
package enum EventType: String, Sendable, CaseIterable {
  /// An installation was activated, also in another's place.
  case installationActivated = "installation.activated"
  /// An installation has taken another's place.
  case installationReplaced = "installation.replaced"
  /// The last installation that a license allows was activated.
  case seatsExhausted = "license.seats_exhausted"
  /// A license ends within 30, 7 or 1 days, and no later revision takes over.
  case licenseExpiring = "license.expiring"
  /// A month is over: its statement can be read, as a draft.
  case statementDrafted = "statement.drafted"
  case statementFinal = "statement.final"
  /// A finding that did not stand before.
  case findingOpened = "finding.opened"
}
