package import CivilTime
package import Sealing

/// What the vendor says of one release; it ships in the install package.
package struct Release: VendorPayload {
  package static let kind = DocumentKind.release
  package static let use = KeyUse.release

  package var iss: String
  package var iat: Int64
  /// The least epoch of the keyset that it accepts.
  package var leastEpoch: Int64
  package var product: String
  package var version: String
  /// The date on which it comes out, at most ``mostDaysAhead`` days after the UTC date of `iat`.
  package var released: CivilDate
  /// Lets a security fix count as older for coverage; it never moves the days of the community
  /// edition.
  package var coveredAsOf: CivilDate?
  package var commit: String?

  /// How many days a release may be signed before it comes out.
  ///
  /// The community edition ends so many days after `released`. A key signs at instants of its own
  /// dates alone, so that a stolen one cannot give that edition for years.
  package static let mostDaysAhead: Int64 = 31

  package var epoch: Int64? { leastEpoch }

  package init(
    iss: String, iat: Int64, epoch: Int64 = 1, product: String, version: String,
    released: CivilDate, coveredAsOf: CivilDate? = nil, commit: String? = nil
  ) {
    self.iss = iss
    self.iat = iat
    self.leastEpoch = epoch
    self.product = product
    self.version = version
    self.released = released
    self.coveredAsOf = coveredAsOf
    self.commit = commit
  }

  package init(reading reader: inout ObjectReader) throws(Refusal) {
    iss = try reader.string("iss")
    iat = try reader.instant("iat")
    leastEpoch = try reader.integer("epoch", in: 1...SealedLimits.counts.upperBound)
    product = try reader.word("product")
    version = try reader.word("version")
    released = try reader.date("released")
    coveredAsOf = try reader.optionalDate("covered_as_of")
    commit = try reader.optionalWord("commit")
    try check()
  }

  /// Holds what a release's dates must be to each other. Reading does it by itself; whoever is about to
  /// issue one does it first.
  /// - Throws: ``Refusal`` `MALFORMED` naming the member.
  package func check() throws(Refusal) {
    if let coveredAsOf, coveredAsOf > released {
      throw .malformed("covered_as_of must not lie after released")
    }
    guard daysAhead <= Self.mostDaysAhead else {
      throw .malformed(
        "released is \(released), \(daysAhead) days after the UTC date of iat; it must lie at most "
          + "\(Self.mostDaysAhead) days after it: sign the release nearer to its day")
    }
  }

  /// Days from the UTC date of issue to the date on which it comes out; negative after it.
  package var daysAhead: Int64 { Zone.utc.date(at: iat).days(until: released) }

  package var members: [JSONMember] {
    var members = [
      JSONMember("iss", .string(iss)),
      JSONMember("iat", .integer(iat)),
      JSONMember("epoch", .integer(leastEpoch)),
      JSONMember("product", .string(product)),
      JSONMember("version", .string(version)),
      JSONMember("released", .string(released.description)),
    ]
    members.add("covered_as_of", coveredAsOf.map { .string($0.description) })
    members.add("commit", commit.map { .string($0) })
    return members
  }

  /// The date that coverage is judged by.
  package var coverageDate: CivilDate { coveredAsOf ?? released }

  /// The last date on which the community edition may use it.
  package var communityThrough: CivilDate {
    released.adding(days: Edition.communityDays) ?? .last
  }

  package func excess(over constraints: KeyConstraints) -> String? {
    guard let products = constraints.products,
      !products.contains(where: { $0.isSameBytes(as: product) })
    else { return nil }
    return "product \(product) is not among \(products.joined(separator: ", "))"
  }
}

/// What the platform says of itself: `VERSION` or `VERSION@COMMIT`, from its own binary.
package struct RunningRelease: Hashable, Sendable, CustomStringConvertible {
  package let version: String
  package let commit: String?

  /// - Returns: nil unless both parts are 1 to 64 digits, letters or `. _ + ~ -`.
  package init?(_ text: String) {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
    guard (1...2).contains(parts.count), parts.allSatisfy(Characters.isName) else { return nil }
    version = parts[0]
    commit = parts.count == 2 ? parts[1] : nil
  }

  package var description: String {
    commit.map { "\(version)@\($0)" } ?? version
  }
}
