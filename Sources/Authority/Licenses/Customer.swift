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

  /// - Throws: ``AuthorityError`` `NOT_FOUND`.
  package func customer(_ id: CustomerID) throws(AuthorityError) -> Customer {
    let customer = try read { db in
      try Row.fetchOne(
        db, sql: "SELECT id, name, created_at FROM customers WHERE id = ?", arguments: [id.text]
      ).map { try Customer($0) }
    }
    guard let customer else {
      throw AuthorityError(
        .notFound,
        "the registry has no customer \(id): \"tally customer list\" shows those it has")
    }
    return customer
  }
}

extension Authority {
  /// Adds a customer.
  /// - Parameter name: 1 to 256 bytes without control characters.
  package func addCustomer(_ name: String, why: String) throws(AuthorityError) -> Customer {
    guard (1...256).contains(name.utf8.count),
      !name.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
    else {
      throw AuthorityError(
        .inputInvalid, "a customer's name has 1 to 256 bytes and no control characters")
    }
    let author = try author(why)
    let customer = Customer(
      id: try IdentifierMaker(random: random).make(at: author.at), name: name,
      createdAt: author.at)
    try registry.write { db in
      try db.execute(
        sql: "INSERT INTO customers (id, name, created_at) VALUES (?, ?, ?)",
        arguments: [customer.id.text, customer.name, customer.createdAt])
      try Registry.append(
        .customerAdd, subjects: [customer.id.text], payload: customer.json.text, by: author,
        in: db)
    }
    return customer
  }
}
