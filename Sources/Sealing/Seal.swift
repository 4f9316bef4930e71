/// Making sealed documents.
package enum Seal {
  /// The bytes to sign: header and payload in base64url, joined by a dot.
  package static func signingInput(
    kind: DocumentKind, algorithm: SignatureAlgorithm, key: Thumbprint, payload: [UInt8]
  ) -> [UInt8] {
    let header = ProtectedHeader(algorithm: algorithm, key: key, type: kind.rawValue)
    return Base64.encodedBytes(header.serialized, .url) + [UInt8(ascii: ".")]
      + Base64.encodedBytes(payload, .url)
  }

  /// Seals payload bytes: a compact JWS.
  /// - Throws: what the signer throws.
  package static func seal<Signer: DocumentSigner>(
    _ payload: [UInt8], kind: DocumentKind, by signer: Signer
  ) throws(Signer.Failure) -> String {
    let input = signingInput(
      kind: kind, algorithm: signer.publicKey.algorithm, key: signer.thumbprint, payload: payload)
    let signature = try signer.sign(input)
    return String(decoding: input, as: UTF8.self) + "." + Base64.encode(signature, .url)
  }
}

/// Opening documents that an installation sealed with its own key.
package struct InstallationSeal: Sendable {
  package let key: PublicKey
  package let thumbprint: Thumbprint
  private let cryptography: any Cryptography

  package init(key: PublicKey, cryptography: some Cryptography) {
    self.key = key
    self.thumbprint = key.thumbprint(using: cryptography)
    self.cryptography = cryptography
  }

  /// Verifies the bytes under the installation's key, then parses exactly those bytes.
  /// - Throws: ``Refusal``.
  package func open<Payload: InstallationPayload>(
    _ text: [UInt8], as type: Payload.Type = Payload.self
  ) throws(Refusal) -> Verified<Payload> {
    let document = try UnverifiedDocument(text, as: Payload.kind)
    try document.require(Payload.kind)
    guard document.header.key == thumbprint else {
      throw Refusal(
        .unknownKey, "sealed by \(document.header.key), not by installation \(thumbprint)")
    }
    try document.requireSignature(by: key, using: cryptography)
    return Verified(
      payload: try Payload.parse(document.payload), kid: thumbprint, jws: document.jws)
  }

  /// Parses bytes whose seal has not been verified by themselves but that a later sealed record
  /// commits to by hash; the header must still be this installation's.
  /// - Throws: ``Refusal``.
  package func openCommitted<Payload: InstallationPayload>(
    _ text: [UInt8], as type: Payload.Type = Payload.self
  ) throws(Refusal) -> Verified<Payload> {
    let document = try UnverifiedDocument(text, as: Payload.kind)
    try document.require(Payload.kind)
    guard document.header.key == thumbprint, document.header.algorithm == key.algorithm else {
      throw Refusal(.unknownKey, "not sealed by installation \(thumbprint)")
    }
    return Verified(
      payload: try Payload.parse(document.payload), kid: thumbprint, jws: document.jws)
  }

  /// Verifies a document that carries its own key in `jwk`: the key is read first, must match `kid` and
  /// be fit to trust, and then verifies the very bytes it was read from. An installation's key is
  /// Ed25519.
  /// - Throws: ``Refusal``.
  package static func openSelfSealed<Payload: InstallationPayload>(
    _ text: [UInt8], as type: Payload.Type = Payload.self, using cryptography: some Cryptography
  ) throws(Refusal) -> (document: Verified<Payload>, key: PublicKey) {
    let document = try UnverifiedDocument(text, as: Payload.kind)
    try document.require(Payload.kind)
    let value = try JSONScanner.scan(document.payload, maximumDepth: SealedLimits.depth)
    guard let jwk = value["jwk"] else { throw .malformed("jwk is missing") }
    let key = try PublicKey(jwk: jwk)
    guard key.algorithm == .edDSA else {
      throw Refusal(.keyNotAllowed, "an installation's key is Ed25519")
    }
    let seal = InstallationSeal(key: key, cryptography: cryptography)
    return (try seal.open(text, as: type), seal.key)
  }
}

extension UnverifiedDocument {
  /// Refuses a document of another kind.
  func require(_ kind: DocumentKind) throws(Refusal) {
    guard header.type.isSameBytes(as: kind.rawValue) else {
      throw Refusal(
        .wrongKind, "a \(kind.rawValue) is needed here, this is a \(header.type.prefix(64))")
    }
  }

  /// Refuses a header that disagrees with its key's algorithm, and a signature that does not verify.
  func requireSignature(
    by key: PublicKey, using cryptography: some Cryptography
  ) throws(Refusal) {
    guard header.algorithm == key.algorithm else {
      throw Refusal(
        .keyNotAllowed,
        "the header says \(header.algorithm.rawValue), the key is for \(key.algorithm.rawValue)")
    }
    guard cryptography.verify(signature, of: signingInput, by: key) else {
      throw Refusal(
        .signatureInvalid, "the signature does not verify under key \(header.key)")
    }
  }
}
