package import Sealing

/// What an installation sends to `POST /v1/activations`: its license and an enrolment sealed with its
/// own key. Offline both travel as armour blocks in one file.
package struct ActivationRequest: Sendable, Equatable {
  package let license: String
  package let enrolment: String

  package init(license: String, enrolment: String) {
    self.license = license
    self.enrolment = enrolment
  }

  /// - Throws: ``Problem`` `MALFORMED`.
  package init(_ bytes: [UInt8]) throws(Problem) {
    do throws(Refusal) {
      let value = try JSONScanner.scan(bytes, maximumDepth: 2)
      try value.requireDocumentShape()
      var reader = try ObjectReader(value, at: "")
      license = try reader.string("license", maximum: DocumentKind.license.maximumSize)
      enrolment = try reader.string("enrolment", maximum: DocumentKind.enrolment.maximumSize)
      try reader.end()
    } catch { throw Problem(error) }
  }

  package var json: JSONValue {
    ["license": .string(license), "enrolment": .string(enrolment)]
  }
}

/// What `POST /v1/activations` answers.
package struct ActivationAnswer: Sendable, Equatable {
  /// The sealed activation.
  package let activation: String
  package let delivery: Delivery

  package init(activation: String, delivery: Delivery = Delivery()) {
    self.activation = activation
    self.delivery = delivery
  }

  /// - Throws: ``Refusal`` `MALFORMED`.
  package init(_ bytes: [UInt8]) throws(Refusal) {
    let value = try JSONScanner.scan(bytes, maximumDepth: 8)
    var reader = try ObjectReader(value, at: "")
    activation = try reader.string("activation", maximum: DocumentKind.activation.maximumSize)
    delivery = try Delivery(reading: &reader)
  }

  package var json: JSONValue {
    .object([JSONMember("activation", .string(activation))] + delivery.members)
  }
}

/// What the vendor's staff send to `PUT /v1/publications`: documents for the back channel. Publishing
/// the same again changes nothing.
package struct Publication: Sendable, Equatable {
  package let licenses: [String]
  package let keysets: [String]
  package let revocations: String?

  package init(licenses: [String] = [], keysets: [String] = [], revocations: String? = nil) {
    self.licenses = licenses
    self.keysets = keysets
    self.revocations = revocations
  }

  /// - Throws: ``Problem`` `MALFORMED`.
  package init(_ bytes: [UInt8]) throws(Problem) {
    do throws(Refusal) {
      let value = try JSONScanner.scan(bytes, maximumDepth: 3)
      try value.requireDocumentShape()
      var reader = try ObjectReader(value, at: "")
      licenses = try reader.documents("licenses", kind: .license, maximum: 10_000)
      keysets = try reader.documents("keysets", kind: .keyset, maximum: 64)
      revocations = try reader.optionalString(
        "revocations", maximum: DocumentKind.revocations.maximumSize)
      try reader.end()
    } catch { throw Problem(error) }
  }

  package var json: JSONValue {
    var members = [
      JSONMember("licenses", .array(licenses.map { .string($0) })),
      JSONMember("keysets", .array(keysets.map { .string($0) })),
    ]
    if let revocations { members.append(JSONMember("revocations", .string(revocations))) }
    return .object(members)
  }
}
