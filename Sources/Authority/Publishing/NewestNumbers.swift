internal import Licensing
internal import Sealing

/// The numbers of what is newest in the registry: a gateway that has everything knows the same.
package struct NewestNumbers: Sendable, Equatable {
  package let epoch: Int64
  /// nil where there are none, or none whose key stands.
  package let revocations: Int64?

  package init(epoch: Int64, revocations: Int64?) {
    self.epoch = epoch
    self.revocations = revocations
  }
}

extension Authority {
  /// - Throws: ``AuthorityError`` `KEYSET_MISSING`.
  package func newestNumbers() throws(AuthorityError) -> NewestNumbers {
    let trust = try trust()
    let newest = try registry.newestRevocations().flatMap { issued -> Int64? in
      let opened = try? trust.open(Array(issued.jws.utf8), as: Revocations.self)
      return opened?.payload.seq
    }
    return NewestNumbers(epoch: trust.keyset.epoch, revocations: newest)
  }
}
