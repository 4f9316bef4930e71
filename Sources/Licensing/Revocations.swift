package import Sealing

/// The single licenses that the vendor has revoked.
package struct Revocations: VendorPayload {
  package static let kind = DocumentKind.revocations
  package static let use = KeyUse.revocation

  /// One revoked license.
  package struct Entry: Sendable, Equatable {
    package var jti: LicenseID
    /// When it was revoked. A revocation holds from the moment it is known, whatever this says.
    package var at: Int64
    package var reason: String

    package init(jti: LicenseID, at: Int64, reason: String) {
      self.jti = jti
      self.at = at
      self.reason = reason
    }

    fileprivate init(_ value: JSONValue, at path: String) throws(Refusal) {
      var reader = try ObjectReader(value, at: path)
      jti = try reader.identifier("jti")
      at = try reader.instant("at")
      reason = try reader.string("reason")
      try reader.end()
    }

    fileprivate var json: JSONValue {
      ["jti": jti.json, "at": .integer(at), "reason": .string(reason)]
    }
  }

  package var iss: String
  package var iat: Int64
  /// Only grows while the key that signs it stands.
  package var seq: Int64
  package var revoked: [Entry]

  package init(iss: String, iat: Int64, seq: Int64, revoked: [Entry]) {
    self.iss = iss
    self.iat = iat
    self.seq = seq
    self.revoked = revoked
  }

  package init(reading reader: inout ObjectReader) throws(Refusal) {
    iss = try reader.string("iss")
    iat = try reader.instant("iat")
    seq = try reader.integer("seq", in: 1...SealedLimits.counts.upperBound)
    revoked = try reader.array("revoked", maximum: 10_000).enumerated().map {
      index, value throws(Refusal) in
      try Entry(value, at: "revoked[\(index)]")
    }
    guard Set(revoked.map(\.jti)).count == revoked.count else {
      throw .malformed("a license stands twice in revoked")
    }
  }

  package var members: [JSONMember] {
    [
      JSONMember("iss", .string(iss)),
      JSONMember("iat", .integer(iat)),
      JSONMember("seq", .integer(seq)),
      JSONMember("revoked", .array(revoked.map(\.json))),
    ]
  }

  /// The entry of a license, nil where it is not revoked.
  package func entry(of license: LicenseID) -> Entry? {
    revoked.first { $0.jti == license }
  }
}
