import Libcrypto
import Sealing
import Testing
import TestSupport

/// Documents that an installation seals with its own key.
struct InstallationSealTests {
  private struct Carrier: InstallationPayload {
    static let kind = DocumentKind.enrolment
    var jwk: PublicKey

    init(jwk: PublicKey) { self.jwk = jwk }
    init(reading reader: inout ObjectReader) throws(Refusal) {
      jwk = try PublicKey(jwk: try reader.value("jwk"))
    }
    var members: [JSONMember] { [JSONMember("jwk", jwk.jwk)] }
  }

  private let own: EVPSigner
  private let other: EVPSigner
  private let crypto = LibcryptoProvider()

  init() throws {
    own = try ForgingKey.ed25519(0x31)
    other = try ForgingKey.ed25519(0x32)
  }

  private func openCarrier(_ text: String) -> Refusal.Code? {
    do throws(Refusal) {
      _ = try InstallationSeal.openSelfSealed(
        Array(text.utf8), as: Carrier.self, using: crypto)
      return nil
    } catch { return error.code }
  }

  @Test func `a key that a document carries opens that document`() throws {
    let text = try Seal.seal(
      Carrier(jwk: own.publicKey).json.serialized, kind: .enrolment, by: own)
    #expect(openCarrier(text) == nil)
  }

  @Test func `the key carried must be the key named and must have signed`() throws {
    let payload = Carrier(jwk: own.publicKey).json.serialized
    #expect(openCarrier(try Seal.seal(payload, kind: .enrolment, by: other)) == .unknownKey)
    let header = ForgedDocument.header(
      kid: "\"\(own.thumbprint)\"", type: "\"tally-enrolment+jwt\"")
    let forged = try ForgedDocument.jws(header: header, payload: payload, signedBy: other)
    #expect(openCarrier(forged) == .signatureInvalid)
  }

  @Test func `a key unfit to trust is refused before it verifies anything`() throws {
    let zero = [UInt8](repeating: 0, count: 32)
    let jwk = "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"\(Base64.encode(zero, .url))\"}"
    let payload = Array("{\"ver\":1,\"jwk\":\(jwk)}".utf8)
    let kid = Thumbprint(crypto.sha256(Array(jwk.utf8)))
    let document = ForgedDocument.jws(
      header: ForgedDocument.header(kid: "\"\(kid)\"", type: "\"tally-enrolment+jwt\""),
      payload: payload, signature: zero + zero)
    #expect(openCarrier(document) == .keyNotAllowed)
  }

  @Test func `a record of another installation is not ours`() throws {
    let seal = InstallationSeal(key: own.publicKey, cryptography: crypto)
    let payload = OwnSlot<UsageKind>().json.serialized
    let theirs = try Seal.seal(payload, kind: .usage, by: other)
    #expect(throws: Refusal(.unknownKey, "")) {
      try seal.open(Array(theirs.utf8), as: OwnSlot<UsageKind>.self)
    }
    #expect(throws: Refusal(.unknownKey, "")) {
      try seal.openCommitted(Array(theirs.utf8), as: OwnSlot<UsageKind>.self)
    }
    let ours = try Seal.seal(payload, kind: .usage, by: own)
    #expect(try seal.open(Array(ours.utf8), as: OwnSlot<UsageKind>.self).kid == own.thumbprint)
  }
}
