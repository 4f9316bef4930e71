internal import GRDB
package import Licensing
package import Sealing

/// Who buys licenses.
package struct Customer: Sendable, Equatable {
  package let id: CustomerID
  /// As it stands in licenses, for people.
  package let name: String
  package let createdAt: Int64

  init(id: CustomerID, name: String, createdAt: Int64) {
    self.id = id
    self.name = name
    self.createdAt = createdAt
  }

  init(_ row: Row) throws {
    guard let id = try CustomerID(row.decode(String.self, forColumn: "id")) else {
      throw AuthorityError.damaged("a customer in the registry cannot be read")
    }
    self.id = id
    name = try row.decode(forColumn: "name")
    createdAt = try row.decode(forColumn: "created_at")
  }

  package var json: JSONValue {
    ["id": id.json, "name": .string(name), "created_at": .integer(createdAt)]
  }
}

extension Registry {
  /// Every customer, oldest first.
  package func customers() throws(AuthorityError) -> [Customer] {
    try read { db in
      try Row.fetchAll(db, sql: "SELECT id, name, created_at FROM customers ORDER BY id")
        .map { try Customer($0) }
    }
  }

  /// A customer, believed only as the log says: the name goes into licenses, which are signed.
  /// - Throws: ``AuthorityError`` `NOT_FOUND`, `REGISTRY_DAMAGED` where the row was changed since.
  package func customer(_ id: CustomerID) throws(AuthorityError) -> Customer {
    let customer = try read { db in
      let customer = try Row.fetchOne(
        db, sql: "SELECT id, name, created_at FROM customers WHERE id = ?", arguments: [id.text]
      ).map { try Customer($0) }
      if let customer { try Self.requireLogged(customer, db) }
      return customer
    }
    guard let customer else {
      throw AuthorityError(
        .notFound,
        "the registry has no customer \(id): \"tally customer list\" shows those it has")
    }
    return customer
  }
}

extension Registry {
  /// Holds a customer's row against the last row of the log about it, and that one against its hash and
  /// the row after it.
  private static func requireLogged(_ customer: Customer, _ db: Database) throws {
    let actions: [AuditEntry.Action] = [.customerAdd, .registryRestoreEntry]
    let row = try Row.fetchOne(
      db,
      sql: """
        SELECT seq, at, who, action, why, subjects, payload, prev, hash FROM audit
        WHERE action IN (?, ?) AND subjects = ? ORDER BY seq DESC LIMIT 1
        """,
      arguments: [
        actions[0].rawValue, actions[1].rawValue,
        AuditEntry.text([customer.id.text]),
      ])
    guard let entry = try row.map({ try AuditEntry($0) }),
      entry.payload.isSameBytes(as: customer.json.text),
      entry.hash == entry.expectedHash
    else {
      throw AuthorityError.damaged("customer \(customer.id) is not as the log says")
    }
    let next = try String.fetchOne(
      db, sql: "SELECT prev FROM audit WHERE seq = ?", arguments: [entry.seq + 1])
    guard next == nil || next == entry.hash.text else {
      throw AuthorityError.damaged("row \(entry.seq) of the audit log was changed")
    }
  }
}
