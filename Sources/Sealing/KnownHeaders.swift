/// The headers of the documents that a keyset's keys may seal, as ``Seal`` spells them.
///
/// Nearly every document has one of these, and comparing its bytes takes less than decoding and reading
/// them. A header of any other spelling is read as strictly as ever. The table is made from the keyset
/// alone: nothing that a document brings gets into it.
struct KnownHeaders: Sendable {
  private struct Known {
    let kind: DocumentKind
    let text: [UInt8]
    let mark: UInt32
    let header: ProtectedHeader
  }

  private let known: [Known]

  init(_ keys: [(kid: Thumbprint, key: OnlineKey)]) {
    known = keys.flatMap { kid, key in
      key.use.kinds.map { kind in
        let header = ProtectedHeader(
          algorithm: key.key.algorithm, key: kid, type: kind.rawValue)
        let text = Base64.encodedBytes(header.serialized, .url)
        return Known(
          kind: kind, text: text, mark: JSONText.Node.mark(text.span), header: header)
      }
    }
  }

  /// What a header says whose base64url is one of these for documents of that kind, nil for any other.
  func header(_ text: Span<UInt8>, of kind: DocumentKind) -> ProtectedHeader? {
    let mark = JSONText.Node.mark(text)
    for index in known.indices where known[index].mark == mark && known[index].kind == kind {
      let entry = known[index]
      if text.hasSameBytes(as: entry.text.span) { return entry.header }
    }
    return nil
  }
}
