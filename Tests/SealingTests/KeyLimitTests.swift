import Libcrypto
import Sealing
import Testing
import TestSupport

/// What the keyset allows a key, held for every kind of document that the vendor seals.
struct KeyLimitTests {
  /// A kind's document, sealed by a key of the keyset.
  private struct Kind: Sendable {
    let name: String
    let use: KeyUse
    let code:
      @Sendable (_ vendor: SlotVendor, _ iat: Int64, _ epoch: Int64?) throws -> Refusal.Code?

    init<Value: SlotKind>(_ kind: Value.Type) {
      name = Value.kind.rawValue
      use = Value.use
      code = { vendor, iat, epoch in
        let text = try vendor.seal(Slot<Value>(iat: iat, epoch: epoch))
        let trust = try vendor.trust()
        let before = trust.keyset.json.serialized
        defer { #expect(trust.keyset.json.serialized == before) }
        do throws(Refusal) {
          let opened = try trust.open(text, in: Slot<Value>.self)
          #expect(opened.jws == text)
          return nil
        } catch { return error.code }
      }
    }
  }

  private static let kinds = [
    Kind(LicenseKind.self), Kind(ReleaseKind.self), Kind(RevocationsKind.self),
    Kind(ActivationKind.self), Kind(ReceiptKind.self), Kind(DecisionKind.self),
    Kind(StatementKind.self),
  ]

  @Test func `the first and the last second of a key belong to it, for every kind`() throws {
    #expect(Self.kinds.count == 7)
    let vendor = try SlotVendor()
    for kind in Self.kinds {
      for (offset, isAllowed) in [
        (Int64(-1001), false), (-1000, true), (-999, true), (999, true), (1000, true),
        (1001, false),
      ] {
        let code = try kind.code(vendor, SlotVendor.iat + offset, nil)
        #expect(code == (isAllowed ? nil : .keyNotAllowed), "\(kind.name) at \(offset)")
      }
    }
  }

  @Test func `the least epoch that a document accepts is held, for every kind`() throws {
    let vendor = try SlotVendor(epoch: 7)
    for kind in Self.kinds {
      for (epoch, isAllowed) in [(nil, true), (0, true), (6, true), (7, true), (8, false)]
        as [(Int64?, Bool)]
      {
        let code = try kind.code(vendor, SlotVendor.iat, epoch)
        #expect(code == (isAllowed ? nil : .keysetTooOld), "\(kind.name) at \(epoch ?? -1)")
      }
    }
  }

  @Test func `a revoked key seals no kind, whenever the document says that it was issued`() throws {
    for kind in Self.kinds {
      var vendor = try SlotVendor()
      let kid = try vendor.key(kind.use).thumbprint
      vendor.keyset = vendor.keyset.with(
        revoked: [RevokedKey(kid: kid, at: SlotVendor.iat + 500, reason: "stolen")])
      for offset in [Int64(-1000), 0, 499, 500, 1000] {
        let code = try kind.code(vendor, SlotVendor.iat + offset, nil)
        #expect(code == .keyRevoked, "\(kind.name) at \(offset)")
      }
    }
  }

  @Test func `a key of another environment seals no kind here`() throws {
    // Same vendor name, same uses, everything alike but the keys.
    let staging = try SlotVendor(root: 0x61, keys: 0x70)
    let production = try SlotVendor()
    let trust = try production.trust()
    let license = try staging.seal(Slot<LicenseKind>())
    #expect(throws: Never.self) {
      try staging.trust().open(license, in: Slot<LicenseKind>.self)
    }
    #expect(throws: Refusal(.unknownKey, "")) {
      try trust.open(license, in: Slot<LicenseKind>.self)
    }
    let keyset = try ForgedDocument.keyset(
      staging.keyset.with(epoch: 99), signedBy: [staging.root])
    #expect(throws: Refusal(.signatureInvalid, "")) { try trust.advanced(by: [keyset]) }
    #expect(throws: Refusal(.signatureInvalid, "")) {
      try TrustSet.establish(
        roots: production.roots, keysets: [keyset], using: LibcryptoProvider())
    }
    #expect(trust.keyset == production.keyset)
  }

  @Test func `each key has one algorithm, and every other name in the header is refused`() throws {
    let signers = [try ForgingKey.ed25519(0x10), try ForgingKey.rsa(bits: 2048)]
    var refused = 0
    for signer in signers {
      var vendor = try SlotVendor()
      vendor.keyset = vendor.keyset.with(keys: [
        OnlineKey(key: signer.publicKey, use: .license, from: 0, through: SlotVendor.iat)
      ])
      let trust = try vendor.trust()
      for name in ["EdDSA", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512", "ES256", "HS256"]
      {
        let document = try ForgedDocument.jws(
          header: ForgedDocument.header(
            algorithm: "\"\(name)\"", kid: "\"\(signer.thumbprint)\"",
            type: "\"tally-license+jwt\""),
          payload: Slot<LicenseKind>().json.serialized, signedBy: signer)
        var code: Refusal.Code?
        do throws(Refusal) {
          _ = try trust.open(document, in: Slot<LicenseKind>.self)
        } catch { code = error.code }
        let own = signer.publicKey.algorithm.rawValue
        let expected: Refusal.Code? =
          name == own
          ? nil : SignatureAlgorithm(rawValue: name) == nil ? .malformed : .keyNotAllowed
        #expect(code == expected, "\(name) by a key for \(own)")
        if code != nil { refused += 1 }
      }
      #expect(trust.keyset == vendor.keyset)
    }
    #expect(refused == 16)
  }
}
