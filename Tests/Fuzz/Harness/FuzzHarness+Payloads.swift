internal import Libcrypto
internal import Licensing
internal import Sealing

extension FuzzHarness {
  func license(_ input: [UInt8]) throws(Contradiction) -> FuzzOutcome {
    try vendorPayload(License.self, input) { $0.fillingLicenseDefaults }
  }

  func release(_ input: [UInt8]) throws(Contradiction) -> FuzzOutcome {
    try vendorPayload(Release.self, input) { $0 }
  }

  /// The payload of a vendor's document: parsed, written, sealed and opened again.
  private func vendorPayload<Payload: VendorPayload>(
    _ type: Payload.Type, _ input: [UInt8], _ fill: (JSONValue) -> JSONValue
  ) throws(Contradiction) -> FuzzOutcome {
    guard input.first == UInt8(ascii: "{") else { return try opened(type, input) }
    let payload: Payload
    do throws(Refusal) { payload = try Payload.parse(input) } catch { return .refused(error.code) }
    let written = tamper(payload.json.serialized)
    try holdSpelling(input, written, fill)
    try holdStable(payload, written)
    let sealed = try vendor.seal(payload)
    switch try opened(type, Array(sealed.utf8)) {
    case .accepted, .refused(.keyNotAllowed), .refused(.keysetTooOld): break
    case .refused(let code): throw Contradiction("sealed and refused: \(code.rawValue)")
    }
    return .accepted(sameBytes: written == input)
  }

  /// The document as the trust set opens it.
  func opened<Payload: VendorPayload>(
    _ type: Payload.Type, _ input: [UInt8]
  ) throws(Contradiction) -> FuzzOutcome {
    let verified: Verified<Payload>
    do throws(Refusal) {
      verified = try vendor.trust.open(input)
    } catch { return .refused(error.code) }
    try holdStable(verified.payload, tamper(verified.payload.json.serialized))
    return try sameText(tamper(Array(verified.jws.utf8)), input)
  }

  func keyset(_ input: [UInt8]) throws(Contradiction) -> FuzzOutcome {
    if let document = try? KeysetDocument(input) { return try keysetDocument(document, input) }
    let keyset: Keyset
    do throws(Refusal) { keyset = try Keyset.parse(input) } catch { return .refused(error.code) }
    let written = tamper(keyset.json.serialized)
    try holdSpelling(input, written) { $0 }
    try holdStable(keyset, written)
    let signers = keyset.roots.keys.map { FuzzSigner($0) }
    let text = KeysetDocument.text(
      payload: input, signatures: signers.map { KeysetDocument.sign(input, by: $0) })
    guard text.utf8.count <= DocumentKind.keyset.maximumSize else {
      return .accepted(sameBytes: written == input)
    }
    do throws(Refusal) {
      let trust = try vendor.establish(keyset, text)
      try hold(trust.keyset == keyset && trust.chain == [text], "the trust set changed a keyset")
    } catch {
      // The one thing that a keyset may say and not be taken for.
      let revoked = Set(keyset.revoked.map(\.kid))
      try require(
        signers.contains { revoked.contains($0.thumbprint) },
        "signed by all its roots and refused: \(error)")
      return .refused(error.code)
    }
    return .accepted(sameBytes: written == input)
  }

  private func hold(_ condition: Bool, _ message: String) throws(Refusal) {
    guard condition else { throw .malformed(message) }
  }

  /// The general serialization: what it is made of gives the same document again.
  private func keysetDocument(
    _ document: KeysetDocument, _ input: [UInt8]
  ) throws(Contradiction) -> FuzzOutcome {
    let text = KeysetDocument.text(
      payload: document.payload,
      signatures: document.signatures.map { ($0.header.serialized, $0.signature) })
    let written = tamper(Array(text.utf8))
    try require((try? KeysetDocument(written)) != nil, "a keyset is not read as it was written")
    for signature in document.signatures {
      try require(
        (try? ProtectedHeader(signature.header.serialized)) == signature.header,
        "a header is not read as it was written")
      try require(
        signature.signingInput.reversed().starts(with: document.payloadText.utf8.reversed()),
        "the signature does not cover the payload as it stands")
    }
    let offered = String(decoding: input, as: UTF8.self)
    if let payload = try? Keyset.parse(document.payload),
      let trust = try? vendor.establish(payload, offered)
    {
      try require(trust.chain.map { Array($0.utf8) } == [input], "a keyset is kept as it came")
      try require(trust.keyset == payload, "the keyset is what its payload says")
    }
    return .accepted(sameBytes: written == input)
  }

  func jwk(_ input: [UInt8]) throws(Contradiction) -> FuzzOutcome {
    let key: PublicKey
    do throws(Refusal) {
      let value = try JSONScanner.scan(input, maximumDepth: SealedLimits.depth)
      try value.requireDocumentShape()
      key = try PublicKey(jwk: value)
    } catch { return .refused(error.code) }
    let written = tamper(key.jwk.serialized)
    try holdSpelling(input, written) { $0 }
    let again = (try? JSONScanner.scan(written)).flatMap { try? PublicKey(jwk: $0) }
    try require(again == key, "a key is not read as it was written")
    let provider = LibcryptoProvider()
    try require(
      key.thumbprint(using: provider) == again?.thumbprint(using: provider), "a key has one name")
    try require(
      !provider.verify(Self.hopeless(for: key), of: input, by: key), "OpenSSL verifies anything")
    return .accepted(sameBytes: written == input)
  }

  /// A signature that fits no message, of the form for which OpenSSL loads the key. For one Ed25519 key
  /// in 16 it also goes through the arithmetic of the curve, which takes 50 times as long as all else.
  private static func hopeless(for key: PublicKey) -> [UInt8] {
    switch key {
    case .rsa(let modulus): [0] + [UInt8](repeating: 2, count: modulus.count - 1)
    case .ed25519(let point):
      [UInt8](repeating: 2, count: 32)
        + [UInt8](repeating: point.first.map { $0 & 15 == 0 } == true ? 1 : 0xFF, count: 32)
    }
  }
}
