import Libcrypto
import Sealing
import Testing
import TestSupport

/// The protected header: exactly `alg`, `kid` and `typ`, in every way that it can be wrong.
struct HeaderTests {
  private let vendor: SlotVendor
  private let trust: TrustSet
  private let key: EVPSigner
  private static let type = "\"tally-license+jwt\""

  init() throws {
    vendor = try SlotVendor()
    trust = try vendor.trust()
    key = try vendor.key(.license)
  }

  private var kid: String { "\"\(key.thumbprint)\"" }

  private func code(_ header: String) throws -> Refusal.Code? {
    let document = try ForgedDocument.jws(
      header: header, payload: Slot<LicenseKind>().json.serialized, signedBy: key)
    do throws(Refusal) {
      _ = try trust.open(document, in: Slot<LicenseKind>.self)
      return nil
    } catch { return error.code }
  }

  /// The header parameters registered with IANA for JWS and JWE, and a few that libraries know.
  private static let registered: [(name: String, value: String)] = [
    ("jku", "\"https://attacker.example/keys\""), ("jwk", "{\"kty\":\"OKP\"}"),
    ("x5u", "\"https://attacker.example/chain\""), ("x5c", "[\"MIIB\"]"), ("x5t", "\"AA\""),
    ("x5t#S256", "\"AA\""), ("cty", "\"JWT\""), ("crit", "[\"exp\"]"), ("crit", "[]"),
    ("enc", "\"A256GCM\""), ("zip", "\"DEF\""), ("epk", "{}"), ("apu", "\"AA\""),
    ("apv", "\"AA\""), ("iv", "\"AA\""), ("tag", "\"AA\""), ("p2s", "\"AA\""), ("p2c", "1"),
    ("iss", "\"https://license.vendor.example\""), ("sub", "\"cus_1\""), ("aud", "\"platform\""),
    ("b64", "false"), ("b64", "true"), ("ppt", "\"shaken\""), ("url", "\"https://x.example\""),
    ("nonce", "\"AA\""), ("svt", "[]"), ("trust_chain", "[]"), ("iheSSId", "\"AA\""),
    ("cdniip", "\"192.0.2.1\""), ("exp", "1"), ("iat", "1"), ("nbf", "1"), ("jti", "\"lic_1\""),
    ("Alg", "\"EdDSA\""), ("ALG", "\"EdDSA\""), ("alg ", "\"EdDSA\""), ("KID", "\"AA\""),
    ("typ\\u0000", "\"AA\""), ("", "\"\""), ("ver", "2"), ("x", "{\"a\":1}"),
    ("ek", "\"AA\""), ("psk_id", "\"AA\""), ("client_id", "\"x\""), ("keyops", "[]"),
    ("x5t#S512", "\"AA\""), ("jwks", "{\"keys\":[]}"), ("did", "\"did:x:y\""),
    ("kid\\u0301", "\"AA\""),
  ]

  @Test func `the right header opens, in any order and spelling of its JSON`() throws {
    let type = Self.type
    #expect(try code(ForgedDocument.header(kid: kid, type: type)) == nil)
    #expect(try code("{\"typ\":\(type),\"kid\":\(kid),\"alg\":\"EdDSA\"}") == nil)
    #expect(try code(" {\n\"alg\" : \"EdDSA\",\"kid\":\(kid),\"typ\":\(type) }\r\n") == nil)
    #expect(try code("{\"\\u0061lg\":\"EdDSA\",\"kid\":\(kid),\"typ\":\(type)}") == nil)
  }

  @Test func `any further member is malformed`() throws {
    #expect(Self.registered.count == 50)
    for (name, value) in Self.registered {
      let header = ForgedDocument.header(kid: kid, type: Self.type, more: ",\"\(name)\":\(value)")
      #expect(try code(header) == .malformed, "\(name)")
    }
  }

  @Test func `a missing member is malformed`() throws {
    let members = ["\"alg\":\"EdDSA\"", "\"kid\":\(kid)", "\"typ\":\(Self.type)"]
    for index in members.indices {
      var left = members
      left.remove(at: index)
      #expect(try code("{\(left.joined(separator: ","))}") == .malformed, "\(members[index])")
    }
    for header in ["", "{}", "[]", "null", "\"EdDSA\"", "1", "{", "\u{FEFF}{}"] {
      #expect(try code(header) == .malformed, "\(header)")
    }
  }

  @Test func `a member that stands twice is malformed, however it is spelled`() throws {
    for name in ["alg", "kid", "typ"] {
      let value = ["alg": "\"EdDSA\"", "kid": kid, "typ": Self.type][name] ?? ""
      let scalars = Array(name.unicodeScalars)
      let spellings =
        [name]
        + scalars.indices.map { place in
          scalars.indices.map { index in
            index == place
              ? "\\u00" + Hexadecimal.encode([UInt8(scalars[index].value)]) : String(scalars[index])
          }.joined()
        }
      #expect(spellings.count == 4)
      for spelling in spellings {
        let header = ForgedDocument.header(
          kid: kid, type: Self.type, more: ",\"\(spelling)\":\(value)")
        #expect(try code(header) == .malformed, "\(spelling)")
      }
    }
  }

  private static let algorithms = [
    "none", "None", "NONE", "nOnE", "", "HS256", "HS384", "HS512", "RS256", "RS384", "RS512",
    "PS384", "PS512", "ES256", "ES256K", "ES384", "ES512", "Ed25519", "Ed448", "eddsa", "EDDSA",
    "EdDSA ", " EdDSA", "EdDSA\\u0000", "ps256", "PS256\\n", "RSA1_5", "RSA-OAEP", "dir", "A256KW",
    "ECDH-ES", "ML-DSA-44", "B64", "*", "EdDSA,none", "ＥdDSA",
  ]

  @Test func `every algorithm but the two is malformed`() throws {
    #expect(Self.algorithms.count == 36)
    for name in Self.algorithms {
      let header = ForgedDocument.header(algorithm: "\"\(name)\"", kid: kid, type: Self.type)
      #expect(try code(header) == .malformed, "\(name)")
    }
    for value in ["null", "0", "true", "[\"EdDSA\"]", "{\"alg\":\"EdDSA\"}"] {
      let header = ForgedDocument.header(algorithm: value, kid: kid, type: Self.type)
      #expect(try code(header) == .malformed, "\(value)")
    }
  }

  @Test func `none without a signature is malformed`() throws {
    for name in ["none", "None", "nOnE"] {
      let document = ForgedDocument.jws(
        header: ForgedDocument.header(algorithm: "\"\(name)\"", kid: kid, type: Self.type),
        payload: Slot<LicenseKind>().json.serialized, signature: [])
      #expect(throws: Refusal.malformed("")) {
        try trust.open(document, in: Slot<LicenseKind>.self)
      }
    }
  }

  @Test func `a symmetric signature under the public key is malformed`() throws {
    guard case .ed25519(let secret) = key.publicKey else { throw ForgingKey.Failure() }
    for secret in [secret, key.publicKey.jwk.serialized] {
      let header = ForgedDocument.header(algorithm: "\"HS256\"", kid: kid, type: Self.type)
      let payload = Slot<LicenseKind>().json.serialized
      let input = Array(ForgedDocument.signingInput(header: header, payload: payload).utf8)
      let document = ForgedDocument.jws(
        header: header, payload: payload,
        signature: LibcryptoProvider().hmacSHA256(key: secret, input).bytes)
      #expect(throws: Refusal.malformed("")) {
        try trust.open(document, in: Slot<LicenseKind>.self)
      }
    }
  }

  @Test func `the other algorithm is not allowed to the key`() throws {
    let header = ForgedDocument.header(algorithm: "\"PS256\"", kid: kid, type: Self.type)
    #expect(try code(header) == .keyNotAllowed)
  }

  @Test func `a header larger than a kilobyte is malformed`() throws {
    for size in [1024] {
      let right = ForgedDocument.header(kid: kid, type: Self.type)
      let padding = String(repeating: " ", count: max(0, size - right.utf8.count))
      #expect(try code(right + padding) == nil)
      #expect(try code(right + padding + String(repeating: " ", count: 1)) == .malformed)
    }
  }
}
