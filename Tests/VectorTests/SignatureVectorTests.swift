import CLibcrypto
import Libcrypto
import Licensing
import Metering
import Sealing
import Testing
import TestSupport

/// Wycheproof's keys and signatures at every way in that takes signature bytes.
///
/// A vector signs a message of its own, never a header and payload of ours. So the valid ones can come
/// in by the primitive alone, which `WycheproofTests` holds vector by vector. Everywhere else each of
/// the 1052 signatures stands under a document of ours with the vector's key in its place (online key,
/// root, installation, enrolment, file): the key must be loaded or refused as it deserves, and no
/// signature may verify, trap or move trust.
struct SignatureVectorTests {
  /// The files, how many vectors each has, and whether our loader takes their keys.
  private static let files: [(name: String, count: Int, isLoaded: Bool)] = [
    ("ed25519", 151, true), ("rsa_pss_2048_sha256_mgf1_0", 103, true),
    ("rsa_pss_2048_sha256_mgf1_32", 108, true),
    ("rsa_pss_2048_sha256_mgf1_32_params", 108, false),
    ("rsa_pss_2048_sha256_mgf1sha1_20", 108, true), ("rsa_pss_3072_sha256_mgf1_32", 108, true),
    ("rsa_pss_3072_sha256_mgf1_32_params", 108, false),
    ("rsa_pss_4096_sha256_mgf1_32", 108, true), ("rsa_pss_misc", 150, true),
  ]

  private struct Group {
    let key: PublicKey
    let signatures: [[UInt8]]
  }

  private static func groups(_ name: String) throws -> [Group] {
    try VectorFiles.json("\(VectorFiles.wycheproof)/\(name)_test.json")["testGroups"]
      .map(\.elements).map { groups in
        try groups.map { group in
          let der = try #require(group["publicKeyDer"]?.string).hexadecimal
          let signatures = (group["tests"]?.elements ?? []).compactMap { $0["sig"]?.string }
          return Group(key: try key(group, der), signatures: signatures.map(\.hexadecimal))
        }
      } ?? []
  }

  /// The group's key; for one with parameters of its own, the plain RSA key with the same numbers.
  private static func key(_ group: JSONValue, _ der: [UInt8]) throws -> PublicKey {
    if let point = group["publicKey"]?["pk"]?.string {
      return try PublicKey(ed25519: point.hexadecimal)
    }
    let modulus =
      group["publicKey"]?["modulus"]?.string ?? group["publicKeyAsn"]?.string ?? ""
    return try PublicKey(rsaModulus: Array(modulus.hexadecimal.drop { $0 == 0 }))
  }

  @Test func `every file of the folder is in the table, with its number of vectors`() throws {
    let names = try VectorFiles.names(in: VectorFiles.wycheproof)
    let expected = Self.files.map { "\(VectorFiles.wycheproof)/\($0.name)_test.json" }
    #expect(Set(names) == Set(expected) && names.count == 9)
    #expect(Self.files.map(\.count).reduce(0, +) == 1052)
    for file in Self.files {
      let json = try VectorFiles.json("\(VectorFiles.wycheproof)/\(file.name)_test.json")
      #expect(json["numberOfTests"]?.integer == Int64(file.count), "\(file.name)")
    }
  }

  /// A document with the vector's signature, named by the vector's key.
  private static func document(
    _ kind: DocumentKind, _ key: PublicKey, _ payload: [UInt8], _ signature: [UInt8]
  ) -> String {
    let header = ProtectedHeader(
      algorithm: key.algorithm, key: key.thumbprint(using: LibcryptoProvider()),
      type: kind.rawValue)
    return House.compact(header: header.serialized, payload: payload, signature: signature)
  }

  @Test(arguments: files.filter(\.isLoaded).map(\.name))
  func `no vector's signature opens a document of ours`(_ name: String) throws {
    let license = try #require(try FormatExamples.payload(.license))
    let usage = try #require(try FormatExamples.payload(.usage))
    var count = 0
    for group in try Self.groups(name) {
      let house = try House(license: group.key)
      let door = try #require(
        house.doors().first { $0.name == "TrustSet.open LICENSE" })
      let file = try #require(house.doors().first { $0.name == "check --license, armoured" })
      let seal = InstallationSeal(key: group.key, cryptography: LibcryptoProvider())
      for signature in group.signatures {
        let text = Self.document(.license, group.key, license, signature)
        #expect(door.open(text) == .signatureInvalid)
        #expect(file.open(text) == .signatureInvalid)
        let record = Array(Self.document(.usage, group.key, usage, signature).utf8)
        #expect(throws: Refusal(.signatureInvalid, "")) {
          try seal.open(record, as: UsageRecord.self)
        }
        count += 1
      }
      #expect(house.trust.keyset.keys.contains { $0.key == group.key })
    }
    #expect(count == Self.files.first { $0.name == name }?.count)
  }

  @Test(arguments: files.filter(\.isLoaded).map(\.name))
  func `no vector's signature makes a keyset or an enrolment`(_ name: String) throws {
    let house = try House()
    var count = 0
    for group in try Self.groups(name) {
      let roots = try RootKeys(threshold: 1, keys: [group.key])
      let keyset = Keyset(
        iss: House.iss, epoch: 9, iat: House.iat, roots: roots, keys: house.keyset.keys,
        revoked: []
      ).json.serialized
      let header = ProtectedHeader(
        algorithm: group.key.algorithm, key: group.key.thumbprint(using: LibcryptoProvider()),
        type: DocumentKind.keyset.rawValue)
      let enrolment: JSONValue = [
        "ver": 1, "jwk": group.key.jwk, "license": "lic_1", "iat": .integer(House.iat),
      ]
      for signature in group.signatures {
        let text = KeysetDocument.text(
          payload: keyset, signatures: [(header.serialized, signature)])
        // An empty text is no signature at all.
        let code = signature.isEmpty ? Refusal.Code.malformed : .signatureInvalid
        #expect(throws: Refusal(code, "")) {
          try TrustSet.establish(roots: roots, keysets: [text], using: LibcryptoProvider())
        }
        #expect(throws: Refusal(code, "")) { try house.trust.advanced(by: [text]) }
        let own = Self.document(.enrolment, group.key, enrolment.serialized, signature)
        let enrolled = refusal { () throws(Refusal) in
          _ = try InstallationSeal.openSelfSealed(
            Array(own.utf8), as: Enrolment.self, using: LibcryptoProvider())
        }
        #expect(enrolled == (group.key.algorithm == .edDSA ? .signatureInvalid : .keyNotAllowed))
        count += 1
      }
    }
    #expect(count == Self.files.first { $0.name == name }?.count)
    #expect(house.trust.keyset == house.keyset)
  }

  @Test func `a key that carries parameters of its own is refused when it is loaded`() throws {
    var refused = 0
    for file in Self.files where !file.isLoaded {
      let json = try VectorFiles.json("\(VectorFiles.wycheproof)/\(file.name)_test.json")
      for group in json["testGroups"]?.elements ?? [] {
        let der = try #require(group["publicKeyDer"]?.string).hexadecimal
        let pointer: OpaquePointer? = unsafe der.withUnsafeBufferPointer { buffer in
          var cursor = buffer.baseAddress
          return unsafe d2i_PUBKEY(nil, &cursor, buffer.count)
        }
        let key = try #require(unsafe EVPKey(owning: pointer))
        #expect(throws: LibcryptoError(.keyUnreadable, "")) { try key.publicKey() }
        refused += group["tests"]?.elements.count ?? 0
      }
    }
    #expect(refused == 216)
  }
}
