import Libcrypto
import Sealing
import Testing
import TestSupport

/// Every kind of document offered where every kind is expected.
struct DocumentSlotTests {
  private let vendor: SlotVendor
  private let trust: TrustSet
  private let installation: EVPSigner
  private let seal: InstallationSeal

  init() throws {
    vendor = try SlotVendor()
    trust = try vendor.trust()
    installation = try ForgingKey.ed25519(0x30)
    seal = InstallationSeal(key: installation.publicKey, cryptography: LibcryptoProvider())
  }

  /// Offers a document sealed as `kind` by the slot's own key; only its own kind may open.
  private func offer<Kind: SlotKind>(_ kind: DocumentKind, to slot: Slot<Kind>.Type) throws {
    let document = try Seal.seal(
      Slot<Kind>().json.serialized, kind: kind, by: try vendor.key(Kind.use))
    expect(kind, in: Kind.kind) { () throws(Refusal) in _ = try trust.open(document, in: slot) }
  }

  private func offer<Kind: SlotKind>(_ kind: DocumentKind, to slot: OwnSlot<Kind>.Type) throws {
    let document = try Seal.seal(OwnSlot<Kind>().json.serialized, kind: kind, by: installation)
    expect(kind, in: Kind.kind) { () throws(Refusal) in
      _ = try seal.open(Array(document.utf8), as: slot)
    }
    expect(kind, in: Kind.kind) { () throws(Refusal) in
      _ = try seal.openCommitted(Array(document.utf8), as: slot)
    }
  }

  private func expect(
    _ kind: DocumentKind, in slot: DocumentKind, _ open: () throws(Refusal) -> Void
  ) {
    var code: Refusal.Code?
    do throws(Refusal) { try open() } catch { code = error.code }
    #expect(code == (kind == slot ? nil : .wrongKind), "\(kind) where \(slot) belongs")
  }

  @Test func `each kind opens in its own slot and is the wrong kind in every other`() throws {
    var pairs = 0
    for kind in DocumentKind.allCases {
      try offer(kind, to: Slot<RevocationsKind>.self)
      try offer(kind, to: Slot<LicenseKind>.self)
      try offer(kind, to: Slot<ReleaseKind>.self)
      try offer(kind, to: Slot<ActivationKind>.self)
      try offer(kind, to: Slot<ReceiptKind>.self)
      try offer(kind, to: Slot<DecisionKind>.self)
      try offer(kind, to: Slot<StatementKind>.self)
      try offer(kind, to: OwnSlot<EnrolmentKind>.self)
      try offer(kind, to: OwnSlot<UsageKind>.self)
      try offer(kind, to: OwnSlot<AliveKind>.self)
      pairs += 10
    }
    #expect(pairs == 110)
  }

  @Test func `a keyset takes no signature that was made for another kind`() throws {
    for kind in DocumentKind.allCases {
      let payload = vendor.keyset.json.serialized
      let header = ForgedDocument.header(
        kid: "\"\(vendor.root.thumbprint)\"", type: "\"\(kind.rawValue)\"")
      let input = ForgedDocument.signingInput(header: header, payload: payload)
      let text = KeysetDocument.text(
        payload: payload,
        signatures: [(Array(header.utf8), try vendor.root.sign(Array(input.utf8)))])
      var code: Refusal.Code?
      do throws(Refusal) {
        _ = try TrustSet.establish(
          roots: vendor.roots, keysets: [text], using: LibcryptoProvider())
      } catch { code = error.code }
      #expect(code == (kind == .keyset ? nil : .wrongKind), "\(kind)")
    }
  }

  @Test func `a keyset is no compact document and a compact document is no keyset`() throws {
    let keyset = try ForgedDocument.keyset(vendor.keyset, signedBy: [vendor.root])
    #expect(throws: Refusal.malformed("")) {
      try trust.open(keyset, in: Slot<LicenseKind>.self)
    }
    let license = try vendor.seal(Slot<LicenseKind>())
    #expect(throws: Refusal.malformed("")) { try KeysetDocument(Array(license.utf8)) }
  }

  @Test(arguments: [
    "TALLY-LICENSE+JWT", "tally-license+jwt ", " tally-license+jwt", "tally-license",
    "application/tally-license+jwt", "JWT", "tally-licence+jwt", "tally-license+jwt\u{301}",
    "tally\u{2010}license+jwt",
  ])
  func `another spelling of a kind is another kind`(_ type: String) throws {
    let key = try vendor.key(.license)
    let document = try ForgedDocument.jws(
      header: ForgedDocument.header(kid: "\"\(key.thumbprint)\"", type: "\"\(type)\""),
      payload: Slot<LicenseKind>().json.serialized, signedBy: key)
    #expect(throws: Refusal(.wrongKind, "")) {
      try trust.open(document, in: Slot<LicenseKind>.self)
    }
  }
}
