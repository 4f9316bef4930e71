internal import GRDB
package import Licensing
package import Sealing

/// What was taken back into a registry.
package struct RestoredDocuments: Sendable, Equatable {
  package var keysets: [Int64] = []
  package var revocations: Int64?
  package var licenses: [LicenseID] = []
  /// `PRODUCT VERSION [COMMIT]` of each.
  package var releases: [String] = []
  /// In words, what of the files is worth nothing any more.
  package var leftAside: [BilingualText] = []

  package var isEmpty: Bool {
    keysets.isEmpty && revocations == nil && licenses.isEmpty && releases.isEmpty
  }

  package var json: JSONValue {
    [
      "keysets": .array(keysets.map { .integer($0) }),
      "revocations": revocations.map { .integer($0) } ?? .null,
      "licenses": .array(licenses.map(\.json)),
      "releases": .array(releases.map { .string($0) }),
      "left_aside": .array(leftAside.map { .string($0.english) }),
    ]
  }
}

extension Authority {
  /// Takes back what a registry lost when a copy of it was put back: newer keysets, revocations,
  /// licenses and releases that were issued after the copy was made, from files that were published.
  ///
  /// Rules:
  /// 1. Everything is verified under the registry's own chain; one document that is refused refuses all.
  /// 2. What the registry has stays. A number that stands for something else here is a fork, which
  ///    nothing heals but the copy, put back again before anything was issued with it.
  /// 3. The keys that the keysets name come with them, retired and revoked as they say; so do customers.
  /// 4. One transaction; the log has a row for each thing taken back.
  /// - Throws: ``AuthorityError`` `DOCUMENT_REFUSED`, `CONFLICT`, `INTENT_PENDING`, `KEYSET_MISSING`.
  package func restore(
    _ blocks: [ArmourBlock], why: String
  ) throws(AuthorityError) -> RestoredDocuments {
    let author = try author(why, doing: "what the registry had lost is taken back")
    if let pending = try registry.pendingIntent() { throw .pending(pending) }
    let trust = try trust()
    try requireSameKeysets(blocks)
    let lost: LostDocuments
    do throws(Refusal) { lost = try LostDocuments(blocks, after: trust) } catch {
      throw AuthorityError(error, "the file is refused")
    }
    return try registry.write { db in
      var restorer = Restorer(db: db, author: author, cryptography: cryptography)
      return try restorer.restore(lost)
    }
  }

  /// Holds that no number of the files' keysets stands for another keyset here.
  private func requireSameKeysets(_ blocks: [ArmourBlock]) throws(AuthorityError) {
    let known = try registry.keysets()
    for block in blocks where block.kind == .keyset {
      guard let payload = try? KeysetDocument(Array(block.document.utf8)).payload,
        let epoch = (try? Keyset.parse(payload))?.epoch,
        let own = known.first(where: { $0.keyset.epoch == epoch })
      else { continue }
      guard Array(own.payload.utf8) == payload else {
        throw Restorer.forked("keyset \(epoch) of this registry and that of the file differ")
      }
    }
  }
}
