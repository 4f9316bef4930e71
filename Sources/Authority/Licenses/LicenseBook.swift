internal import CivilTime
package import Licensing
internal import Sealing

/// All lines of the registry, each on today's date in its zone.
package struct LicenseBook: Sendable {
  private var lines: [LineID: LineHistory]

  /// - Throws: ``AuthorityError`` `INPUT_INVALID` for a zone that this machine does not have.
  package init(
    _ licenses: [IssuedLicense], _ authority: Authority
  ) throws(AuthorityError) {
    let now = try authority.now()
    var zones: [String: Zone] = [:]
    lines = [:]
    for (line, revisions) in Dictionary(grouping: licenses, by: \.license.line) {
      // The zone never changes within a line.
      let name = revisions.last?.license.zone ?? ""
      let zone = if let known = zones[name] { known } else { try authority.zone(name) }
      zones[name] = zone
      lines[line] = LineHistory(revisions, today: zone.date(at: now))
    }
  }

  /// Every line, by its id, which sorts by age.
  package var histories: [LineHistory] {
    lines.sorted { $0.key < $1.key }.map(\.value)
  }

  /// How a license stands in its line, in words.
  package func standing(of issued: IssuedLicense) -> String {
    lines[issued.license.line]?.standing(of: issued).rawValue ?? issued.state.rawValue
  }

  /// As ``standing(of:)``, in each language.
  package func words(of issued: IssuedLicense) -> BilingualText {
    let standing = lines[issued.license.line]?.standing(of: issued)
    return standing?.words ?? issued.state.words
  }

  /// What ends within so many days, the soonest first.
  package func expiring(within days: Int64) -> [Expiring] {
    lines.values.compactMap { $0.expiring(within: days) }
      .sorted { ($0.through, $0.issued.license.jti) < ($1.through, $1.issued.license.jti) }
  }

  /// How a license's line stands, nil for a line that is not in the book.
  package func history(of line: LineID) -> LineHistory? { lines[line] }
}

extension Authority {
  /// What is lost when a pending intent is dropped, in words: a reissue of a line has more than one
  /// copy, and those that stand may hide revisions whose copies do not.
  package func lostByDropping(_ intent: Intent) throws(AuthorityError) -> [BilingualText] {
    guard intent.kind == .license, let license = try? License.parse(intent.bytes),
      try registry.licenses().contains(where: { $0.license.line == license.line })
    else { return [] }
    return try history(of: .line(license.line), at: try now()).interruptions()
  }
}
