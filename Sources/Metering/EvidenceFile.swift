package import Sealing

/// A closed date for whoever checks it apart from the installation: the sealed day record, with the
/// key that sealed it.
///
/// The key's thumbprint is the installation's name: whose key it is, is for the reader to know.
package struct EvidenceSubject: Sendable, Equatable {
  package let key: PublicKey
  /// The JWS of the day record.
  package let record: String

  package init(key: PublicKey, record: String) {
    self.key = key
    self.record = record
  }

  fileprivate init(reading reader: inout ObjectReader) throws(Refusal) {
    key = try PublicKey(jwk: try reader.value("jwk"))
    record = try reader.string("record", maximum: DocumentKind.usage.maximumSize)
  }

  fileprivate var members: [JSONMember] {
    [JSONMember("jwk", key.jwk), JSONMember("record", .string(record))]
  }

  /// Verifies the record under the key beside it.
  /// - Throws: ``Refusal``; `WRONG_KIND` for a record that closes no date.
  package func open(using cryptography: some Cryptography) throws(Refusal) -> Verified<UsageRecord>
  {
    guard key.algorithm == .edDSA else {
      throw Refusal(.keyNotAllowed, "an installation's key is Ed25519")
    }
    let seal = InstallationSeal(key: key, cryptography: cryptography)
    let record: Verified<UsageRecord> = try seal.open(Array(record.utf8))
    guard record.payload.installation == seal.thumbprint else {
      throw Refusal(.unknownKey, "the record names another installation than the one that seals it")
    }
    guard record.payload.stage == .day else {
      throw Refusal(.wrongKind, "the record is a sample: evidence belongs to a day record")
    }
    return record
  }
}

/// What a file of evidence is, as its first member `tally` says.
package enum EvidenceForm: String, Sendable, CaseIterable {
  /// All leaves of a date, without names: a header on the first line, then a leaf on each line.
  case leaves = "evidence"
  /// One leaf, opened: one object.
  case proof

  static let version: Int64 = 1

  /// The form of an object, nil for what is none of ours.
  package init?(_ value: JSONValue) {
    guard let name = value["tally"]?.string, let form = Self(rawValue: name) else { return nil }
    self = form
  }

  fileprivate var members: [JSONMember] {
    [JSONMember("tally", .string(rawValue)), JSONMember("ver", .integer(Self.version))]
  }

  /// Reads `tally` and `ver`.
  fileprivate func reader(_ value: JSONValue) throws(Refusal) -> ObjectReader {
    guard EvidenceForm(value) == self else {
      throw Refusal(.wrongKind, "a tally \(rawValue) is needed here")
    }
    if let version = value["ver"]?.integer, version > Self.version {
      throw Refusal(
        .unsupportedVersion,
        "this \(rawValue) is version \(version); this program reads up to \(Self.version): update "
          + "the program")
    }
    try value.requireDocumentShape()
    var reader = try ObjectReader(value)
    _ = try reader.string("tally")
    _ = try reader.integer("ver", in: Self.version...Self.version)
    return reader
  }
}

/// The first line of a file with all leaves of a date.
package struct EvidenceHeader: Sendable, Equatable {
  package let subject: EvidenceSubject

  package init(_ subject: EvidenceSubject) { self.subject = subject }

  /// - Throws: ``Refusal`` `MALFORMED`, `WRONG_KIND`, `UNSUPPORTED_VERSION`.
  package init(_ line: [UInt8]) throws(Refusal) {
    let value = try JSONScanner.scan(line, maximumDepth: 2)
    var reader = try EvidenceForm.leaves.reader(value)
    subject = try EvidenceSubject(reading: &reader)
    try reader.end()
  }

  package var json: JSONValue { .object(EvidenceForm.leaves.members + subject.members) }
}

/// One leaf of a date, opened, with the day record that commits to it.
package struct EvidenceProof: Sendable, Equatable {
  /// The largest file, in bytes.
  package static let maximumSize = 8 * 1024 * 1024
  /// More hashes lead to no root: a tree of 2^63 leaves has so many levels.
  private static let maximumPath = 63

  package let subject: EvidenceSubject
  package let opening: EvidenceOpening

  package init(_ subject: EvidenceSubject, _ opening: EvidenceOpening) {
    self.subject = subject
    self.opening = opening
  }

  /// - Throws: ``Refusal`` `MALFORMED`, `WRONG_KIND`, `UNSUPPORTED_VERSION`.
  package init(_ file: [UInt8]) throws(Refusal) {
    let value = try JSONScanner.scan(file, maximumDepth: 4)
    var reader = try EvidenceForm.proof.reader(value)
    subject = try EvidenceSubject(reading: &reader)
    var identity = try reader.object("identity")
    let collector = try CollectorIdentity(reading: &identity)
    try identity.end()
    let salt = try reader.digest("salt")
    let segments = try Segment.list(reading: &reader)
    let index = try reader.integer("index", in: SealedLimits.counts)
    var proof: [Digest] = []
    for element in try reader.array("proof", maximum: Self.maximumPath) {
      guard let digest = element.string.flatMap({ Digest(base64URL: $0) }) else {
        throw .malformed("proof must hold hashes of 32 bytes in base64url")
      }
      proof.append(digest)
    }
    try reader.end()
    opening = EvidenceOpening(
      identity: collector, salt: salt, segments: segments, index: index, proof: proof)
  }

  package var json: JSONValue {
    .object(
      EvidenceForm.proof.members + subject.members + [
        JSONMember("identity", .object(opening.identity.members)),
        JSONMember("salt", opening.salt.json),
        JSONMember("segments", .array(opening.segments.map(\.json))),
        JSONMember("index", .integer(opening.index)),
        JSONMember("proof", .array(opening.proof.map(\.json))),
      ])
  }

  /// Holds the opening against a record that was verified.
  /// - Returns: the weight with which the collector counted in the second of the peak, 0 if it did not.
  /// - Throws: ``EvidenceFinding``.
  package func weightAtPeak(
    in record: UsageRecord, using cryptography: some Cryptography
  ) throws(EvidenceFinding) -> Int64 {
    let segments = opening.segments
    if let fault = EvidenceLeaf.fault(of: segments, from: record.from, to: record.to) {
      throw .leafMalformed(index: opening.index, fault)
    }
    guard let root = record.closing?.evidence, opening.verifies(against: root, using: cryptography)
    else { throw .proofInvalid }
    guard let peak = record.peak else { return 0 }
    return segments.first { $0.from <= peak.at && peak.at < $0.to }?.weight ?? 0
  }
}

extension CollectorIdentity {
  /// `kind` and `text`, or `bytes` in base64url where they are no text that JSON can carry.
  package var members: [JSONMember] {
    let kind = JSONMember("kind", .string(kind))
    guard let text = plainText else {
      return [kind, JSONMember("bytes", .string(Base64.encode(bytes, .url)))]
    }
    return [kind, JSONMember("text", .string(text))]
  }

  /// The bytes as text that keeps every one of them, without control characters; nil where there is
  /// none.
  private var plainText: String? {
    guard !bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }

  /// Reads what ``members`` writes, and nothing else for the same identity.
  /// - Throws: ``Refusal`` `MALFORMED`.
  package init(reading reader: inout ObjectReader) throws(Refusal) {
    let kind = try reader.string("kind", maximum: 32)
    let text = try reader.optionalString("text", maximum: Self.maximumLength)
    let encoded = try reader.optionalString("bytes", maximum: Self.maximumLength * 2)
    let bytes = encoded.flatMap { Base64.decode($0.utf8, .url) }
    let named: CollectorIdentity? =
      switch (text, encoded) {
      case (let text?, nil): CollectorIdentity(kind: kind, text: text)
      case (nil, .some): bytes.flatMap { CollectorIdentity(kind: kind, bytes: $0) }
      case (nil, nil), (.some, .some): nil
      }
    guard let named, (named.plainText == nil) == (text == nil) else {
      throw .malformed("\(reader.name("kind")) must stand beside text, or bytes that are no text")
    }
    self = named
  }
}
