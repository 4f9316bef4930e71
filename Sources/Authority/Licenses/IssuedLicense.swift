internal import GRDB
package import Licensing
package import Sealing

/// A license in the registry.
package struct IssuedLicense: Sendable, Equatable {
  package enum State: String, Sendable, CaseIterable {
    case issued
    case revoked
  }

  package let license: License
  package let state: State
  /// The sealed document.
  package let jws: String
  package let kid: Thumbprint

  init(_ row: Row) throws {
    let payload = try row.decode(String.self, forColumn: "payload")
    let kid = try Thumbprint(row.decode(String.self, forColumn: "kid"))
    let state = try State(rawValue: row.decode(forColumn: "state"))
    guard let license = try? License.parse(Array(payload.utf8)), let kid, let state else {
      let jti = try row.decode(String.self, forColumn: "jti")
      throw AuthorityError.damaged("license \(jti.prefix(64)) in the registry cannot be read")
    }
    self.license = license
    self.state = state
    self.kid = kid
    jws = try row.decode(forColumn: "jws")
  }

  package var json: JSONValue {
    ["state": .string(state.rawValue), "kid": kid.json, "license": license.json]
  }
}

extension Registry {
  private static let licenseColumns = "jti, state, payload, jws, kid"

  /// Every license, in the order in which they were issued.
  package func licenses() throws(AuthorityError) -> [IssuedLicense] {
    try read { db in
      try Row.fetchAll(db, sql: "SELECT \(Self.licenseColumns) FROM licenses ORDER BY intent")
        .map { try IssuedLicense($0) }
    }
  }

  /// - Throws: ``AuthorityError`` `NOT_FOUND`.
  package func license(_ id: LicenseID) throws(AuthorityError) -> IssuedLicense {
    let license = try read { db in
      try Row.fetchOne(
        db, sql: "SELECT \(Self.licenseColumns) FROM licenses WHERE jti = ?",
        arguments: [id.text]
      ).map { try IssuedLicense($0) }
    }
    guard let license else {
      throw AuthorityError(
        .notFound, "the registry has no license \(id): \"tally license list\" shows those it has")
    }
    return license
  }

  /// The highest revision of a line.
  /// - Throws: ``AuthorityError`` `NOT_FOUND`.
  package func newest(of line: LineID) throws(AuthorityError) -> IssuedLicense {
    let license = try read { db in
      try Row.fetchOne(
        db,
        sql: """
          SELECT \(Self.licenseColumns) FROM licenses WHERE line = ?
          ORDER BY revision DESC LIMIT 1
          """,
        arguments: [line.text]
      ).map { try IssuedLicense($0) }
    }
    guard let license else {
      throw AuthorityError(
        .notFound, "the registry has no line \(line): \"tally license list\" shows those it has")
    }
    return license
  }
}
