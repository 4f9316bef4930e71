package import Sealing

/// What an installation sends to `POST /v1/reports`: records in the order of their chain, and what it
/// already has, so that the answer can bring what is newer.
///
/// `{"installation":…,"records":[JWS…],"alive"?:JWS,"have"?:{"revision","epoch","revocations"}}`
package struct ReportRequest: Sendable, Equatable {
  /// The most records in one request.
  package static let maximumRecords = 1000

  package let installation: Thumbprint
  /// Sealed usage records; 0 to 1000.
  package let records: [String]
  /// A sealed sign of life, when there is no new record.
  package let alive: String?
  package let have: Holdings

  package init(
    installation: Thumbprint, records: [String], alive: String? = nil, have: Holdings = Holdings()
  ) {
    self.installation = installation
    self.records = records
    self.alive = alive
    self.have = have
  }

  /// - Throws: ``Problem`` `MALFORMED`, `TOO_LARGE`.
  package init(_ bytes: [UInt8]) throws(Problem) {
    do throws(Refusal) {
      let value = try JSONScanner.scan(bytes, maximumDepth: 4)
      try value.requireDocumentShape()
      var reader = try ObjectReader(value, at: "")
      installation = try reader.thumbprint("installation")
      records = try reader.documents("records", kind: .usage, maximum: 100_000)
      alive = try reader.optionalString("alive", maximum: DocumentKind.alive.maximumSize)
      if var have = try reader.optionalObject("have") {
        self.have = try Holdings(reading: &have)
        try have.end()
      } else {
        have = Holdings()
      }
      try reader.end()
    } catch { throw Problem(error) }
    guard records.count <= Self.maximumRecords else {
      throw Problem(
        .tooLarge, "a report carries at most \(Self.maximumRecords) records, not \(records.count)")
    }
  }

  package var json: JSONValue {
    var members = [
      JSONMember("installation", installation.json),
      JSONMember("records", .array(records.map { .string($0) })),
    ]
    if let alive { members.append(JSONMember("alive", .string(alive))) }
    members.append(JSONMember("have", have.json))
    return .object(members)
  }
}

/// What an installation holds of what the gateway can bring: absent means nothing.
package struct Holdings: Sendable, Equatable {
  /// The highest revision of its line.
  package let revision: Int64?
  /// The keyset's epoch.
  package let epoch: Int64?
  /// The `seq` of the revocations document.
  package let revocations: Int64?

  package init(revision: Int64? = nil, epoch: Int64? = nil, revocations: Int64? = nil) {
    self.revision = revision
    self.epoch = epoch
    self.revocations = revocations
  }

  init(reading reader: inout ObjectReader) throws(Refusal) {
    revision = try reader.optionalInteger("revision", in: SealedLimits.counts)
    epoch = try reader.optionalInteger("epoch", in: SealedLimits.counts)
    revocations = try reader.optionalInteger("revocations", in: SealedLimits.counts)
  }

  var json: JSONValue {
    var members: [JSONMember] = []
    if let revision { members.append(JSONMember("revision", .integer(revision))) }
    if let epoch { members.append(JSONMember("epoch", .integer(epoch))) }
    if let revocations { members.append(JSONMember("revocations", .integer(revocations))) }
    return .object(members)
  }
}

extension ObjectReader {
  /// An array of sealed documents as text.
  mutating func documents(
    _ name: String, kind: DocumentKind, maximum: Int
  ) throws(Refusal) -> [String] {
    let elements = try array(name, maximum: maximum)
    var documents: [String] = []
    documents.reserveCapacity(elements.count)
    for element in elements {
      guard let text = element.string, text.utf8.count <= kind.maximumSize else {
        throw .malformed(
          "\(self.name(name)) must hold documents of at most \(kind.maximumSize) bytes")
      }
      documents.append(text)
    }
    return documents
  }
}
