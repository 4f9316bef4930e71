package import Billing
internal import Licensing
package import Sealing

/// A sealed statement that was verified here, and the keysets that lead to the key of its seal.
package struct FetchedStatement: Sendable {
  package let statement: Statement
  /// As it came.
  package let jws: String
  package let keysets: [String]

  package init(statement: Statement, jws: String, keysets: [String]) {
    self.statement = statement
    self.jws = jws
    self.keysets = keysets
  }

  /// Reads what a daemon of this machine answers, which has verified it.
  /// - Throws: ``VerifierError`` `NOT_SERVING` for what is none.
  package init(_ json: JSONValue) throws(VerifierError) {
    do throws(Refusal) {
      var reader = try ObjectReader(json, at: "")
      jws = try reader.string("statement", maximum: Statement.kind.maximumSize)
      keysets = try reader.array("keysets", maximum: 64).compactMap(\.string)
      try reader.end()
      statement = try Statement.parse(
        try UnverifiedDocument(Array(jws.utf8), as: Statement.kind).payload)
    } catch {
      throw VerifierError(.notServing, "serve answers what cannot be read: \(error.message)")
    }
  }

  package var json: JSONValue {
    ["statement": .string(jws), "keysets": .array(keysets.map { .string($0) })]
  }
}
