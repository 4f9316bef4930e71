internal import CivilTime
internal import GRDB
package import Sealing

/// What a key in the registry is for: the roots, or one of the online uses.
package enum KeyRole: Sendable, Hashable, CaseIterable, RawRepresentable {
  case root
  case online(KeyUse)

  package static let allCases: [KeyRole] = [.root] + KeyUse.allCases.map { .online($0) }

  package init?(rawValue: String) {
    if rawValue == "root" {
      self = .root
    } else if let use = KeyUse(rawValue: rawValue) {
      self = .online(use)
    } else {
      return nil
    }
  }

  package var rawValue: String {
    switch self {
    case .root: "root"
    case .online(let use): use.rawValue
    }
  }
}

/// A key that the registry knows. Its private half is in ``pem``, unless it is kept elsewhere.
package struct KeyRecord: Sendable, Equatable {
  package let thumbprint: Thumbprint
  package let key: PublicKey
  package let role: KeyRole
  /// First and last second of `iat` that it may seal; they bind online keys only.
  package let from: Int64
  package let through: Int64
  package let constraints: KeyConstraints
  /// The file's path below the registry's folder.
  package let pem: String
  package let createdAt: Int64
  /// When it was retired: the next keyset leaves it out. nil while it stands.
  package internal(set) var retiredAt: Int64?
  /// What the next keyset says of a key that must no longer be believed.
  package internal(set) var revoked: RevokedKey?

  /// Whether the next keyset names it.
  package var stands: Bool { retiredAt == nil && revoked == nil }

  init(
    thumbprint: Thumbprint, key: PublicKey, role: KeyRole, dates: KeyDates,
    constraints: KeyConstraints, createdAt: Int64
  ) {
    self.thumbprint = thumbprint
    self.key = key
    self.role = role
    from = dates.from
    through = dates.through
    self.constraints = constraints
    pem = "keys/\(thumbprint.text).pem"
    self.createdAt = createdAt
    retiredAt = nil
    revoked = nil
  }

  init(_ row: Row) throws {
    let text = try row.decode(String.self, forColumn: "thumbprint")
    do {
      guard let thumbprint = Thumbprint(text),
        let role = try KeyRole(rawValue: row.decode(forColumn: "use"))
      else { throw Refusal.malformed("no thumbprint or use") }
      self.thumbprint = thumbprint
      self.role = role
      let revokedAt = try row.decode(Int64?.self, forColumn: "revoked_at")
      let reason = try row.decode(String?.self, forColumn: "revoked_reason")
      guard (revokedAt == nil) == (reason == nil) else { throw Refusal.malformed("half revoked") }
      revoked = revokedAt.flatMap { at in
        reason.map { RevokedKey(kid: thumbprint, at: at, reason: $0) }
      }
      key = try PublicKey(jwk: Self.json(row.decode(forColumn: "jwk")))
      constraints = try KeyConstraints(
        Self.json(row.decode(forColumn: "constraints")), at: "constraints")
    } catch is Refusal {
      throw AuthorityError.damaged("key \(text.prefix(64)) in the registry cannot be read")
    }
    from = try row.decode(forColumn: "valid_from")
    through = try row.decode(forColumn: "valid_through")
    pem = try row.decode(forColumn: "pem")
    createdAt = try row.decode(forColumn: "created_at")
    retiredAt = try row.decode(forColumn: "retired_at")
  }

  private static func json(_ text: String) throws(Refusal) -> JSONValue {
    try JSONScanner.scan(Array(text.utf8), maximumDepth: 4)
  }

  /// The key as a keyset names it, nil for a root. Whether the next one does is ``stands``.
  var online: OnlineKey? {
    guard case .online(let use) = role else { return nil }
    return OnlineKey(
      key: key, use: use, from: from, through: through, constraints: constraints)
  }
}

/// The first and the last second of `iat` that a key may seal.
package struct KeyDates: Sendable, Equatable {
  package let from: Int64
  package let through: Int64

  /// - Returns: nil when `from` lies after `through`, or one outside the years 1970 to 9999.
  package init?(from: Int64, through: Int64) {
    guard from <= through, SealedLimits.instants.contains(from),
      SealedLimits.instants.contains(through)
    else { return nil }
    self.from = from
    self.through = through
  }

  /// From a day ago, so that a gateway whose clock is behind can use the key at once, for five
  /// years.
  package static func standard(now: Int64) -> KeyDates {
    let today = Zone.utc.date(at: now)
    let end = Zone.utc.day(of: today.adding(years: 5) ?? .last).upperBound - 1
    return KeyDates(from: max(0, now - 86_400), through: end) ?? everything
  }

  private static let everything = KeyDates(unchecked: SealedLimits.instants)

  private init(unchecked range: ClosedRange<Int64>) {
    from = range.lowerBound
    through = range.upperBound
  }
}
