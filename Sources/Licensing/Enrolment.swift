package import Sealing

/// An installation asks to be activated under a license; its own key, carried inside, seals it.
package struct Enrolment: InstallationPayload {
  package static let kind = DocumentKind.enrolment

  package var jwk: PublicKey
  package var license: LicenseID
  /// The installation whose place it takes.
  package var replaces: Thumbprint?
  package var iat: Int64

  package init(jwk: PublicKey, license: LicenseID, replaces: Thumbprint? = nil, iat: Int64) {
    self.jwk = jwk
    self.license = license
    self.replaces = replaces
    self.iat = iat
  }

  package init(reading reader: inout ObjectReader) throws(Refusal) {
    jwk = try PublicKey(jwk: try reader.value("jwk"))
    guard jwk.algorithm == .edDSA else {
      throw Refusal(.keyNotAllowed, "jwk must be an Ed25519 key: an installation has no other")
    }
    license = try reader.identifier("license")
    replaces = try reader.optionalDigest("replaces").map { Thumbprint($0) }
    iat = try reader.instant("iat")
  }

  package var members: [JSONMember] {
    var members = [JSONMember("jwk", jwk.jwk), JSONMember("license", license.json)]
    members.add("replaces", replaces?.json)
    members.add("iat", .integer(iat))
    return members
  }
}
