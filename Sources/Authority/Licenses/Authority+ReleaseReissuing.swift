package import Libcrypto
internal import LibcryptoIssuing
package import Licensing
package import Sealing

/// Which releases are to be signed anew.
package struct ReleaseReissueOrder: Sendable {
  /// Empty for all.
  package var versions: [String]
  /// Only those of this product.
  package var product: String?
  /// Only those whose newest document this key has signed.
  package var signedBy: Thumbprint?
  /// The key that signs them.
  package var key: Thumbprint

  package init(
    versions: [String] = [], product: String? = nil, signedBy: Thumbprint? = nil, key: Thumbprint
  ) {
    self.versions = versions
    self.product = product
    self.signedBy = signedBy
    self.key = key
  }
}

extension Authority {
  /// The releases that must be signed anew, each rehearsed: what the key has signed already is left
  /// out, so that a run that was broken off is taken up where it ended.
  ///
  /// Dates, version and commit stay: a release never gets another date.
  /// - Throws: ``AuthorityError`` `NOT_FOUND` for a version that the registry does not have.
  package func plan(_ order: ReleaseReissueOrder) throws(AuthorityError) -> [Release] {
    guard order.signedBy != order.key else {
      throw AuthorityError(
        .inputInvalid, "--signed-by and --key are one key: name the new key with --key")
    }
    let now = try now()
    let keyset = try trust().keyset
    let all = try registry.releases().filter { issued in
      order.product.map { $0.isSameBytes(as: issued.release.product) } ?? true
    }
    for version in order.versions
    where !all.contains(where: { $0.release.version.isSameBytes(as: version) }) {
      throw AuthorityError(
        .notFound,
        "the registry has no release \(version): \"tally release list\" shows those it has")
    }
    let owed = all.filter { issued in
      (order.versions.isEmpty
        || order.versions.contains { $0.isSameBytes(as: issued.release.version) })
        && (order.signedBy.map { issued.kid == $0 } ?? (issued.kid != order.key))
    }
    let copies = owed.map { issued in
      Release(
        iss: keyset.iss, iat: now, epoch: keyset.epoch, product: issued.release.product,
        version: issued.release.version, released: issued.release.released,
        coveredAsOf: issued.release.coveredAsOf, commit: issued.release.commit)
    }
    for copy in copies { _ = try rehearse(copy, with: order.key) }
    return copies
  }

  /// Signs releases anew, one after the other.
  /// - Parameter signed: called after each one.
  /// - Throws: ``AuthorityError``; those before have then been signed, and a further run signs the
  ///   rest.
  package func reissue(
    _ releases: [Release], with key: Thumbprint, passphrase: Secret, why: String,
    each signed: (Verified<Release>) throws(AuthorityError) -> Void
  ) throws(AuthorityError) {
    guard !releases.isEmpty else { return }
    let trust = try trust()
    let vendorKey = try open(try registry.key(key), passphrase)
    for release in releases {
      let intent = try begin(
        release, as: .releaseReissue, with: vendorKey,
        by: try author(why, doing: "\(release.subject) is signed again", at: release.iat))
      try signed(try complete(intent, with: vendorKey, under: trust))
    }
  }
}
