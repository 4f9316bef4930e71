internal import CivilTime
internal import Libcrypto
package import Sealing

/// What is sent for one event: the body, and the headers that sign it (Standard Webhooks 1.0).
package struct WebhookMessage: Sendable, Equatable {
  package let id: String
  package let body: [UInt8]

  package init(id: String, type: String, at: Int64, data: JSONValue) {
    self.id = id
    let payload: JSONValue = [
      "type": .string(type), "timestamp": .string(UTC.text(at)), "data": data,
    ]
    body = payload.serialized
  }

  package init(_ event: StoredEvent) {
    self.init(id: event.id, type: event.type, at: event.at, data: event.data)
  }

  /// A message with a body of its own.
  package init(id: String, body: [UInt8]) {
    self.id = id
    self.body = body
  }

  /// - Parameters:
  ///   - secrets: each signs: the present one first, and while it is rotated the former.
  ///   - now: the time of the attempt; receivers refuse what is old.
  package func headers(
    signedBy secrets: [WebhookSecret], at now: Int64
  ) -> [(name: String, value: String)] {
    let signed = Array("\(id).\(now).".utf8) + body
    let signatures = secrets.map { "v1," + $0.signature(of: signed) }
    return [
      ("webhook-id", id), ("webhook-timestamp", String(now)),
      ("webhook-signature", signatures.joined(separator: " ")),
    ]
  }
}

/// The secret that one endpoint and the gateway share.
package struct WebhookSecret: Sendable, Equatable {
  /// `whsec_` and base64: what the receiver is given, once.
  package let text: String
  private let key: [UInt8]

  private static let prefix = "whsec_"
  /// What the specification allows, in bytes.
  private static let length = 24...64

  /// - Returns: nil for what is no secret.
  package init?(_ text: String) {
    guard text.beginsWithBytes(of: Self.prefix),
      let key = Base64.decode(text.utf8.dropFirst(Self.prefix.utf8.count), .standard),
      Self.length.contains(key.count)
    else { return nil }
    self.text = text
    self.key = key
  }

  /// Makes one of 32 random bytes.
  /// - Throws: ``LibcryptoError``.
  static func random() throws -> WebhookSecret {
    let key = try SecureRandom.bytes(32)
    return WebhookSecret(text: prefix + Base64.encode(key, .standard), key: key)
  }

  private init(text: String, key: [UInt8]) {
    self.text = text
    self.key = key
  }

  /// HMAC-SHA256 in base64.
  func signature(of bytes: [UInt8]) -> String {
    Base64.encode(LibcryptoProvider().hmacSHA256(key: key, bytes).bytes, .standard)
  }
}
