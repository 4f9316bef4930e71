package import Licensing
package import Sealing

/// What a document says; whether any of it is true is not known.
package struct InspectedDocument: Sendable {
  package let kind: DocumentKind
  /// Who claims to have sealed it, and with which algorithm.
  package let signatures: [(algorithm: SignatureAlgorithm, kid: Thumbprint)]
  package let payload: JSONValue
  /// The license, if it is one that can be read.
  package let license: License?

  /// Takes a file apart without trusting it.
  /// - Throws: ``Refusal`` for bytes that hold no documents, or a payload that is no JSON.
  package static func read(_ file: [UInt8]) throws(Refusal) -> [InspectedDocument] {
    try Armour.read(file).map { block throws(Refusal) in try InspectedDocument(block) }
  }

  private init(_ block: ArmourBlock) throws(Refusal) {
    let bytes = Array(block.document.utf8)
    let payload: [UInt8]
    if block.kind == .keyset {
      let document = try KeysetDocument(bytes)
      payload = document.payload
      signatures = document.signatures.map { ($0.header.algorithm, $0.header.key) }
    } else {
      let document = try UnverifiedDocument(bytes, as: block.kind)
      payload = document.payload
      signatures = [(document.header.algorithm, document.header.key)]
    }
    kind = block.kind
    self.payload = try JSONScanner.scan(payload, maximumDepth: SealedLimits.depth)
    license = block.kind == .license ? try? License.parse(payload) : nil
  }

  package var json: JSONValue {
    [
      "kind": .string(kind.label.lowercased()),
      "signatures": .array(
        signatures.map { ["alg": .string($0.algorithm.rawValue), "kid": $0.kid.json] }),
      "payload": payload,
    ]
  }
}
