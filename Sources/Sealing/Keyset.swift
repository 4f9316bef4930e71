/// The vendor's online keys, sealed by m of n offline root keys.
package struct Keyset: SealedPayload {
  package static let kind = DocumentKind.keyset

  /// The vendor, as it stands in every document.
  package let iss: String
  /// Only grows.
  package let epoch: Int64
  package let iat: Int64
  /// The roots that verify the next keyset.
  package let roots: RootKeys
  package let keys: [OnlineKey]
  package let revoked: [RevokedKey]

  package init(
    iss: String, epoch: Int64, iat: Int64, roots: RootKeys, keys: [OnlineKey],
    revoked: [RevokedKey]
  ) {
    self.iss = iss
    self.epoch = epoch
    self.iat = iat
    self.roots = roots
    self.keys = keys
    self.revoked = revoked
  }

  package init(reading reader: inout ObjectReader) throws(Refusal) {
    iss = try reader.string("iss")
    epoch = try reader.integer("epoch", in: 1...SealedLimits.counts.upperBound)
    iat = try reader.instant("iat")
    roots = try RootKeys(try reader.value("roots"), at: "roots")
    keys = try reader.array("keys", maximum: 256).enumerated().map { index, value throws(Refusal) in
      try OnlineKey(value, at: "keys[\(index)]")
    }
    revoked = try reader.array("revoked", maximum: 256).enumerated().map {
      index, value throws(Refusal) in
      try RevokedKey(value, at: "revoked[\(index)]")
    }
    guard keys.map(\.key).areDistinct else {
      throw .malformed("a key stands twice in keys: a key has one use")
    }
    guard !keys.contains(where: { roots.keys.contains($0.key) }) else {
      throw .malformed("a root key stands in keys: roots seal keysets and nothing else")
    }
    guard revoked.map(\.kid).areDistinct else {
      throw .malformed("a key stands twice in revoked")
    }
  }

  package var members: [JSONMember] {
    [
      JSONMember("iss", .string(iss)),
      JSONMember("epoch", .integer(epoch)),
      JSONMember("iat", .integer(iat)),
      JSONMember("roots", roots.json),
      JSONMember("keys", .array(keys.map(\.json))),
      JSONMember("revoked", .array(revoked.map(\.json))),
    ]
  }
}

/// Root keys and how many of them must sign.
package struct RootKeys: Sendable, Equatable {
  package let threshold: Int
  package let keys: [PublicKey]

  /// - Throws: ``Refusal`` `MALFORMED` when the threshold cannot be met or a key stands twice.
  package init(threshold: Int, keys: [PublicKey]) throws(Refusal) {
    guard (1...16).contains(threshold), threshold <= keys.count, keys.count <= 16 else {
      throw .malformed("roots: the threshold must be from 1 to the number of keys, at most 16")
    }
    guard keys.areDistinct else { throw .malformed("roots: a key stands twice") }
    self.threshold = threshold
    self.keys = keys
  }

  /// Reads `{"keys":[jwk…],"threshold":n}`, the form of `root.jwks` too.
  package init(_ value: JSONValue, at path: String) throws(Refusal) {
    var reader = try ObjectReader(value, at: path)
    let jwks = try reader.array("keys", maximum: 16)
    let threshold = try reader.integer("threshold", in: 1...16)
    try reader.end()
    let keys = try jwks.enumerated().map { index, jwk throws(Refusal) in
      try PublicKey(jwk: jwk, at: "\(path).keys[\(index)]")
    }
    try self.init(threshold: Int(threshold), keys: keys)
  }

  package var json: JSONValue {
    ["keys": .array(keys.map(\.jwk)), "threshold": .integer(threshold)]
  }

  /// One name for all of them: the SHA-256 of the sorted thumbprints and the threshold.
  package func thumbprint(using cryptography: some Cryptography) -> Thumbprint {
    if keys.count == 1, let key = keys.first { return key.thumbprint(using: cryptography) }
    let names = keys.map { $0.thumbprint(using: cryptography).text }.sorted()
    let text = (names + [String(threshold)]).joined(separator: "\n")
    return Thumbprint(cryptography.sha256(Array(text.utf8)))
  }
}

/// One key of the keyset: what it may sign, and when.
package struct OnlineKey: Sendable, Equatable {
  package let key: PublicKey
  package let use: KeyUse
  /// First and last second of `iat` that the key may seal.
  package let from: Int64
  package let through: Int64
  package let constraints: KeyConstraints

  package init(
    key: PublicKey, use: KeyUse, from: Int64, through: Int64,
    constraints: KeyConstraints = KeyConstraints()
  ) {
    self.key = key
    self.use = use
    self.from = from
    self.through = through
    self.constraints = constraints
  }

  init(_ value: JSONValue, at path: String) throws(Refusal) {
    var reader = try ObjectReader(value, at: path)
    key = try PublicKey(jwk: try reader.value("jwk"), at: "\(path).jwk")
    use = try reader.choice("use", KeyUse.self)
    from = try reader.instant("from")
    through = try reader.instant("through")
    constraints = try KeyConstraints(try reader.value("constraints"), at: "\(path).constraints")
    try reader.end()
    guard from <= through else { throw .malformed("\(path): from lies after through") }
  }

  var json: JSONValue {
    [
      "jwk": key.jwk, "use": .string(use.rawValue), "from": .integer(from),
      "through": .integer(through), "constraints": constraints.json,
    ]
  }
}

/// A key that must no longer be believed, whatever it signed.
package struct RevokedKey: Sendable, Equatable {
  package let kid: Thumbprint
  package let at: Int64
  package let reason: String

  package init(kid: Thumbprint, at: Int64, reason: String) {
    self.kid = kid
    self.at = at
    self.reason = reason
  }

  init(_ value: JSONValue, at path: String) throws(Refusal) {
    var reader = try ObjectReader(value, at: path)
    kid = try reader.thumbprint("kid")
    at = try reader.instant("at")
    reason = try reader.string("reason")
    try reader.end()
  }

  var json: JSONValue {
    ["kid": kid.json, "at": .integer(at), "reason": .string(reason)]
  }
}

extension KeyConstraints {
  package init(_ value: JSONValue, at path: String) throws(Refusal) {
    var reader = try ObjectReader(value, at: path)
    self.init(
      products: try reader.optionalStrings("products"),
      editions: try reader.optionalStrings("editions"),
      maximumDays: try reader.optionalInteger("max_days", in: SealedLimits.counts),
      maximumCollectors: try reader.optionalInteger("max_collectors", in: SealedLimits.counts))
    try reader.end()
  }

  package var json: JSONValue {
    func list(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
    var members: [JSONMember] = []
    if let products { members.append(JSONMember("products", list(products))) }
    if let editions { members.append(JSONMember("editions", list(editions))) }
    if let maximumDays { members.append(JSONMember("max_days", .integer(maximumDays))) }
    if let maximumCollectors {
      members.append(JSONMember("max_collectors", .integer(maximumCollectors)))
    }
    return .object(members)
  }
}

extension ObjectReader {
  /// Up to 64 strings, nil when the member is absent.
  mutating func optionalStrings(_ name: String) throws(Refusal) -> [String]? {
    guard let value = optional(name) else { return nil }
    guard case .array(let elements) = value, elements.count <= 64 else {
      throw .malformed("\(self.name(name)) must be an array of at most 64 strings")
    }
    return try elements.map { element throws(Refusal) in
      guard let text = element.string, !text.isEmpty, text.utf8.count <= 256 else {
        throw .malformed("\(self.name(name)) must hold strings of 1 to 256 bytes")
      }
      return text
    }
  }
}
