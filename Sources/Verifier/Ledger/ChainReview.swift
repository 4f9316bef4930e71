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
///    one; within a date the peak never falls. Only the first date may have time before the first start.
/// 5. A sample may have lost its bytes if its date was closed since and had a receipt. Its row is then
///    what it was when they were dropped.
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
  /// A sample without bytes, and the date that must be closed for it.
  private var dropped: (seq: Int64, date: CivilDate)?
  /// The last day record that closed the date of samples without bytes, and the first of those.
  private(set) var closing: (seq: Int64, sample: Int64)?

  package init(key: InstallationKey) {
    seal = InstallationSeal(key: key.publicKey, cryptography: LibcryptoProvider())
  }

  /// Follows one record.
  /// - Returns: what it says; nil for a sample whose bytes were dropped.
  package mutating func follow(_ row: Ledger.RawRecord) throws(LedgerFinding) -> UsageRecord? {
    let seq = head.seq + 1
    try require(row.seq == seq, seq, "the record is missing")
    guard let jws = row.jws else {
      try pass(row)
      return nil
    }
    let bytes = Array(jws.utf8)
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

  /// A sample whose bytes were dropped.
  private mutating func pass(_ row: Ledger.RawRecord) throws(LedgerFinding) {
    if let unsealed { throw unsealed }
    let digest = DroppedSample.digest(of: row, after: head.hash?.text ?? "")
    guard row.kind == UsageRecord.Stage.sample.rawValue, row.dropped == digest,
      let hash = Digest(base64URL: row.hash), let date = CivilDate(row.date)
    else {
      throw LedgerFinding(
        .record, row.seq, "what is kept of the sample is not what was kept when it was dropped")
    }
    let latest = [closed?.date, sample?.date, dropped?.date].compactMap(\.self).max()
    try require(
      latest.map { $0 <= date && closed?.date != date } ?? true, row.seq,
      "date \(date) comes after \(latest ?? date)")
    sample = nil
    let first = dropped.flatMap { $0.date == date ? $0.seq : nil }
    dropped = (first ?? row.seq, date)
    head = ChainHead(seq: row.seq, hash: hash)
  }

  /// - Throws: where nothing attests the last records, or a sample lost its bytes too early.
  package func end() throws(LedgerFinding) {
    if let unsealed { throw unsealed }
    if let dropped { throw Self.early(dropped.seq) }
  }

  /// - Parameter receipted: the last record that a verified receipt acknowledges.
  /// - Throws: where a date whose samples lost their bytes has no receipt.
  package func requireReceipts(through receipted: Int64) throws(LedgerFinding) {
    guard let closing, closing.seq > receipted else { return }
    throw Self.early(closing.sample)
  }

  private static func early(_ seq: Int64) -> LedgerFinding {
    LedgerFinding(
      .record, seq,
      "the sample's bytes are gone, and no receipt acknowledges that its date is closed")
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
    try compareDropped(record)
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
    let isFirst = closed == nil
    try require(
      isFirst || record.gaps.allSatisfy { $0.reason != .before }, seq,
      "\(record.date) has time before the first start, and is not the first date")
    if record.stage == .day {
      closed = record
      sample = nil
    } else {
      sample = record
    }
  }

  private mutating func compareDropped(_ record: UsageRecord) throws(LedgerFinding) {
    guard let dropped else { return }
    try require(
      record.date == dropped.date, record.seq,
      "date \(record.date) comes after \(dropped.date), which is not closed")
    guard record.stage == .day else { return }
    closing = (record.seq, dropped.seq)
    self.dropped = nil
  }

  private func require(
    _ holds: Bool, _ seq: Int64, _ what: String
  ) throws(LedgerFinding) {
    guard holds else { throw LedgerFinding(.record, seq, what) }
  }
}
