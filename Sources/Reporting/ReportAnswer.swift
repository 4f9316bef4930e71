package import Sealing

/// What `POST /v1/reports` answers once everything it names is durable.
///
/// `{"results":[{"seq","status","code"?}],"receipt":JWS,"licenses":[JWS…],"keysets":[…],
/// "revocations"?:JWS}`
package struct ReportAnswer: Sendable, Equatable {
  package let results: [RecordResult]
  /// The sealed receipt.
  package let receipt: String
  package let delivery: Delivery

  package init(results: [RecordResult], receipt: String, delivery: Delivery = Delivery()) {
    self.results = results
    self.receipt = receipt
    self.delivery = delivery
  }

  /// Reads an answer; members that are not known are passed over, so that an older verifier lives with
  /// a newer gateway. Trust is in the receipt's seal.
  /// - Throws: ``Refusal`` `MALFORMED`.
  package init(_ bytes: [UInt8]) throws(Refusal) {
    let value = try JSONScanner.scan(bytes, maximumDepth: 8)
    var reader = try ObjectReader(value, at: "")
    receipt = try reader.string("receipt", maximum: DocumentKind.receipt.maximumSize)
    results = try reader.array("results", maximum: 100_000).enumerated().map {
      index, value throws(Refusal) in
      try RecordResult(value, at: "results[\(index)]")
    }
    delivery = try Delivery(reading: &reader)
  }

  package var json: JSONValue {
    .object(
      [
        JSONMember("results", .array(results.map(\.json))),
        JSONMember("receipt", .string(receipt)),
      ] + delivery.members)
  }
}

/// What became of one record of a report.
package struct RecordResult: Sendable, Equatable {
  package enum Status: String, Sendable, CaseIterable {
    /// Committed by this request.
    case stored
    /// Committed before; counted once.
    case duplicate
    /// Attested and committed, but not understood by this gateway; staff look at it.
    case quarantined
    /// Not committed: `code` says why. Everything before it is.
    case refused
  }

  /// The record's `seq`; 0 where it could not be read.
  package let seq: Int64
  package let status: Status
  /// Why it was refused or what is remarkable about it.
  package let code: String?

  package init(seq: Int64, status: Status, code: String? = nil) {
    self.seq = seq
    self.status = status
    self.code = code
  }

  init(_ value: JSONValue, at path: String) throws(Refusal) {
    var reader = try ObjectReader(value, at: path)
    seq = try reader.integer("seq", in: SealedLimits.counts)
    status = try reader.choice("status")
    code = try reader.optionalString("code")
  }

  var json: JSONValue {
    var members = [
      JSONMember("seq", .integer(seq)), JSONMember("status", .string(status.rawValue)),
    ]
    if let code { members.append(JSONMember("code", .string(code))) }
    return .object(members)
  }
}

/// What the back channel brings: all of it is verified as if it came by hand.
package struct Delivery: Sendable, Equatable {
  /// Sealed licenses of the installation's own line at higher revisions.
  package let licenses: [String]
  /// Keysets above the epoch that the installation has.
  package let keysets: [String]
  package let revocations: String?

  package init(licenses: [String] = [], keysets: [String] = [], revocations: String? = nil) {
    self.licenses = licenses
    self.keysets = keysets
    self.revocations = revocations
  }

  init(reading reader: inout ObjectReader) throws(Refusal) {
    licenses = try reader.documents("licenses", kind: .license, maximum: 64)
    keysets = try reader.documents("keysets", kind: .keyset, maximum: 64)
    revocations = try reader.optionalString(
      "revocations", maximum: DocumentKind.revocations.maximumSize)
  }

  var members: [JSONMember] {
    var members = [
      JSONMember("licenses", .array(licenses.map { .string($0) })),
      JSONMember("keysets", .array(keysets.map { .string($0) })),
    ]
    if let revocations { members.append(JSONMember("revocations", .string(revocations))) }
    return members
  }
}
