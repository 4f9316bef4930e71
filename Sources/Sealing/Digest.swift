/// A SHA-256 digest: 32 bytes, written in base64url.
package struct Digest: Hashable, Sendable, CustomStringConvertible {
  /// Exactly 32 bytes.
  package let bytes: [UInt8]

  /// - Returns: nil unless there are exactly 32 bytes.
  package init?(_ bytes: [UInt8]) {
    guard bytes.count == 32 else { return nil }
    self.bytes = bytes
  }

  /// - Returns: nil unless the text is the canonical base64url of 32 bytes.
  package init?(base64URL text: String) {
    guard let bytes = Base64.decode(text.utf8.span, .url) else { return nil }
    self.init(bytes)
  }

  /// Half of a digest tells as many apart as any table holds.
  package func hash(into hasher: inout Hasher) {
    func word(_ start: Int) -> UInt64 {
      bytes[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) }
    }
    hasher.combine(word(0))
    hasher.combine(word(8))
  }

  /// 43 characters of base64url.
  package var text: String { Base64.encode(bytes, .url) }
  package var description: String { text }
  package var json: JSONValue { .string(text) }
}

/// The RFC 7638 SHA-256 thumbprint of a public key: the name of a key, and of an installation.
package struct Thumbprint: Hashable, Sendable, CustomStringConvertible {
  package let digest: Digest

  package init(_ digest: Digest) { self.digest = digest }

  /// - Returns: nil unless the text is the canonical base64url of 32 bytes.
  package init?(_ text: String) {
    guard let digest = Digest(base64URL: text) else { return nil }
    self.digest = digest
  }

  /// 43 characters of base64url, as it stands in `kid`.
  package var text: String { digest.text }
  package var description: String { text }
  package var json: JSONValue { .string(text) }
}

extension ObjectReader {
  /// A key's thumbprint.
  package mutating func thumbprint(_ name: String) throws(Refusal) -> Thumbprint {
    Thumbprint(try digest(name))
  }
}
