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

  package init(
    thumbprint: Thumbprint, activatedAt: Int64, replaces: Thumbprint? = nil,
    replacedAt: Int64? = nil
  ) {
    self.thumbprint = thumbprint
    self.activatedAt = activatedAt
    self.replaces = replaces
    self.replacedAt = replacedAt
  }
}
