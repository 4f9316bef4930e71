import Libcrypto
import Sealing
import Testing
import TestSupport

/// `kid` is 43 letters of canonical base64url, looked up byte for byte, and never anything else.
struct KeyNameTests {
  private let vendor: SlotVendor
  private let trust: TrustSet
  private let key: EVPSigner

  init() throws {
    vendor = try SlotVendor()
    trust = try vendor.trust()
    key = try vendor.key(.license)
  }

  private func code(_ kid: String) throws -> Refusal.Code? {
    let document = try ForgedDocument.jws(
      header: ForgedDocument.header(kid: kid, type: "\"tally-license+jwt\""),
      payload: Slot<LicenseKind>().json.serialized, signedBy: key)
    do throws(Refusal) {
      _ = try trust.open(document, in: Slot<LicenseKind>.self)
      return nil
    } catch { return error.code }
  }

  /// As JSON; `KID` stands for the right one.
  private static let hostile = [
    "\"\"", "null", "0", "true", "[\"KID\"]", "{\"kid\":\"KID\"}", "\" KID\"", "\"KID \"",
    "\"KID\\n\"", "\"KID\\r\\n\"", "\"KID\\u0000\"", "\"\\u0000\"", "\"KID=\"", "\"KID==\"",
    "\"KID.\"", "\"KIDA\"", "\"../../etc/passwd\"", "\"/dev/null\"", "\"file:///dev/null\"",
    "\"keys/KID\"", "\"./KID\"", "\"KID/..\"", "\"C:\\\\KID\"", "\"' OR '1'='1\"",
    "\"KID'; DROP TABLE keys;--\"", "\"x' UNION SELECT 'k\"", "\"| cat /etc/passwd\"",
    "\"$(id)\"", "\"%s%n\"", "\"%2e%2e%2f\"", "\"${jndi:ldap://x.example}\"",
    "\"https://attacker.example/KID\"", "\"KID\\u0301\"", "\"\\u200BKID\"", "\"\\uFEFFKID\"",
    "\"\\u202EKID\"", "\"__proto__\"", "\"default\"", "\"*\"", "\"2jmj7l5rSw0yVb_vlWAYkK_YBwk\"",
  ]

  @Test func `a name of another form is malformed`() throws {
    #expect(Self.hostile.count == 40)
    for kid in Self.hostile {
      let written = kid.replacing("KID", with: key.thumbprint.text)
      #expect(try code(written) == .malformed, "\(kid)")
    }
  }

  @Test func `a name that is too long is malformed`() throws {
    for count in [42, 44, 64, 86, 300, 600] {
      #expect(
        try code("\"\(String(repeating: "A", count: count))\"") == .malformed, "\(count)")
    }
  }

  @Test func `spellings near the right name are never it`() throws {
    let name = key.thumbprint.text
    for index in name.indices {
      var other = name
      other.replaceSubrange(index...index, with: name[index] == "A" ? "B" : "A")
      let code = try code("\"\(other)\"")
      #expect(code == .unknownKey || code == .malformed, "\(other)")
      other = name
      let swapped = String(name[index]).swapCase
      guard swapped != String(name[index]) else { continue }
      other.replaceSubrange(index...index, with: swapped)
      #expect([.unknownKey, .malformed].contains(try self.code("\"\(other)\"")), "\(other)")
    }
    let standard = name.replacing("-", with: "+").replacing("_", with: "/")
    if standard != name { #expect(try code("\"\(standard)\"") == .malformed) }
  }

  @Test func `the name of no key is unknown`() throws {
    #expect(try code("\"\(String(repeating: "A", count: 43))\"") == .unknownKey)
    #expect(try code("\"\(vendor.root.thumbprint)\"") == .unknownKey)
  }

  @Test func `the name of another key does not make its signature`() throws {
    let other = try ForgingKey.ed25519(0x44)
    let document = try ForgedDocument.jws(
      header: ForgedDocument.header(
        kid: "\"\(key.thumbprint)\"", type: "\"tally-license+jwt\""),
      payload: Slot<LicenseKind>().json.serialized, signedBy: other)
    #expect(throws: Refusal(.signatureInvalid, "")) {
      try trust.open(document, in: Slot<LicenseKind>.self)
    }
  }
}

extension String {
  fileprivate var swapCase: String {
    self == lowercased() ? uppercased() : lowercased()
  }
}
