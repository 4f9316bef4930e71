internal import CivilTime
package import Licensing

/// What names a license on the command line: itself, or its line for the highest revision.
package enum LicenseName: Sendable, Hashable, CustomStringConvertible {
  case license(LicenseID)
  case line(LineID)

  /// - Returns: nil for a text that is neither.
  package init?(_ text: String) {
    if let id = LicenseID(text) {
      self = .license(id)
    } else if let line = LineID(text) {
      self = .line(line)
    } else {
      return nil
    }
  }

  package var description: String {
    switch self {
    case .license(let id): id.text
    case .line(let line): line.text
    }
  }
}

extension Authority {
  /// Every revision of the line that a name belongs to, on a date of its zone.
  /// - Throws: ``AuthorityError`` `NOT_FOUND`, `INPUT_INVALID` for a zone that is not on this machine.
  package func history(
    of name: LicenseName, at now: Int64
  ) throws(AuthorityError) -> LineHistory {
    let line: LineID
    switch name {
    case .license(let id): line = try registry.license(id).license.line
    case .line(let id): line = id
    }
    let revisions = try registry.revisions(of: line)
    // The zone never changes within a line.
    let zone = try zone(revisions.last?.license.zone ?? "")
    return LineHistory(revisions, today: zone.date(at: now))
  }
}

extension LineHistory {
  /// The revision that a name means.
  /// - Throws: ``AuthorityError`` `CONFLICT` for one that counts no more.
  func current(_ name: LicenseName) throws(AuthorityError) -> IssuedLicense {
    guard let newest else { throw .damaged("a line without revisions") }
    guard case .license(let id) = name, id != newest.license.jti else { return newest }
    guard let named = revisions.first(where: { $0.license.jti == id }) else {
      throw .damaged("license \(id) is not in its line")
    }
    switch standing(of: named) {
    case .inForce, .upcoming, .ended: return named
    case .interrupted:
      throw AuthorityError(
        .conflict, interruptedInWords().joined(separator: "; ") + "; then name the line")
    case .superseded, .revoked:
      let word = named.state == .revoked ? "revoked" : "superseded"
      throw AuthorityError(
        .conflict,
        "\(id) is revision \(named.license.revision) of \(named.license.line) and is \(word): name "
          + "its newest revision, \(newest.license.jti), or the line")
    }
  }
}
