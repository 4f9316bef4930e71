import Libcrypto
import Sealing
import Testing
import TestSupport

/// What the keyset allows each key to do.
struct TrustSetTests {
  private typealias License = Slot<LicenseKind>

  private func code(
    _ document: String, under trust: TrustSet
  ) -> Refusal.Code? {
    do throws(Refusal) {
      _ = try trust.open(document, in: License.self)
      return nil
    } catch { return error.code }
  }

  @Test func `a key seals the one kind that it is for`() throws {
    let vendor = try SlotVendor()
    let trust = try vendor.trust()
    for use in KeyUse.allCases {
      let document = try Seal.seal(
        License().json.serialized, kind: .license, by: try vendor.key(use))
      #expect(code(document, under: trust) == (use == .license ? nil : .keyNotAllowed), "\(use)")
    }
  }

  @Test func `a root key seals nothing but keysets`() throws {
    let vendor = try SlotVendor()
    let document = try Seal.seal(License().json.serialized, kind: .license, by: vendor.root)
    #expect(code(document, under: try vendor.trust()) == .unknownKey)
  }

  @Test func `the document is issued within the dates of its key, both ends included`() throws {
    let vendor = try SlotVendor()
    let trust = try vendor.trust()
    for (offset, isAllowed) in [
      (Int64(-1001), false), (-1000, true), (0, true), (1000, true), (1001, false),
    ] {
      let document = try vendor.seal(License(iat: SlotVendor.iat + offset))
      #expect(code(document, under: trust) == (isAllowed ? nil : .keyNotAllowed), "\(offset)")
    }
  }

  @Test(arguments: [
    "https://license.vendor.example/", "https://license.vendor.exampl", "https://other.example",
    "https://license.vendor.example\u{301}", "HTTPS://license.vendor.example",
  ])
  func `the issuer is the keyset's byte for byte`(_ iss: String) throws {
    let vendor = try SlotVendor()
    let document = try vendor.seal(License(iss: iss))
    #expect(code(document, under: try vendor.trust()) == .keyNotAllowed)
  }

  @Test func `an issuer in another normal form is another issuer`() throws {
    var vendor = try SlotVendor()
    vendor.keyset = Keyset(
      iss: "https://\u{E9}.example", epoch: 1, iat: SlotVendor.iat, roots: vendor.roots,
      keys: vendor.keyset.keys, revoked: [])
    let trust = try vendor.trust()
    #expect(code(try vendor.seal(License(iss: "https://\u{E9}.example")), under: trust) == nil)
    let decomposed = try vendor.seal(License(iss: "https://e\u{301}.example"))
    #expect(code(decomposed, under: trust) == .keyNotAllowed)
  }

  @Test func `a constraint of the key caps its documents`() throws {
    var vendor = try SlotVendor()
    vendor.keyset = vendor.keyset.with(
      keys: vendor.keyset.keys.map {
        OnlineKey(
          key: $0.key, use: $0.use, from: $0.from, through: $0.through,
          constraints: KeyConstraints(products: ["platform"]))
      })
    let trust = try vendor.trust()
    #expect(trust.keyset == vendor.keyset)
    #expect(code(try vendor.seal(License(product: "platform")), under: trust) == nil)
    #expect(code(try vendor.seal(License(product: "other")), under: trust) == .keyNotAllowed)
  }

  @Test func `a revoked key kills all that it signed, whether still listed or not`() throws {
    var vendor = try SlotVendor()
    let key = try vendor.key(.license)
    let revoked = [RevokedKey(kid: key.thumbprint, at: SlotVendor.iat + 500, reason: "stolen")]
    for keys in [vendor.keyset.keys, vendor.keyset.keys.filter { $0.use != .license }] {
      vendor.keyset = vendor.keyset.with(keys: keys, revoked: revoked)
      let trust = try vendor.trust()
      #expect(code(try vendor.seal(License()), under: trust) == .keyRevoked)
      #expect(
        code(try vendor.seal(License(iat: SlotVendor.iat - 500)), under: trust) == .keyRevoked)
    }
  }

  @Test func `a document may ask for the keyset in use and not for a later one`() throws {
    let vendor = try SlotVendor(epoch: 7)
    let trust = try vendor.trust()
    for (epoch, isAllowed) in [(Int64(1), true), (7, true), (8, false)] {
      let document = try vendor.seal(License(epoch: epoch))
      #expect(code(document, under: trust) == (isAllowed ? nil : .keysetTooOld), "\(epoch)")
    }
  }

  @Test func `another vendor's documents are sealed by unknown keys`() throws {
    let vendor = try SlotVendor()
    let stranger = try ForgingKey.ed25519(0x55)
    let document = try Seal.seal(License().json.serialized, kind: .license, by: stranger)
    #expect(code(document, under: try vendor.trust()) == .unknownKey)
  }

  @Test func `the version is told before anything else that the payload says`() throws {
    let vendor = try SlotVendor()
    let trust = try vendor.trust()
    for (payload, expected) in [
      ("{\"ver\":3}", Refusal.Code.unsupportedVersion),
      ("{\"new\":[],\"ver\":3,\"iss\":{}}", .unsupportedVersion),
      ("{\"ver\":1,\"iss\":\"\(SlotVendor.iss)\",\"iat\":\(SlotVendor.iat)}", .malformed),
      ("{\"ver\":0}", .malformed), ("{\"ver\":\"3\"}", .malformed), ("{\"ver\":2.0}", .malformed),
      ("{}", .malformed), ("[]", .malformed), ("", .malformed),
      ("{\"ver\":2,\"iss\":\"\(SlotVendor.iss)\",\"iat\":\(SlotVendor.iat),\"x\":1}", .malformed),
      ("{\"ver\":2,\"ver\":2,\"iss\":\"\(SlotVendor.iss)\",\"iat\":\(SlotVendor.iat)}", .malformed),
      ("\u{FEFF}{\"ver\":2,\"iss\":\"\(SlotVendor.iss)\",\"iat\":\(SlotVendor.iat)}", .malformed),
    ] {
      let document = try ForgedDocument.jws(
        .license, payload: Array(payload.utf8), signedBy: try vendor.key(.license))
      #expect(code(document, under: trust) == expected, "\(payload)")
    }
  }

  @Test func `a signature is verified before the payload is read`() throws {
    let vendor = try SlotVendor()
    let key = try vendor.key(.license)
    let document = ForgedDocument.jws(
      header: ForgedDocument.header(kid: "\"\(key.thumbprint)\"", type: "\"tally-license+jwt\""),
      payload: Array("{\"ver\":99".utf8), signature: [UInt8](repeating: 1, count: 64))
    #expect(code(document, under: try vendor.trust()) == .signatureInvalid)
  }

  /// What was verified before it was kept is held against every other rule again.
  @Test func `a document that was kept is opened without its signature, and by no other rule less`()
    throws
  {
    var vendor = try SlotVendor()
    let good = try vendor.seal(License())
    let trust = try vendor.trust()
    func code(kept document: String, under trust: TrustSet) -> Refusal.Code? {
      do throws(Refusal) {
        _ = try trust.reopen(kept: Array(document.utf8), as: License.self)
        return nil
      } catch { return error.code }
    }
    #expect(
      try trust.reopen(kept: Array(good.utf8), as: License.self)
        == trust.open(good, in: License.self))
    let key = try vendor.key(.license)
    let unsigned = ForgedDocument.jws(
      header: ForgedDocument.header(kid: "\"\(key.thumbprint)\"", type: "\"tally-license+jwt\""),
      payload: License().json.serialized, signature: [UInt8](repeating: 1, count: 64))
    #expect(self.code(unsigned, under: trust) == .signatureInvalid)
    #expect(code(kept: unsigned, under: trust) == nil)
    let refused = [
      (
        try Seal.seal(License().json.serialized, kind: .license, by: vendor.root),
        Refusal.Code.unknownKey
      ),
      (
        try Seal.seal(License().json.serialized, kind: .license, by: try vendor.key(.gateway)),
        .keyNotAllowed
      ),
      (try vendor.seal(License(iss: "https://other.example")), .keyNotAllowed),
      (try vendor.seal(License(epoch: 9)), .keysetTooOld), ("a.b", .malformed),
    ]
    for (document, expected) in refused {
      #expect(code(kept: document, under: trust) == expected, "\(document)")
    }
    vendor.keyset = vendor.keyset.with(
      keys: vendor.keyset.keys,
      revoked: [RevokedKey(kid: key.thumbprint, at: SlotVendor.iat, reason: "stolen")])
    #expect(code(kept: good, under: try vendor.trust()) == .keyRevoked)
  }

  @Test func `an RSA key signs and the other algorithm is not its`() throws {
    var vendor = try SlotVendor()
    let key = try ForgingKey.rsa(bits: 2048)
    vendor.keyset = vendor.keyset.with(keys: [
      OnlineKey(key: key.publicKey, use: .license, from: 0, through: SlotVendor.iat)
    ])
    let trust = try vendor.trust()
    let payload = License().json.serialized
    #expect(code(try Seal.seal(payload, kind: .license, by: key), under: trust) == nil)
    let header = ForgedDocument.header(
      algorithm: "\"EdDSA\"", kid: "\"\(key.thumbprint)\"", type: "\"tally-license+jwt\"")
    let forged = try ForgedDocument.jws(header: header, payload: payload, signedBy: key)
    #expect(code(forged, under: trust) == .keyNotAllowed)
  }
}

extension Keyset {
  /// The keyset with other keys.
  func with(
    epoch: Int64? = nil, roots: RootKeys? = nil, keys: [OnlineKey]? = nil,
    revoked: [RevokedKey]? = nil
  ) -> Keyset {
    Keyset(
      iss: iss, epoch: epoch ?? self.epoch, iat: iat, roots: roots ?? self.roots,
      keys: keys ?? self.keys, revoked: revoked ?? self.revoked)
  }
}
