package import Metering
package import Sealing

/// A usage record as it came: taken apart and hashed, its signature not yet looked at.
package struct IncomingRecord: Sendable {
  package enum Content: Sendable {
    case understood(UsageRecord)
    /// Its place in the chain can be read, the rest cannot.
    case notUnderstood(Refusal)
  }

  package let seq: Int64
  /// SHA-256 of the previous record's JWS as this one claims it, nil at `seq` 1.
  package let prev: Digest?
  /// SHA-256 of its own JWS.
  package let hash: Digest
  package let jws: String
  package let content: Content
  private let document: UnverifiedDocument

  /// Takes a record apart.
  /// - Parameters:
  ///   - signer: the installation whose record it must claim to be.
  ///   - last: the record before it, which mostly has the same header.
  /// - Throws: ``Refusal`` when it is no usage record of that installation, or its place cannot be read.
  package init(
    _ text: String, by signer: Signer, after last: IncomingRecord? = nil
  ) throws(Refusal) {
    let bytes = Array(text.utf8)
    let document = try UnverifiedDocument(bytes, as: UsageRecord.kind, like: last?.document)
    guard document.header.type.isSameBytes(as: UsageRecord.kind.rawValue) else {
      throw Refusal(.wrongKind, "a usage record is needed here")
    }
    guard document.header.key == signer.thumbprint else {
      throw Refusal(.unknownKey, "a record is not sealed by installation \(signer.thumbprint)")
    }
    guard document.header.algorithm == signer.key.algorithm else {
      throw Refusal(.keyNotAllowed, "the header's algorithm is not the installation's")
    }
    self.document = document
    jws = document.jws
    // A line feed at the end was dropped.
    let isWhole = document.jws.utf8.count == bytes.count
    hash = signer.cryptography.sha256(isWhole ? bytes : Array(document.jws.utf8))
    do throws(Refusal) {
      let record = try UsageRecord.parse(document.payload)
      content = .understood(record)
      seq = record.seq
      prev = record.prev
    } catch {
      content = .notUnderstood(error)
      (seq, prev) = try Self.place(document.payload, error)
    }
  }

  /// Reads no more than the place in the chain.
  private static func place(
    _ payload: [UInt8], _ refusal: Refusal
  ) throws(Refusal) -> (seq: Int64, prev: Digest?) {
    let value = try JSONScanner.scan(payload, maximumDepth: SealedLimits.depth)
    guard let seq = value["seq"]?.integer, seq >= 1, SealedLimits.counts.contains(seq) else {
      throw refusal
    }
    guard let claimed = value["prev"] else {
      guard seq == 1 else { throw refusal }
      return (seq, nil)
    }
    guard seq > 1, let prev = claimed.string.flatMap({ Digest(base64URL: $0) }) else {
      throw refusal
    }
    return (seq, prev)
  }

  /// Whether its own signature verifies.
  func isSigned(by signer: Signer) -> Bool {
    signer.cryptography.verify(
      document.signature, of: document.signingInput, by: signer.key)
  }

  /// Whose records are looked at.
  package struct Signer: Sendable {
    package let key: PublicKey
    package let thumbprint: Thumbprint
    package let cryptography: any Cryptography

    package init(key: PublicKey, thumbprint: Thumbprint, cryptography: some Cryptography) {
      self.key = key
      self.thumbprint = thumbprint
      self.cryptography = cryptography
    }
  }
}
