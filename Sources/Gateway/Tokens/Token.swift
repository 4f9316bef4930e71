package import Sealing

/// What a bearer token lets its holder do.
package enum TokenScope: String, Sendable, CaseIterable {
  /// Publish licenses, keysets and revocations.
  case publish
  /// Read installations and statements.
  case read
  /// Decide about installations: free seats, permit replacements, close dates.
  case decide
  /// Say where events are sent, and see what became of them.
  case webhooks
}

/// A bearer token of the vendor's API as it is kept: its hash, never itself.
package struct Token: Sendable, Equatable {
  /// Its name in lists and logs: `tok_…`.
  package let id: String
  /// SHA-256 of the token's text.
  package let hash: Digest
  package let scopes: Set<TokenScope>
  /// What it is for, for people.
  package let note: String
  package let createdAt: Int64
  package let expiresAt: Int64
  package let revokedAt: Int64?

  package init(
    id: String, hash: Digest, scopes: Set<TokenScope>, note: String, createdAt: Int64,
    expiresAt: Int64, revokedAt: Int64? = nil
  ) {
    self.id = id
    self.hash = hash
    self.scopes = scopes
    self.note = note
    self.createdAt = createdAt
    self.expiresAt = expiresAt
    self.revokedAt = revokedAt
  }

  package func isValid(at now: Int64) -> Bool { revokedAt == nil && now < expiresAt }
}
