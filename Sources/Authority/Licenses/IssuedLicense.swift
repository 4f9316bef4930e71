internal import GRDB
package import Licensing
package import Sealing

/// A license in the registry.
package struct IssuedLicense: Sendable, Equatable {
  package enum State: String, Sendable, CaseIterable {
    case issued
    case revoked

    package var words: BilingualText {
      let chinese =
        switch self {
        case .issued: "已签发"
        case .revoked: "已吊销"
        }
      return BilingualText(rawValue, chinese)
    }
  }

  package let license: License
  package let state: State
  /// The sealed document.
  package let jws: String
  package let kid: Thumbprint
  /// How it came about.
  package let action: AuditEntry.Action

  /// Reads a row, and believes it only with the signature of a key that a keyset has named: what is
  /// copied from it is signed anew.
  init(_ row: Row, sealedBy keys: NamedKeys) throws {
    let payload = try row.decode(String.self, forColumn: "payload")
    let kid = try Thumbprint(row.decode(String.self, forColumn: "kid"))
    let state = try State(rawValue: row.decode(forColumn: "state"))
    let action = try AuditEntry.Action(rawValue: row.decode(forColumn: "action"))
    let jti = try row.decode(String.self, forColumn: "jti")
    guard let license = try? License.parse(Array(payload.utf8)), license.jti.text == jti, let kid,
      let state, let action
    else {
      throw AuthorityError.damaged("license \(jti.prefix(64)) in the registry cannot be read")
    }
    self.license = license
    self.state = state
    self.kid = kid
    self.action = action
    jws = try row.decode(forColumn: "jws")
    try keys.require(
      jws, .license, for: .license, over: payload, by: kid, "license \(jti) in the registry")
  }

  package var json: JSONValue {
    ["state": .string(state.rawValue), "kid": kid.json, "license": license.json]
  }
}

/// A row of the registry that holds no license that can be read.
package struct DamagedRow: Sendable, Equatable {
  /// What the row is named by, cut short.
  package let name: String
  /// What is wrong and what to do.
  package let message: String

  package var json: JSONValue {
    ["state": "damaged", "jti": .string(name), "message": .string(message)]
  }
}

extension Registry {
  /// The row of the intent is missing only where the registry was damaged: the license counts as
  /// damaged then, not as absent.
  private static let licenseQuery = """
    SELECT licenses.jti, licenses.state, licenses.payload, licenses.jws, licenses.kid,
      coalesce(intents.action, '') AS action
    FROM licenses LEFT JOIN intents ON intents.id = licenses.intent
    """

  /// Every license, in the order in which they were issued.
  package func licenses() throws(AuthorityError) -> [IssuedLicense] {
    try read { db in
      let keys = try NamedKeys(db, roots: roots)
      return try Row.fetchAll(db, sql: "\(Self.licenseQuery) ORDER BY licenses.intent")
        .map { try IssuedLicense($0, sealedBy: keys) }
    }
  }

  /// Every license that can be read, in the order in which they were issued, and the rows that
  /// cannot: one damaged row must not hide all others.
  package func readableLicenses() throws(AuthorityError) -> (
    licenses: [IssuedLicense], damaged: [DamagedRow]
  ) {
    try read { db in
      let keys = try NamedKeys(db, roots: roots)
      var licenses: [IssuedLicense] = []
      var damaged: [DamagedRow] = []
      for row in try Row.fetchAll(db, sql: "\(Self.licenseQuery) ORDER BY licenses.intent") {
        do { licenses.append(try IssuedLicense(row, sealedBy: keys)) } catch {
          let name = (try? row.decode(String.self, forColumn: "jti")) ?? "?"
          let cause = (error as? AuthorityError) ?? .damaged("license \(name.prefix(64))")
          damaged.append(DamagedRow(name: String(name.prefix(64)), message: cause.message))
        }
      }
      return (licenses, damaged)
    }
  }

  /// - Throws: ``AuthorityError`` `NOT_FOUND`.
  package func license(_ id: LicenseID) throws(AuthorityError) -> IssuedLicense {
    let license = try read { db in
      try Row.fetchOne(
        db, sql: "\(Self.licenseQuery) WHERE licenses.jti = ?", arguments: [id.text]
      ).map { try IssuedLicense($0, sealedBy: NamedKeys(db, roots: roots)) }
    }
    guard let license else {
      throw AuthorityError(
        .notFound, "the registry has no license \(id): \"tally license list\" shows those it has")
    }
    return license
  }

  /// Every license of a customer, in the order in which they were issued.
  func licenses(of customer: CustomerID) throws(AuthorityError) -> [IssuedLicense] {
    try read { db in
      let keys = try NamedKeys(db, roots: roots)
      return try Row.fetchAll(
        db, sql: "\(Self.licenseQuery) WHERE licenses.customer = ? ORDER BY licenses.intent",
        arguments: [customer.text]
      ).map { try IssuedLicense($0, sealedBy: keys) }
    }
  }

  /// Every revision of a line, the lowest first, at least one.
  /// - Throws: ``AuthorityError`` `NOT_FOUND`.
  package func revisions(of line: LineID) throws(AuthorityError) -> [IssuedLicense] {
    let licenses = try read { db in
      let keys = try NamedKeys(db, roots: roots)
      return try Row.fetchAll(
        db, sql: "\(Self.licenseQuery) WHERE licenses.line = ? ORDER BY licenses.revision",
        arguments: [line.text]
      ).map { try IssuedLicense($0, sealedBy: keys) }
    }
    guard !licenses.isEmpty else {
      throw AuthorityError(
        .notFound, "the registry has no line \(line): \"tally license list\" shows those it has")
    }
    return licenses
  }

  /// The highest revision of a line.
  /// - Throws: ``AuthorityError`` `NOT_FOUND`.
  package func newest(of line: LineID) throws(AuthorityError) -> IssuedLicense {
    guard let newest = try revisions(of: line).last else {
      throw AuthorityError.damaged("line \(line) has no revisions")
    }
    return newest
  }
}
