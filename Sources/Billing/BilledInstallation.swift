import CivilTime
package import Sealing

/// An installation as far as a bill rests on it.
package struct BilledInstallation: Sendable, Equatable {
  package var thumbprint: Thumbprint
  /// When it was activated, in Unix seconds.
  package var activatedAt: Int64
  /// The installation whose place it took.
  package var replaces: Thumbprint?
  /// When another took its place, nil while it stands.
  package var replacedAt: Int64?
  /// When the vendor's staff freed its seat, nil while it holds it.
  package var releasedAt: Int64?

  package init(
    thumbprint: Thumbprint, activatedAt: Int64, replaces: Thumbprint? = nil,
    replacedAt: Int64? = nil, releasedAt: Int64? = nil
  ) {
    self.thumbprint = thumbprint
    self.activatedAt = activatedAt
    self.replaces = replaces
    self.replacedAt = replacedAt
    self.releasedAt = releasedAt
  }

  /// When its chain ended, nil while it goes on. From that date on nothing is carried for it, and what it
  /// still reports is billed date by date; dates before are as any other's.
  package var endedAt: Int64? { [replacedAt, releasedAt].compactMap(\.self).min() }
}
