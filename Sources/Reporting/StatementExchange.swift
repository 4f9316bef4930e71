package import Sealing

/// What an installation sends to `POST /v1/statements/fetch`: the month that it asks for, and a sign of
/// life sealed with its own key just now, by which the gateway knows who asks.
///
/// `{"installation":…,"month":"2026-11","alive":JWS,"have"?:{"epoch"}}`
package struct StatementRequest: Sendable, Equatable {
  /// How far the sign of life may be from the gateway's clock, in seconds.
  package static let patience: Int64 = 300

  package let installation: Thumbprint
  /// As the installation writes it, `YYYY-MM`.
  package let month: String
  package let alive: String
  package let have: Holdings

  package init(
    installation: Thumbprint, month: String, alive: String, have: Holdings = Holdings()
  ) {
    self.installation = installation
    self.month = month
    self.alive = alive
    self.have = have
  }

  /// - Throws: ``Problem`` `MALFORMED`.
  package init(_ bytes: [UInt8]) throws(Problem) {
    do throws(Refusal) {
      let value = try JSONScanner.scan(bytes, maximumDepth: 4)
      try value.requireDocumentShape()
      var reader = try ObjectReader(value, at: "")
      installation = try reader.thumbprint("installation")
      month = try reader.string("month", maximum: 7)
      alive = try reader.string("alive", maximum: DocumentKind.alive.maximumSize)
      if var have = try reader.optionalObject("have") {
        self.have = try Holdings(reading: &have)
        try have.end()
      } else {
        have = Holdings()
      }
      try reader.end()
    } catch { throw Problem(error) }
  }

  package var json: JSONValue {
    [
      "installation": installation.json, "month": .string(month), "alive": .string(alive),
      "have": have.json,
    ]
  }
}

/// What `POST /v1/statements/fetch` answers.
package struct StatementAnswer: Sendable, Equatable {
  /// The sealed statement.
  package let statement: String
  /// Keysets that the installation lacks.
  package let delivery: Delivery

  package init(statement: String, delivery: Delivery = Delivery()) {
    self.statement = statement
    self.delivery = delivery
  }

  /// Reads an answer; members that are not known are passed over. Trust is in the statement's seal.
  /// - Throws: ``Refusal`` `MALFORMED`.
  package init(_ bytes: [UInt8]) throws(Refusal) {
    let value = try JSONScanner.scan(bytes, maximumDepth: 8)
    var reader = try ObjectReader(value, at: "")
    statement = try reader.string("statement", maximum: DocumentKind.statement.maximumSize)
    delivery = try Delivery(reading: &reader)
  }

  package var json: JSONValue {
    .object([JSONMember("statement", .string(statement))] + delivery.members)
  }
}
