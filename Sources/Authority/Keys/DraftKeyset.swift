internal import Libcrypto
internal import LibcryptoIssuing
package import Sealing

/// The next keyset on its way from root to root: the keysets that lead to the one in force, and the
/// next one with the signatures that it has so far.
///
/// As a file it is armour of KEYSET blocks, the draft last. A machine without registry and network
/// needs nothing else but the root that it trusts, and every JOSE library can sign it. Programs refuse
/// the draft until enough roots have signed it; from then on it is a keyset like any other.
package struct DraftKeyset: Sendable {
  /// One root's signature.
  package struct RootSignature: Sendable, Equatable {
    package let kid: Thumbprint
    let header: [UInt8]
    let signature: [UInt8]
    let signingInput: [UInt8]

    init(_ entry: KeysetDocument.Signature) throws(Refusal) {
      let text = entry.signingInput.prefix { $0 != UInt8(ascii: ".") }
      guard let header = Base64.decode(text, .url) else {
        throw .malformed("a signature's header is not canonical base64url")
      }
      kid = entry.header.key
      self.header = header
      signature = entry.signature
      signingInput = entry.signingInput
    }

    func verifies(under key: PublicKey, _ cryptography: some Cryptography) -> Bool {
      cryptography.verify(signature, of: signingInput, by: key)
    }
  }

  /// The keysets that lead to the one in force, as they came; empty before the first.
  package let chain: [String]
  /// What the roots sign, byte for byte.
  package let payload: [UInt8]
  package let keyset: Keyset
  package private(set) var signatures: [RootSignature]

  init(chain: [String], keyset: Keyset) {
    self.chain = chain
    self.keyset = keyset
    payload = keyset.json.serialized
    signatures = []
  }

  /// Reads a draft's file. Nothing in it is known to be true.
  /// - Throws: ``Refusal``.
  package init(file: [UInt8]) throws(Refusal) {
    let blocks = try Armour.read(file)
    guard let last = blocks.last, blocks.allSatisfy({ $0.kind == .keyset }) else {
      throw Refusal(
        .wrongKind, "a draft's file holds keysets and nothing else: \"tally keyset draft\" makes it"
      )
    }
    let document = try KeysetDocument(Array(last.document.utf8))
    chain = blocks.dropLast().map(\.document)
    payload = document.payload
    keyset = try Keyset.parse(document.payload)
    signatures = try document.signatures.map { entry throws(Refusal) in try RootSignature(entry) }
  }

  /// The keyset in JWS JSON general serialization, with the signatures that it has.
  package var document: String {
    KeysetDocument.text(
      payload: payload, signatures: signatures.map { ($0.header, $0.signature) })
  }

  package var file: String {
    Armour.write((chain + [document]).map { ArmourBlock(kind: .keyset, document: $0) })
  }

  /// One draft with the signatures of several files, each root's once.
  /// - Throws: ``Refusal`` `MALFORMED` when they are not files of one draft.
  package static func merged(_ drafts: [DraftKeyset]) throws(Refusal) -> DraftKeyset {
    guard var merged = drafts.first else { throw .malformed("no draft was given") }
    for other in drafts.dropFirst() {
      guard other.payload == merged.payload else {
        throw .malformed(
          "the files are not of one draft: every root signs a copy of the file that \"tally keyset "
            + "draft\" made")
      }
      merged.signatures += other.signatures
    }
    var seen: [RootSignature] = []
    for signature in merged.signatures where !seen.contains(signature) { seen.append(signature) }
    merged.signatures = seen
    return merged
  }

  /// Adds one root's signature.
  /// - Throws: ``AuthorityError`` `CRYPTOGRAPHY_FAILED`.
  mutating func add(signatureOf key: VendorKey) throws(AuthorityError) {
    do {
      let signed = try key.signKeyset(payload)
      let alone = KeysetDocument.text(payload: payload, signatures: [signed])
      for entry in try KeysetDocument(Array(alone.utf8)).signatures {
        signatures.append(try RootSignature(entry))
      }
    } catch let error as LibcryptoError {
      throw AuthorityError(error)
    } catch {
      throw AuthorityError(.cryptographyFailed, "the keyset could not be signed")
    }
  }
}
