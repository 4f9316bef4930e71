internal import Libcrypto
package import Platform
internal import Reporting
package import Sealing

/// Bearer tokens of the vendor's API.
package struct TokenService: Sendable {
  private let store: any LedgerStore
  private let clock: any WallClock

  /// What every token begins with, so that scanners for lost secrets find it.
  private static let prefix = "tally_gw_"

  package init(store: any LedgerStore, clock: any WallClock) {
    self.store = store
    self.clock = clock
  }

  /// Makes a token.
  /// - Returns: its text, which is nowhere kept, and what is kept.
  package func make(
    _ scopes: Set<TokenScope>, days: Int64, note: String
  ) async throws -> (text: String, token: Token) {
    let now = try clock.now()
    let text = Self.prefix + Base64.encode(try SecureRandom.bytes(32), .url)
    let token = Token(
      id: "tok_" + Hexadecimal.encode(try SecureRandom.bytes(8)), hash: Self.hash(text),
      scopes: scopes, note: note, createdAt: now, expiresAt: now + days * 86_400)
    try await store.change { try $0.add(token) }
    return (text, token)
  }

  package func list() async throws -> [Token] {
    try await store.read { try $0.tokens() }
  }

  /// - Returns: whether there was such a token that was not revoked.
  package func revoke(_ id: String) async throws -> Bool {
    let now = try clock.now()
    return try await store.change { try $0.revokeToken(id, at: now) }
  }

  /// Holds that a token is known, valid and has the scope.
  /// - Throws: ``Problem`` `UNAUTHORIZED`, `FORBIDDEN`.
  package func require(_ scope: TokenScope, of text: String) async throws {
    let hash = Self.hash(text)
    let now = try clock.now()
    guard let token = try await store.read({ try $0.token(hash: hash) }), token.isValid(at: now)
    else {
      throw Problem(
        .unauthorized,
        "the token is not known here, has expired or was revoked: make a new one "
          + "(tally-gateway token new)")
    }
    guard token.scopes.contains(scope) else {
      throw Problem(
        .forbidden, "token \(token.id) lacks the scope \(scope.rawValue): make one that has it")
    }
  }

  private static func hash(_ text: String) -> Digest {
    LibcryptoProvider().sha256(Array(text.utf8))
  }
}

extension Token {
  /// The token for people and machines; never its text.
  package var json: JSONValue {
    var members = [
      JSONMember("id", .string(id)),
      JSONMember("scopes", .array(scopes.map(\.rawValue).sorted().map { .string($0) })),
      JSONMember("note", .string(note)),
      JSONMember("created_at", .integer(createdAt)),
      JSONMember("expires_at", .integer(expiresAt)),
    ]
    if let revokedAt { members.append(JSONMember("revoked_at", .integer(revokedAt))) }
    return .object(members)
  }
}
