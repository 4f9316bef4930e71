internal import CivilTime
package import Libcrypto
internal import Licensing
package import Metering
internal import Sealing

/// Goes through a chain record by record and derives everything anew from the bytes.
///
/// Rules:
/// 1. Each record has the next place, the stored hash, and commits to the one before it.
/// 2. It is attested: sealed by the installation's key, or committed to by a later one that is.
/// 3. Its row says what it says.
/// 4. A date begins where the one before it ended and is closed once; no date comes before an earlier
///    one; within a date the peak never falls.
package struct ChainReview {
  private let seal: InstallationSeal
  private(set) var head = ChainHead.none
  /// The first of the records at the end that no seal attests.
  private var unsealed: LedgerFinding?
  private(set) var attested: Int64 = 0
  private var waiting: Int64 = 0
  /// The last record that closed a date.
  private(set) var closed: UsageRecord?
  /// The last record of a date that is not closed.
  private(set) var sample: UsageRecord?

  package init(key: InstallationKey) {
    seal = InstallationSeal(key: key.publicKey, cryptography: LibcryptoProvider())
  }

  /// Follows one record.
  /// - Returns: what it says.
  package mutating func follow(_ row: Ledger.RawRecord) throws(LedgerFinding) -> UsageRecord {
    let seq = head.seq + 1
    try require(row.seq == seq, seq, "the record is missing")
    let bytes = Array(row.jws.utf8)
    let hash = LibcryptoProvider().sha256(bytes)
    try require(
      hash.text == row.hash, seq, "the record's bytes are not those that were stored")
    let (record, isSealed) = try open(bytes, seq)
    try require(
      record.installation == seal.thumbprint && record.seq == seq, seq,
      "the record is of another place or installation")
    if record.prev != head.hash {
      // Either of the two was changed: one that no seal attests is the first that is wrong.
      throw unsealed ?? LedgerFinding(.record, seq, "the record does not follow the one before it")
    }
    if isSealed {
      attested += waiting
      waiting = 0
      unsealed = nil
    } else {
      waiting += 1
      unsealed =
        unsealed
        ?? LedgerFinding(.record, seq, "neither its own seal nor a later record attests it")
    }
    try require(
      row.kind == record.stage.rawValue && row.date == record.date.description
        && row.at == record.at, seq, "the ledger's row says other than the record")
    try compare(record)
    head = ChainHead(seq: seq, hash: hash)
    return record
  }

  /// - Throws: where nothing attests the last records.
  package func end() throws(LedgerFinding) {
    if let unsealed { throw unsealed }
  }

  /// - Returns: what the bytes say, and whether their own seal attests it.
  private func open(
    _ bytes: [UInt8], _ seq: Int64
  ) throws(LedgerFinding) -> (record: UsageRecord, isSealed: Bool) {
    do throws(Refusal) {
      do throws(Refusal) { return (try seal.open(bytes).payload, true) } catch {
        guard error.code == .signatureInvalid else { throw error }
        return (try seal.openCommitted(bytes).payload, false)
      }
    } catch { throw LedgerFinding(.record, seq, error.message) }
  }

  private mutating func compare(_ record: UsageRecord) throws(LedgerFinding) {
    let seq = record.seq
    if let closed {
      try require(
        record.date > closed.date, seq, "date \(record.date) comes after \(closed.date) was closed")
      try require(
        record.from == closed.to, seq,
        "\(record.date) begins at \(record.from), not where \(closed.date) ended, at \(closed.to)")
    }
    if let sample {
      try require(
        record.date >= sample.date, seq, "date \(record.date) comes after \(sample.date)")
      if record.date == sample.date {
        try require(
          record.from == sample.from, seq,
          "\(record.date) begins at another second than in record \(sample.seq)")
        try require(
          record.peak?.count ?? 0 >= sample.peak?.count ?? 0, seq,
          "the peak of \(record.date) falls from \(sample.peak?.count ?? 0) to "
            + "\(record.peak?.count ?? 0): what was counted before record \(sample.seq) was lost")
      }
    }
    if record.stage == .day {
      closed = record
      sample = nil
    } else {
      sample = record
    }
  }

  private func require(
    _ holds: Bool, _ seq: Int64, _ what: String
  ) throws(LedgerFinding) {
    guard holds else { throw LedgerFinding(.record, seq, what) }
  }
}
