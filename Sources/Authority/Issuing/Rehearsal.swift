internal import Libcrypto
internal import LibcryptoIssuing
internal import Licensing
package import Sealing
internal import StartupCheck

/// A trial run of issuing: everything but the real key.
enum Rehearsal {
  /// Seals a payload with a throwaway key that has the dates and constraints of the real one, under
  /// a throwaway root, writes it into a file, and has the verifier open that file.
  ///
  /// The throwaway key is Ed25519 whatever the real one is: an RSA key takes a second to make. What
  /// the real key signs is verified again before it is stored.
  /// - Throws: ``AuthorityError`` `DOCUMENT_REFUSED`, `CRYPTOGRAPHY_FAILED`.
  static func run<Payload: Issuable>(
    _ payload: Payload, like real: OnlineKey, under keyset: Keyset
  ) throws(AuthorityError) {
    let opened: [Payload]
    let bytes = payload.json.serialized
    do {
      let root = try VendorKey.generate(.edDSA)
      let key = try VendorKey.generate(.edDSA)
      let roots = try RootKeys(threshold: 1, keys: [root.publicKey])
      let stage = Keyset(
        iss: keyset.iss, epoch: keyset.epoch, iat: keyset.iat, roots: roots,
        keys: [
          OnlineKey(
            key: key.publicKey, use: real.use, from: real.from, through: real.through,
            constraints: real.constraints)
        ], revoked: []
      ).json.serialized
      let keysetText = KeysetDocument.text(
        payload: stage, signatures: [try root.signKeyset(stage)])
      let document = try key.seal(bytes, kind: Payload.kind)
      let file = DocumentFile.text([document], of: Payload.kind, keysets: [keysetText])
      opened = try Payload.opened(Array(file.utf8), roots: roots)
    } catch let error as LibcryptoError {
      throw AuthorityError(error)
    } catch let error as Refusal {
      throw AuthorityError(
        error, "the verifier would refuse the \(Payload.intentKind.rawValue)")
    } catch {
      throw AuthorityError(.cryptographyFailed, "the rehearsal failed")
    }
    guard opened == [payload] else {
      throw AuthorityError(
        .malformed("what the verifier reads is not what was meant"),
        "the rehearsal of the \(Payload.intentKind.rawValue) failed")
    }
  }

  /// A file as the check at start-up opens it.
  /// - Throws: ``Refusal`` of the first block that does not verify.
  static func dossier(
    of file: [UInt8], as role: GivenFile.Role, roots: RootKeys
  ) throws(Refusal) -> Dossier {
    let dossier = Dossier(
      roots: roots, given: [GivenFile(file, as: role, source: "the rehearsal")],
      using: LibcryptoProvider())
    if let refused = dossier.refused.first { throw refused.refusal }
    return dossier
  }
}

/// The files that customers get.
package enum DocumentFile {
  /// Keysets first, then the documents: one file with everything that a program needs.
  package static func text(
    _ documents: [String], of kind: DocumentKind, keysets: [String]
  ) -> String {
    Armour.write(
      keysets.map { ArmourBlock(kind: .keyset, document: $0) }
        + documents.map { ArmourBlock(kind: kind, document: $0) })
  }
}
