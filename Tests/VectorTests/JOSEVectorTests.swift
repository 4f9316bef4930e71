import Libcrypto
import Sealing
import Testing
import TestSupport

/// The examples of RFC 7515, 7520, 7797 and 8037 at every way in: none is a document of ours.
///
/// They fail for a reason each time (no `kid` of ours, no `typ`, an algorithm that is not ours, `crit`,
/// `b64`, a detached payload, unprotected headers, JSON serialization), and always before a key is
/// looked up: `MALFORMED`. Their RSA signatures are also given to the primitive beside their own key.
struct JOSEVectorTests {
  private static func cookbook() throws -> [String] {
    try VectorFiles.names(in: VectorFiles.cookbook)
      + VectorFiles.names(in: "\(VectorFiles.cookbook)/curve25519")
      + VectorFiles.names(in: "\(VectorFiles.cookbook)/rfc7797")
  }

  private static func compact() throws -> [(name: String, text: String)] {
    var found: [(name: String, text: String)] = []
    for path in try cookbook() {
      if let text = try VectorFiles.json(path)["output"]?["compact"]?.string {
        found.append((path, text))
      }
    }
    let rfc = try VectorFiles.json("\(VectorFiles.rfc7515)/appendix_a.json")
    guard case .object(let members) = rfc else { return [] }
    for member in members {
      if let text = member.value["jws"]?.string { found.append((member.name, text)) }
    }
    return found
  }

  private static func serialized() throws -> [(name: String, text: String)] {
    try cookbook().flatMap { path in
      let output = try VectorFiles.json(path)["output"]
      return ["json", "json_flat"].compactMap { form in
        (output?[form]).map { ("\(path) \(form)", $0.text) }
      }
    }
  }

  @Test func `the folder has eight examples of signing, one of RFC 8037 and two of RFC 7797`()
    throws
  {
    #expect(try VectorFiles.names(in: VectorFiles.cookbook).count == 8)
    #expect(try Self.cookbook().count == 11)
    #expect(try Self.compact().count == 11)
    #expect(try Self.serialized().count == 21)
    #expect(try VectorFiles.names(in: VectorFiles.rfc7515).count == 1)
  }

  @Test func `no compact example opens any door`() throws {
    let house = try House()
    let doors = try house.doors()
    for (name, text) in try Self.compact() {
      for door in doors {
        let code = door.open(text)
        #expect(code == .malformed, "\(name) at \(door.name): \(code as Any)")
      }
      #expect(throws: Refusal.malformed(""), "\(name)") { try KeysetDocument(Array(text.utf8)) }
    }
    #expect(house.trust.keyset == house.keyset)
  }

  @Test func `no example in JSON serialization is a keyset or opens any door`() throws {
    let house = try House()
    let doors = try house.doors()
    for (name, text) in try Self.serialized() {
      #expect(throws: Refusal.malformed(""), "\(name)") { try house.trust.advanced(by: [text]) }
      #expect(throws: Refusal.malformed(""), "\(name)") {
        try TrustSet.establish(
          roots: house.roots, keysets: [text], using: LibcryptoProvider())
      }
      for door in doors {
        #expect(door.open(text) == .malformed, "\(name) at \(door.name)")
      }
    }
    #expect(house.trust.keyset == house.keyset)
  }

  @Test func `an example's header over our payload opens no door, whoever signs it`() throws {
    let house = try House()
    let doors = try house.doors()
    var count = 0
    for (name, text) in try Self.compact() {
      let header = try #require(
        text.split(separator: ".").first.flatMap { Base64.decode($0.utf8, .url) })
      for door in doors {
        let payload = try FormatExamples.payload(door.kind) ?? []
        let forged = try House.compact(header: header, payload: payload, signedBy: door.signer)
        #expect(door.open(forged) == .malformed, "\(name) at \(door.name)")
        count += 1
      }
    }
    #expect(count == 11 * 20)
  }

  @Test func `an RSA example does not verify under its own key, since it is not PS256`() throws {
    let crypto = LibcryptoProvider()
    var checked = 0
    for path in try Self.cookbook() {
      let example = try VectorFiles.json(path)
      let single = example["signing"].map { [$0] } ?? []
      let signings = single.flatMap { $0.elements.isEmpty ? [$0] : $0.elements }
      let keyed = example["input"]?["key"].map { $0.elements.isEmpty ? [$0] : $0.elements } ?? []
      for (signing, key) in zip(signings, keyed) {
        guard key["kty"]?.string == "RSA", let modulus = key["n"]?.string,
          let bytes = Base64.decode(modulus.utf8, .url),
          let input = signing["sig-input"]?.string, let text = signing["sig"]?.string,
          let signature = Base64.decode(text.utf8, .url)
        else { continue }
        let loaded = try PublicKey(rsaModulus: bytes)
        #expect(!crypto.verify(signature, of: Array(input.utf8), by: loaded), "\(path)")
        checked += 1
      }
    }
    // RS256, PS384 and the RS256 of several signatures.
    #expect(checked == 3)
  }

  @Test func `the keys of RFC 7520 are no keys of ours, but for one stripped to its thumbprint`()
    throws
  {
    let house = try House()
    let names = try VectorFiles.names(in: "\(VectorFiles.cookbook)/jwk")
    #expect(names.count == 6)
    #expect(KeySlot.all.count == 6)
    for name in names {
      let jwk = try VectorFiles.json(name)
      for slot in KeySlot.all {
        let code = slot.code(jwk, house)
        #expect(
          code == .keyNotAllowed || code == .malformed || code == .damaged, "\(name), \(slot.name)")
      }
      guard let modulus = jwk["n"] else { continue }
      let stripped: JSONValue = ["e": "AQAB", "kty": "RSA", "n": modulus]
      let key = try PublicKey(jwk: stripped)
      #expect(
        key.thumbprint(using: LibcryptoProvider()).text
          == "9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI")
      for slot in KeySlot.all where slot.name != "an enrolment's jwk" {
        // As the only root it is right in form, and has not signed.
        let expected: Refusal.Code? = slot.name == "a keyset's roots" ? .signatureInvalid : nil
        #expect(slot.code(stripped, house) == expected, "\(slot.name)")
      }
    }
  }

  @Test func `the keys of RFC 7515 are no keys of ours but for the RSA one`() throws {
    let house = try House()
    let rfc = try VectorFiles.json("\(VectorFiles.rfc7515)/appendix_a.json")
    guard case .object(let members) = rfc else { return }
    var seen: [String] = []
    for member in members {
      guard let jwk = member.value["jwk"] else { continue }
      seen.append(member.name)
      let isRSA = jwk["kty"]?.string == "RSA"
      for slot in KeySlot.all where !isRSA {
        #expect(slot.code(jwk, house) != nil, "\(member.name), \(slot.name)")
      }
      if isRSA { #expect(throws: Never.self) { try PublicKey(jwk: jwk) } }
    }
    // The last one, `alg: none`, says null where its key would stand.
    #expect(
      seen == ["A.1_HS256", "A.2_RS256", "A.3_ES256", "A.5_unsecured_none_MUST_REJECT"])
  }
}
