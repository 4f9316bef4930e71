internal import Libcrypto
package import Licensing
package import Sealing

/// A file of which every block has been opened by a program's own rules.
package struct VerifiedFile: Sendable {
  /// One document that verified.
  package struct Document: Sendable {
    package let kind: DocumentKind
    package let kid: Thumbprint
    package let payload: JSONValue
    package let license: License?
  }

  /// The newest keyset that was used.
  package let keyset: Keyset
  package let documents: [Document]

  /// Opens a file.
  /// - Parameters:
  ///   - roots: the roots trusted.
  ///   - kept: keysets known already.
  /// - Throws: ``Refusal`` of the first block that does not verify.
  package init(_ file: [UInt8], roots: RootKeys, kept: [String] = []) throws(Refusal) {
    let blocks = try Armour.read(file)
    let trust = try TrustSet.establish(
      roots: roots, keysets: kept + blocks.filter { $0.kind == .keyset }.map(\.document),
      using: LibcryptoProvider())
    keyset = trust.keyset
    documents = try blocks.filter { $0.kind != .keyset }.map { block throws(Refusal) in
      try Self.open(block, trust)
    }
  }

  private static func open(
    _ block: ArmourBlock, _ trust: TrustSet
  ) throws(Refusal) -> Document {
    switch block.kind {
    case .license: try open(block, trust, as: License.self) { $0 }
    case .release: try open(block, trust, as: Release.self)
    case .revocations: try open(block, trust, as: Revocations.self)
    case .activation: try open(block, trust, as: Activation.self)
    case .receipt: try open(block, trust, as: Receipt.self)
    case .keyset, .enrolment, .usage, .alive, .decision, .statement:
      throw Refusal(
        .wrongKind, "a \(block.kind.label.lowercased()) is not verified with this command")
    }
  }

  private static func open<Payload: VendorPayload>(
    _ block: ArmourBlock, _ trust: TrustSet, as type: Payload.Type,
    license: (Payload) -> License? = { _ in nil }
  ) throws(Refusal) -> Document {
    let document: Verified<Payload> = try trust.open(Array(block.document.utf8))
    return Document(
      kind: block.kind, kid: document.kid, payload: document.payload.json,
      license: license(document.payload))
  }

  package var json: JSONValue {
    [
      "verified": true,
      "keyset": ["iss": .string(keyset.iss), "epoch": .integer(keyset.epoch)],
      "documents": .array(
        documents.map {
          ["kind": .string($0.kind.label.lowercased()), "kid": $0.kid.json, "payload": $0.payload]
        }),
    ]
  }
}
