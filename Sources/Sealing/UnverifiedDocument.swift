/// A sealed document as it came: three parts of a compact JWS (RFC 7515) and a header of the right
/// form. Nothing that it says is known to be true.
package struct UnverifiedDocument: Sendable {
  /// The document, ASCII.
  package let jws: String
  package let header: ProtectedHeader
  /// The bytes that the signature covers: header, dot, payload, as they stand.
  package let signingInput: [UInt8]
  package let payload: [UInt8]
  package let signature: [UInt8]

  /// Takes a compact JWS apart.
  /// - Parameter text: exactly the three parts; one final line feed is dropped.
  /// - Throws: ``Refusal`` `MALFORMED`.
  package init(_ text: [UInt8], as kind: DocumentKind) throws(Refusal) {
    try self.init(text, as: kind, knowing: nil)
  }

  /// Takes a compact JWS apart as ``init(_:as:)`` does; a header in the same bytes as the other document's is
  /// not read again.
  package init(
    _ text: [UInt8], as kind: DocumentKind, like other: UnverifiedDocument?
  ) throws(Refusal) {
    try self.init(text, as: kind, knowing: nil, like: other)
  }

  /// Takes a compact JWS apart as ``init(_:as:)`` does; a header that is known is not read again.
  init(
    _ text: [UInt8], as kind: DocumentKind, knowing known: KnownHeaders?,
    like other: UnverifiedDocument? = nil
  ) throws(Refusal) {
    let text = text.last == 0x0A ? text.dropLast() : text[...]
    guard text.count <= kind.maximumSize else {
      throw .malformed(
        "a \(kind.label.lowercased()) has at most \(kind.maximumSize) bytes, not \(text.count)")
    }
    let dot = UInt8(ascii: ".")
    guard let first = text.firstIndex(of: dot), let last = text.lastIndex(of: dot), first < last
    else { throw Self.fault(of: text) }
    // The text begins at index 0, as the array that it is a part of.
    let bytes = text.span
    let headerText = bytes.extracting(..<first)
    var header = known?.header(headerText, of: kind)
    if header == nil { header = other?.header(in: headerText) }
    let headerBytes = header == nil ? Base64.decode(headerText, .url) : []
    guard let headerBytes,
      let payload = Base64.decode(bytes.extracting((first + 1)..<last), .url),
      let signature = Base64.decode(bytes.extracting((last + 1)...), .url)
    else { throw Self.fault(of: text) }
    self.header = if let header { header } else { try ProtectedHeader(headerBytes) }
    self.jws = String(decoding: text, as: UTF8.self)
    self.signingInput = Array(text[..<last])
    self.payload = payload
    self.signature = signature
  }

  /// The header, where this is the text that it was read from.
  private func header(in text: Span<UInt8>) -> ProtectedHeader? {
    let dot = text.count
    guard dot < signingInput.count, signingInput[dot] == UInt8(ascii: ".") else { return nil }
    return signingInput.span.extracting(..<dot).hasSameBytes(as: text) ? header : nil
  }

  private static func fault(of text: ArraySlice<UInt8>) -> Refusal {
    let parts = text.count { $0 == UInt8(ascii: ".") } + 1
    return parts == 3
      ? .malformed("a part of the document is not canonical base64url")
      : .malformed("a sealed document has three parts, this has \(parts)")
  }

  /// The document's kind if its header is readable, nil otherwise: a hint for sorting, no more.
  package static func kind(of text: [UInt8]) -> DocumentKind? {
    guard let bytes = headerBytes(of: text), let header = try? ProtectedHeader(bytes) else {
      return nil
    }
    return DocumentKind(rawValue: header.type)
  }

  /// What stands before the first dot, nil where that is no base64url of a size that headers have.
  static func headerBytes(of text: [UInt8]) -> [UInt8]? {
    guard let dot = text.firstIndex(of: UInt8(ascii: ".")), dot <= 1024 else { return nil }
    return Base64.decode(text[..<dot], .url)
  }
}

/// The protected header: exactly `alg`, `kid` and `typ`.
package struct ProtectedHeader: Sendable, Equatable {
  package let algorithm: SignatureAlgorithm
  package let key: Thumbprint
  /// The media type as written; whether it is the expected one is decided by who opens the document.
  package let type: String

  package init(algorithm: SignatureAlgorithm, key: Thumbprint, type: String) {
    self.algorithm = algorithm
    self.key = key
    self.type = type
  }

  /// Parses a header strictly.
  /// - Throws: ``Refusal`` `MALFORMED` for any other member, algorithm or form of `kid`.
  package init(_ bytes: [UInt8]) throws(Refusal) {
    guard bytes.count <= 1024 else { throw .malformed("the header has more than 1024 bytes") }
    let text = try JSONScanner.text(bytes, maximumDepth: 1)
    try text.requireDocumentShape()
    var reader = try ObjectReader(text, at: "header")
    algorithm = try reader.choice("alg", SignatureAlgorithm.self)
    key = try reader.thumbprint("kid")
    type = try reader.string("typ", maximum: 64)
    try reader.end()
  }

  package var serialized: [UInt8] {
    JSONValue.object([
      JSONMember("alg", .string(algorithm.rawValue)),
      JSONMember("kid", key.json),
      JSONMember("typ", .string(type)),
    ]).serialized
  }
}

/// A document whose signature, signer and form have been checked. Only Sealing makes one.
package struct Verified<Payload: SealedPayload>: Sendable, Equatable {
  package let payload: Payload
  /// Who sealed it.
  package let kid: Thumbprint
  /// The document as it came: kept, sent on and hashed, never written anew.
  package let jws: String

  init(payload: Payload, kid: Thumbprint, jws: String) {
    self.payload = payload
    self.kid = kid
    self.jws = jws
  }
}
