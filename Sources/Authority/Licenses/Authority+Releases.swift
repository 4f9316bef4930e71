package import CivilTime
internal import GRDB
package import Libcrypto
package import Licensing
package import Sealing

/// A release in the registry.
package struct IssuedRelease: Sendable, Equatable {
  package let release: Release
  /// The sealed document.
  package let jws: String
  package let kid: Thumbprint

  init(_ row: Row) throws {
    let payload = try row.decode(String.self, forColumn: "payload")
    let kid = try Thumbprint(row.decode(String.self, forColumn: "kid"))
    guard let release = try? Release.parse(Array(payload.utf8)), let kid else {
      let version = try row.decode(String.self, forColumn: "version")
      throw AuthorityError.damaged("release \(version.prefix(64)) cannot be read")
    }
    self.release = release
    self.kid = kid
    jws = try row.decode(forColumn: "jws")
  }

  package var json: JSONValue { ["kid": kid.json, "release": release.json] }
}

/// A release that is to be signed.
package struct ReleaseOrder: Sendable {
  package var product: String
  package var version: String
  package var released: CivilDate
  package var coveredAsOf: CivilDate?
  package var commit: String?

  package init(
    product: String, version: String, released: CivilDate, coveredAsOf: CivilDate? = nil,
    commit: String? = nil
  ) {
    self.product = product
    self.version = version
    self.released = released
    self.coveredAsOf = coveredAsOf
    self.commit = commit
  }
}

extension Registry {
  private static let releaseColumns = "version, payload, jws, kid"

  /// Every release, in the order in which they were signed.
  package func releases() throws(AuthorityError) -> [IssuedRelease] {
    try read { db in
      try Row.fetchAll(db, sql: "SELECT \(Self.releaseColumns) FROM releases ORDER BY intent")
        .map { try IssuedRelease($0) }
    }
  }

  /// A release by its name; nil where there is none.
  package func release(
    _ product: String, _ version: String, commit: String?
  ) throws(AuthorityError) -> IssuedRelease? {
    try read { db in
      try Row.fetchOne(
        db,
        sql: """
          SELECT \(Self.releaseColumns) FROM releases
          WHERE product = ? AND version = ? AND commit_id = ?
          """, arguments: [product, version, commit ?? ""]
      ).map { try IssuedRelease($0) }
    }
  }
}

extension Authority {
  /// Signs a release document.
  ///
  /// A release is signed once: a second document with another date would let the days of the
  /// community edition begin anew.
  package func signRelease(
    _ order: ReleaseOrder, key: Thumbprint? = nil, passphrase: Secret, why: String
  ) throws(AuthorityError) -> Verified<Release> {
    let author = try author(why)
    let keyset = try trust().keyset
    let release = Release(
      iss: keyset.iss, iat: author.at, epoch: keyset.epoch, product: order.product,
      version: order.version, released: order.released, coveredAsOf: order.coveredAsOf,
      commit: order.commit)
    guard
      try registry.release(release.product, release.version, commit: release.commit) == nil
    else {
      throw AuthorityError(
        .conflict,
        "release \(release.subject) has been signed already: \"tally release export\" writes its "
          + "file again")
    }
    try requireSameDates(release)
    return try issue(release, as: .releaseSign, with: key, passphrase: passphrase, by: author)
  }

  /// Two builds of one version came out on one date: a platform that does not name its commit matches
  /// the documents of both.
  private func requireSameDates(_ release: Release) throws(AuthorityError) {
    let other = try registry.releases().map(\.release).first {
      $0.product.isSameBytes(as: release.product) && $0.version.isSameBytes(as: release.version)
        && ($0.released != release.released || $0.coveredAsOf != release.coveredAsOf)
    }
    guard let other else { return }
    throw AuthorityError(
      .conflict,
      "\(release.version) has been signed as released on \(other.released)"
        + (other.coveredAsOf.map { ", covered as of \($0)" } ?? "")
        + ": every build of a version has the same dates; give those, or another version")
  }

  /// The file that ships in the install package: every keyset that is needed, then the release.
  package func file(of release: Verified<Release>) throws(AuthorityError) -> String {
    DocumentFile.text([release.jws], of: .release, keysets: try trust().chain)
  }

  /// The file of a release signed before.
  /// - Throws: ``AuthorityError`` `NOT_FOUND`.
  package func releaseFile(
    _ product: String, _ version: String, commit: String?
  ) throws(AuthorityError) -> String {
    guard let release = try registry.release(product, version, commit: commit) else {
      throw AuthorityError(
        .notFound,
        "the registry has no release \(version) of \(product)\(commit.map { " at \($0)" } ?? ""): "
          + "\"tally release list\" shows those it has")
    }
    return DocumentFile.text([release.jws], of: .release, keysets: try trust().chain)
  }
}
