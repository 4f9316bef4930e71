package import Licensing
package import Sealing

/// What an installation has been through, as the file `standing` carries it: sealed documents as they
/// came, and what the running verifier alone knows.
///
/// The file itself is not sealed. Every document in it proves itself; the floor, the findings and
/// `written` are believed as far as the file is.
package struct StandingDocument: Sendable, Equatable {
  /// Bytes that the file stays below, so that it travels as a Secret or ConfigMap (1 MiB with all else
  /// that is in one).
  package static let maximumSize = 1_000_000
  private static let version: Int64 = 1

  /// When the verifier wrote it, in Unix seconds.
  package var written: Int64
  /// All licenses held, sealed.
  package var licenses: [String]
  /// The keysets that lead from the root to the newest, as they came.
  package var keysets: [String]
  package var revocations: String?
  package var activation: String?
  /// The newest receipt, and the newest that grants a lease where that is another one.
  package var receipts: [String]
  /// The installation's key.
  package var installation: PublicKey?
  /// The newest usage record of the present chain; stands only beside ``installation``.
  package var record: String?
  /// No decision is made as of an earlier instant, in Unix seconds.
  package var floor: Int64?
  /// What the verifier found by itself.
  package var findings: [StandingFinding]

  package init(
    written: Int64, licenses: [String] = [], keysets: [String] = [], revocations: String? = nil,
    activation: String? = nil, receipts: [String] = [], installation: PublicKey? = nil,
    record: String? = nil, floor: Int64? = nil, findings: [StandingFinding] = []
  ) {
    self.written = written
    self.licenses = licenses
    self.keysets = keysets
    self.revocations = revocations
    self.activation = activation
    self.receipts = receipts
    self.installation = installation
    self.record = record
    self.floor = floor
    self.findings = findings
  }

  /// Reads the bytes of the file.
  /// - Throws: ``Refusal`` `DAMAGED` for everything that a verifier would not have written,
  ///   `UNSUPPORTED_VERSION` for a later form.
  package init(_ bytes: [UInt8]) throws(Refusal) {
    do throws(Refusal) {
      guard bytes.count <= Self.maximumSize else { throw .malformed("it is too large") }
      let value = try JSONScanner.scan(bytes, maximumDepth: SealedLimits.depth)
      if let version = value["ver"]?.integer, version > Self.version {
        throw Refusal(
          .unsupportedVersion,
          "this standing is version \(version); this program reads up to \(Self.version): update "
            + "the program")
      }
      try value.requireDocumentShape()
      var reader = try ObjectReader(value)
      _ = try reader.integer("ver", in: Self.version...Self.version)
      try self.init(reading: &reader)
      try reader.end()
    } catch {
      guard error.code != .unsupportedVersion else { throw error }
      throw Refusal(
        .damaged,
        "the standing is damaged (\(error.message)): the running verifier writes it anew, or "
          + "copy it again")
    }
  }

  private init(reading reader: inout ObjectReader) throws(Refusal) {
    written = try reader.instant("written")
    licenses = try reader.documents("licenses")
    keysets = try reader.documents("keysets")
    revocations = try reader.document("revocations")
    activation = try reader.document("activation")
    receipts = try reader.documents("receipts")
    installation = try reader.optional("installation").map { jwk throws(Refusal) in
      try PublicKey(jwk: jwk, at: "installation")
    }
    record = try reader.document("record")
    floor = try reader.optionalInstant("floor")
    findings = try reader.array("findings", maximum: 64).enumerated().map {
      index, value throws(Refusal) in
      try StandingFinding(value, at: "findings[\(index)]")
    }
    guard record == nil || installation != nil else {
      throw .malformed("installation must stand where record does")
    }
  }

  package var json: JSONValue {
    func list(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
    var members = [
      JSONMember("ver", .integer(Self.version)),
      JSONMember("written", .integer(written)),
      JSONMember("licenses", list(licenses)),
      JSONMember("keysets", list(keysets)),
    ]
    if let revocations { members.append(JSONMember("revocations", .string(revocations))) }
    if let activation { members.append(JSONMember("activation", .string(activation))) }
    members.append(JSONMember("receipts", list(receipts)))
    if let installation { members.append(JSONMember("installation", installation.jwk)) }
    if let record { members.append(JSONMember("record", .string(record))) }
    if let floor { members.append(JSONMember("floor", .integer(floor))) }
    members.append(JSONMember("findings", .array(findings.map(\.json))))
    return .object(members)
  }
}

extension ObjectReader {
  /// The text of a sealed document, nil when the member is absent.
  fileprivate mutating func document(_ name: String) throws(Refusal) -> String? {
    guard let value = optional(name) else { return nil }
    return try checked(value, name)
  }

  /// The texts of sealed documents.
  fileprivate mutating func documents(_ name: String) throws(Refusal) -> [String] {
    try array(name, maximum: 1024).map { value throws(Refusal) in try checked(value, name) }
  }

  private func checked(_ value: JSONValue, _ name: String) throws(Refusal) -> String {
    guard let text = value.string, !text.isEmpty else {
      throw .malformed("\(self.name(name)) must be a sealed document")
    }
    return text
  }
}
