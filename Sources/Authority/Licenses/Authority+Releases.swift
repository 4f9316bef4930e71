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

  init(_ row: Row, sealedBy keys: NamedKeys) throws {
    let payload = try row.decode(String.self, forColumn: "payload")
    let kid = try Thumbprint(row.decode(String.self, forColumn: "kid"))
    guard let release = try? Release.parse(Array(payload.utf8)), let kid else {
      let version = try row.decode(String.self, forColumn: "version")
      throw AuthorityError.damaged("release \(version.prefix(64)) cannot be read")
    }
    self.release = release
    self.kid = kid
    jws = try row.decode(forColumn: "jws")
    try keys.require(
      jws, .release, for: .release, over: payload, by: kid,
      "release \(release.version) in the registry")
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

/// A release as it would be signed.
package struct ReleaseDraft: Sendable {
  package let release: Release
  /// What is to be confirmed.
  package private(set) var questions: [IssuingQuestion]

  init(_ release: Release, _ questions: [IssuingQuestion]) {
    self.release = release
    self.questions = questions
  }

  /// The draft with more to be confirmed, first of all.
  package func asking(_ more: [IssuingQuestion]) -> ReleaseDraft {
    ReleaseDraft(release, more + questions)
  }
}

extension Registry {
  private static let releaseColumns = "version, payload, jws, kid"

  /// Every release, in the order in which they were signed; of one signed again the newest document.
  package func releases() throws(AuthorityError) -> [IssuedRelease] {
    try read { db in
      let keys = try NamedKeys(db, roots: roots)
      return try Row.fetchAll(
        db,
        sql: """
          SELECT \(Self.releaseColumns) FROM releases
          WHERE intent = (
            SELECT max(intent) FROM releases AS other
            WHERE other.product = releases.product AND other.version = releases.version
              AND other.commit_id = releases.commit_id)
          ORDER BY intent
          """
      ).map { try IssuedRelease($0, sealedBy: keys) }
    }
  }

  /// The newest document of a release by its name; nil where there is none.
  package func release(
    _ product: String, _ version: String, commit: String?
  ) throws(AuthorityError) -> IssuedRelease? {
    try read { db in
      try Row.fetchOne(
        db,
        sql: """
          SELECT \(Self.releaseColumns) FROM releases
          WHERE product = ? AND version = ? AND commit_id = ? ORDER BY intent DESC LIMIT 1
          """, arguments: [product, version, commit ?? ""]
      ).map { try IssuedRelease($0, sealedBy: NamedKeys(db, roots: roots)) }
    }
  }
}

extension Authority {
  /// A release as it would be signed.
  ///
  /// A version has one date for ever: a second document with another one would let the days of the
  /// community edition begin anew. Another commit of it is asked about.
  /// - Throws: ``AuthorityError`` `INPUT_INVALID` for one that comes out more than
  ///   ``Release/mostDaysAhead`` days from now, `CONFLICT`.
  package func draft(_ order: ReleaseOrder) throws(AuthorityError) -> ReleaseDraft {
    let keyset = try trust().keyset
    let release = Release(
      iss: keyset.iss, iat: try now(), epoch: keyset.epoch, product: order.product,
      version: order.version, released: order.released, coveredAsOf: order.coveredAsOf,
      commit: order.commit)
    try requireNearDay(release)
    guard
      try registry.release(release.product, release.version, commit: release.commit) == nil
    else {
      throw AuthorityError(
        .conflict,
        "release \(release.subject) has been signed already: \"tally release export\" writes its "
          + "file again")
    }
    try requireSameDates(release)
    return ReleaseDraft(release, try questions(about: release))
  }

  /// The document that an order has already: of the same product, version, commit and dates, under a key
  /// that stands.
  /// - Returns: nil where there is none, and signing is to say what stands in the way.
  package func signed(_ order: ReleaseOrder) throws(AuthorityError) -> IssuedRelease? {
    guard
      let issued = try registry.release(order.product, order.version, commit: order.commit),
      issued.release.released == order.released,
      issued.release.coveredAsOf == order.coveredAsOf,
      (try? trust().open(Array(issued.jws.utf8), as: Release.self)) != nil
    else { return nil }
    return issued
  }

  /// Does everything that signing does but for the intent, the real signature and the store.
  package func rehearse(
    _ draft: ReleaseDraft, with chosen: Thumbprint?, trying passphrase: Secret? = nil
  ) throws(AuthorityError) -> Rehearsed {
    try rehearse(draft.release, with: chosen, trying: passphrase)
  }

  /// Signs a release document.
  /// - Parameter confirmed: whether its questions were answered with yes.
  package func sign(
    _ draft: ReleaseDraft, with key: Thumbprint? = nil, passphrase: Secret,
    confirmed: Bool = false, why: String
  ) throws(AuthorityError) -> Verified<Release> {
    guard confirmed || draft.questions.isEmpty else { throw .unanswered(draft.questions) }
    let author = try author(
      why, doing: "release \(draft.release.subject)", at: draft.release.iat
    ).confirming(draft.questions)
    return try issue(
      draft.release, as: .releaseSign, with: key, passphrase: passphrase, by: author)
  }

  /// Signs the release that an order comes to; see ``draft(_:)-(ReleaseOrder)``.
  package func signRelease(
    _ order: ReleaseOrder, key: Thumbprint? = nil, passphrase: Secret, confirmed: Bool = false,
    why: String
  ) throws(AuthorityError) -> Verified<Release> {
    try sign(draft(order), with: key, passphrase: passphrase, confirmed: confirmed, why: why)
  }

  /// Every program refuses a release that was signed long before its day, so none is signed.
  private func requireNearDay(_ release: Release) throws(AuthorityError) {
    guard release.daysAhead > Release.mostDaysAhead else { return }
    let first = release.released.adding(days: -Release.mostDaysAhead) ?? .first
    throw AuthorityError(
      .inputInvalid,
      "the release is of \(release.released), \(release.daysAhead) days from now, and one is signed "
        + "at most \(Release.mostDaysAhead) days ahead: check the date, or sign it on \(first) or "
        + "later")
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
