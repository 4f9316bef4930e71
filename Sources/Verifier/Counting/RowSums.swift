internal import CivilTime
internal import Metering
internal import Sealing

/// Sums by which a row of the journal shows that the disk has changed it since it was written.
///
/// Records of the ledger are sealed; what a journal keeps is not, and SQLite has no sums of its own. They
/// are made with a key from the customer's key of evidence, so that a journal and another key of evidence
/// are told apart as well: under another key every collector would be a new one.
struct RowSums: Sendable {
  private let rows: SipHash.Key
  private let collectors: SipHash.Key

  /// - Throws: ``VerifierError`` `KEY_UNUSABLE`.
  init(
    _ evidenceKey: HiddenBytes, using cryptography: some Cryptography
  ) throws(VerifierError) {
    let bytes = cryptography.hmacSHA256(
      key: evidenceKey.bytes, Array("tally journal rows".utf8)
    ).bytes
    guard let key = SipHash.Key(Array(bytes.prefix(16))) else {
      throw VerifierError(.keyUnusable, "the key of evidence cannot be used")
    }
    rows = key
    collectors = try MeterStart.digestKey(evidenceKey)
  }

  /// Of the counter's state.
  func sum(boot: String, body: String) -> Int64 {
    sum("state", [Int64(boot.utf8.count)], boot + body)
  }

  /// Of a rule by which collectors are told apart, and the first date for which it holds.
  func sum(from date: String, rule: String) -> Int64 {
    sum("rule", [Int64(date.utf8.count)], date + rule)
  }

  /// Of a date that ended and the record that will close it.
  func sum(closed date: String, payload: String) -> Int64 {
    sum("closed", [Int64(date.utf8.count)], date + payload)
  }

  /// Of a date whose evidence was dropped, and when.
  func sum(dropped date: String, at instant: Int64) -> Int64 {
    sum("dropped", [instant], date)
  }

  func sum(_ row: CollectorRow) -> Int64 {
    sum(
      "collector",
      [
        Int64(bitPattern: row.id.high), Int64(bitPattern: row.id.low), row.last, row.started,
        row.mark, row.weight, row.flags, row.written,
      ])
  }

  func sum(_ segment: NamedSegment) -> Int64 {
    sum(
      "segment",
      [
        segment.date.daysSinceEpoch, Int64(bitPattern: segment.id.high),
        Int64(bitPattern: segment.id.low), segment.segment.from, segment.segment.to,
        segment.segment.weight,
      ])
  }

  private func sum(_ kind: String, _ numbers: [Int64], _ text: String = "") -> Int64 {
    var bytes = Array(kind.utf8)
    bytes.reserveCapacity(kind.utf8.count + numbers.count * 8 + text.utf8.count)
    for number in numbers {
      for shift in stride(from: 0, to: 64, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: number >> Int64(shift)))
      }
    }
    bytes += Array(text.utf8)
    return Int64(bitPattern: SipHash.digest(of: bytes, key: rows).first)
  }

  /// Whether a name is that of the digest by which its collector is counted.
  func isName(_ identity: CollectorIdentity, of id: CollectorID) -> Bool {
    CollectorID(identity, key: collectors) == id
  }
}
