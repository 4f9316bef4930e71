internal import CivilTime
package import Licensing
package import Sealing

/// What a key has signed that somebody still needs: it dies with the key.
package struct SignedDocuments: Sendable, Equatable {
  /// Licenses that are in use, or will be.
  package let licenses: [IssuedLicense]
  /// Releases are in use as long as somebody runs them, which the registry does not know.
  package let releases: [IssuedRelease]
  /// The number of the newest revocations document.
  package let revocations: Int64?
  /// A gateway's key seals activations, receipts and statements that the registry does not have.
  package let isGateway: Bool

  package var isEmpty: Bool {
    licenses.isEmpty && releases.isEmpty && revocations == nil && !isGateway
  }

  /// One line for each, with what to do about it.
  package var words: [BilingualText] {
    var words = licenses.map { issued in
      let license = issued.license
      let edition = license.edition.rawValue
      return BilingualText(
        "license \(license.jti) (\(edition), revision \(license.revision) of \(license.line), "
          + "\(license.customer)): \"tally license reissue\"",
        "许可证 \(license.jti)（\(edition)，系列 \(license.line) 的修订号 \(license.revision)，"
          + "\(license.customer)）：\"tally license reissue\"")
    }
    words += releases.map { issued in
      let (version, product) = (issued.release.version, issued.release.product)
      return BilingualText(
        "release \(version) of \(product): \"tally release reissue\"",
        "\(product) 的版本 \(version)：\"tally release reissue\"")
    }
    if let revocations {
      words.append(
        BilingualText(
          "revocations \(revocations): \"tally revocations issue\"",
          "吊销清单 \(revocations)：\"tally revocations issue\""))
    }
    if isGateway {
      words.append(
        BilingualText(
          "activations, receipts and statements of a gateway: start it with another key; its "
            + "installations activate again",
          "网关的激活、回执和账单：请用另一个密钥启动网关，各安装会重新激活"))
    }
    return words
  }

  package var json: JSONValue {
    [
      "licenses": .array(licenses.map(\.license.jti.json)),
      "releases": .array(releases.map { .string($0.release.subject) }),
      "revocations": revocations.map { .integer($0) } ?? .null, "gateway": .bool(isGateway),
    ]
  }
}

extension Authority {
  /// What a key has signed that is still needed.
  package func signedDocuments(of key: KeyRecord) throws(AuthorityError) -> SignedDocuments {
    let now = try now()
    let all = try registry.licenses()
    let revocations = try registry.newestRevocations()
    return SignedDocuments(
      licenses: all.filter { $0.kid == key.thumbprint && isInUse($0, among: all, at: now) },
      releases: try registry.releases().filter { $0.kid == key.thumbprint },
      revocations: revocations?.kid == key.thumbprint ? revocations?.revocations.seq : nil,
      isGateway: key.role == .online(.gateway))
  }

  /// What is in use, or will be, and is believed by nobody who has the newest keyset: its key is revoked,
  /// or in no keyset.
  package func unbelieved() throws(AuthorityError) -> SignedDocuments {
    let now = try now()
    let trust = try trust()
    let all = try registry.licenses()
    let revocations = try registry.newestRevocations()
    return SignedDocuments(
      licenses: all.filter { !isOpened($0, by: trust) && isInUse($0, among: all, at: now) },
      releases: try registry.releases().filter {
        (try? trust.open(Array($0.jws.utf8), as: Release.self)) == nil
      },
      revocations: revocations.flatMap {
        isOpened($0.jws, by: trust) ? nil : $0.revocations.seq
      }, isGateway: false)
  }

  /// Whether a license can be the one in force, today or later: it is not revoked, its dates and days
  /// of grace are not over, and no higher revision has begun, but for one that a reissue made which
  /// was broken off.
  func isInUse(_ issued: IssuedLicense, among all: [IssuedLicense], at now: Int64) -> Bool {
    let license = issued.license
    guard issued.state == .issued else { return false }
    // Where the zone is unknown here, a license too many is named rather than one too few.
    guard let zone = try? zone(license.zone) else { return true }
    let today = zone.date(at: now)
    guard license.period(in: zone).phase(at: now) != .over else { return false }
    let line = all.filter { $0.license.line == license.line }
    let isReplaced = line.contains {
      $0.license.revision > license.revision && $0.license.hasBegun(on: today)
    }
    return !isReplaced || LineHistory(line, today: today).interrupted.contains(issued)
  }
}
