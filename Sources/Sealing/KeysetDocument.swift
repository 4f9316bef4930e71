/// A keyset as it came: JWS JSON general serialization (RFC 7515 section 7.2.1), since it carries
/// several signatures: `{"payload":…,"signatures":[{"protected":…,"signature":…}]}`.
package struct KeysetDocument: Sendable {
  package struct Signature: Sendable {
    package let header: ProtectedHeader
    package let signingInput: [UInt8]
    package let signature: [UInt8]
    /// The two texts as they stand in the file.
    fileprivate let protectedText: String
    fileprivate let signatureText: String
  }

  package let payloadText: String
  package let payload: [UInt8]
  package let signatures: [Signature]

  /// Takes the general serialization apart, strictly.
  /// - Throws: ``Refusal`` `MALFORMED`, `WRONG_KIND`.
  package init(_ text: [UInt8]) throws(Refusal) {
    guard text.count <= DocumentKind.keyset.maximumSize else {
      throw .malformed("a keyset has at most \(DocumentKind.keyset.maximumSize) bytes")
    }
    let scanned = try JSONScanner.text(text, maximumDepth: SealedLimits.depth)
    try scanned.requireDocumentShape()
    var reader = try ObjectReader(scanned, at: "keyset")
    let payloadText = try reader.string("payload", maximum: DocumentKind.keyset.maximumSize)
    guard let payload = Base64.decode(payloadText.utf8.span, .url) else {
      throw .malformed("the keyset's payload is not canonical base64url")
    }
    let entries = try reader.array("signatures", maximum: 32)
    try reader.end()
    self.payloadText = payloadText
    self.payload = payload
    self.signatures = try entries.enumerated().map { index, entry throws(Refusal) in
      try Self.signature(entry, at: "signatures[\(index)]", payloadText)
    }
  }

  private static func signature(
    _ value: JSONValue, at path: String, _ payloadText: String
  ) throws(Refusal) -> Signature {
    var reader = try ObjectReader(value, at: path)
    let protectedText = try reader.string("protected", maximum: 2048)
    let signatureText = try reader.string("signature", maximum: 2048)
    try reader.end()
    guard let headerBytes = Base64.decode(protectedText.utf8.span, .url),
      let signature = Base64.decode(signatureText.utf8.span, .url)
    else { throw .malformed("\(path) is not canonical base64url") }
    let header = try ProtectedHeader(headerBytes)
    guard header.type.isSameBytes(as: DocumentKind.keyset.rawValue) else {
      throw Refusal(.wrongKind, "\(path): a keyset is needed here, this is a \(header.type)")
    }
    return Signature(
      header: header, signingInput: Array("\(protectedText).\(payloadText)".utf8),
      signature: signature, protectedText: protectedText, signatureText: signatureText)
  }

  /// The epoch that the payload claims, nil if unreadable: for putting keysets in order, no more.
  var claimedEpoch: Int64? {
    (try? JSONScanner.text(payload, maximumDepth: SealedLimits.depth))?.integer("epoch")
  }

  /// How many of the roots' keys have signed: distinct public keys, not signatures.
  func signers(among roots: RootKeys, using cryptography: some Cryptography) -> Int {
    roots.keys.count { key in
      let thumbprint = key.thumbprint(using: cryptography)
      return signatures.contains { signature in
        signature.header.key == thumbprint && signature.header.algorithm == key.algorithm
          && cryptography.verify(signature.signature, of: signature.signingInput, by: key)
      }
    }
  }

  /// Verifies the keyset under roots that are already trusted; when it names other roots, under those
  /// as well.
  /// - Throws: ``Refusal`` `SIGNATURE_INVALID` for too few signatures, `MALFORMED` for a keyset that
  ///   revokes a root which it keeps, or what parsing finds.
  func verify(
    under roots: RootKeys, using cryptography: some Cryptography
  ) throws(Refusal) -> Keyset {
    let count = signers(among: roots, using: cryptography)
    guard count >= roots.threshold else {
      throw Refusal(
        .signatureInvalid,
        "the keyset has \(count) valid root signatures, \(roots.threshold) are needed")
    }
    let keyset = try Keyset.parse(payload)
    let revoked = keyset.revoked.map(\.kid)
    guard
      !keyset.roots.keys.contains(where: { revoked.contains($0.thumbprint(using: cryptography)) })
    else {
      throw .malformed("the keyset revokes a root key that it keeps: take it out of roots")
    }
    if keyset.roots != roots {
      let count = signers(among: keyset.roots, using: cryptography)
      guard count >= keyset.roots.threshold else {
        throw Refusal(
          .signatureInvalid,
          "the keyset changes the roots, and \(count) of its new roots have signed it where "
            + "\(keyset.roots.threshold) are needed")
      }
    }
    return keyset
  }

  /// Writes the general serialization from signatures over one payload.
  package static func text(
    payload: [UInt8], signatures: [(header: [UInt8], signature: [UInt8])]
  ) -> String {
    let entries: [JSONValue] = signatures.map {
      [
        "protected": .string(Base64.encode($0.header, .url)),
        "signature": .string(Base64.encode($0.signature, .url)),
      ]
    }
    let document: JSONValue = [
      "payload": .string(Base64.encode(payload, .url)), "signatures": .array(entries),
    ]
    return document.text
  }

  /// Adds one root's signature to a keyset's payload.
  /// - Returns: header and signature for ``text(payload:signatures:)``.
  /// - Throws: what the signer throws.
  package static func sign<Signer: DocumentSigner>(
    _ payload: [UInt8], by signer: Signer
  ) throws(Signer.Failure) -> (header: [UInt8], signature: [UInt8]) {
    let header = ProtectedHeader(
      algorithm: signer.publicKey.algorithm, key: signer.thumbprint,
      type: DocumentKind.keyset.rawValue
    ).serialized
    let input =
      Base64.encodedBytes(header, .url) + [UInt8(ascii: ".")] + Base64.encodedBytes(payload, .url)
    return (header, try signer.sign(input))
  }
}
