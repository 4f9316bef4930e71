internal import CivilTime
internal import Libcrypto
internal import Licensing
internal import Metering
internal import Platform
internal import Sealing
internal import StartupCheck
internal import Storage

/// Re-derives a whole ledger from its bytes: chain, receipts, evidence, and the date being counted.
struct LedgerReviewer {
  /// How many records are read at once.
  private static let page = 1000

  let installation: Installation
  /// Nil where no evidence is kept.
  let journal: Journal?
  let trust: TrustSet?
  private(set) var review = LedgerReview()
  private var chain: ChainReview
  private var zones: ZoneReview
  /// The last record that a receipt acknowledges.
  private var receipted: Int64 = 0

  private var ledger: Ledger { installation.ledger }

  /// - Parameter content: the documents that are held.
  init(_ installation: Installation, journal: Journal?, content: ShelfContent) {
    self.installation = installation
    self.journal = journal
    trust = content.trust
    zones = ZoneReview(content, zones: installation.surroundings.installedZones)
    chain = ChainReview(key: installation.keys.installation)
  }

  /// The last record that closed a date, and the last of the date that is open.
  var closed: UsageRecord? { chain.closed }
  var sample: UsageRecord? { chain.sample }

  /// Goes through everything up to the first thing wrong.
  /// - Parameter told: the place of the newest record that `standing` told of before.
  /// - Throws: ``LedgerFinding``, or ``VerifierError`` where it cannot be told.
  mutating func run(told: Int64?) async throws {
    if let fault = try await ledger.structuralFault() {
      throw LedgerFinding(.ledger, nil, "\(ledger.database.path): \(fault)")
    }
    guard try await !ledger.hasStrangers() else {
      throw LedgerFinding(
        .ledger, nil, "the ledger holds records or receipts of another installation")
    }
    try await check(receipts: try await ledger.rawReceipts(in: 0...0), hashes: [:])
    while try await page() {}
    review.zones = zones
    try chain.end()
    review.attested = chain.attested
    try chain.requireReceipts(through: receipted)
    let rest = try await ledger.rawReceipts(in: (chain.head.seq + 1)...Int64.max)
    let witness = max(rest.first?.seq ?? 0, told ?? 0)
    guard witness <= chain.head.seq else {
      throw LedgerFinding(
        .record, chain.head.seq + 1,
        "the ledger ends here, but record \(witness) has been told of")
    }
  }

  /// - Returns: whether there may be more.
  private mutating func page() async throws -> Bool {
    let rows = try await ledger.rawRecords(from: chain.head.seq + 1, limit: Self.page)
    var hashes: [Int64: Digest] = [:]
    for row in rows {
      let record = try chain.follow(row)
      hashes[row.seq] = chain.head.hash
      review.records += 1
      guard let record else {
        review.samplesDropped += 1
        continue
      }
      zones.compare(record)
      if let closing = record.closing {
        review.dates += 1
        try await recompute(record, closing)
      }
    }
    guard let first = rows.first?.seq, let last = rows.last?.seq else { return false }
    try await check(receipts: try await ledger.rawReceipts(in: first...last), hashes: hashes)
    return rows.count == Self.page
  }

  private mutating func check(
    receipts: [Ledger.RawReceipt], hashes: [Int64: Digest]
  ) async throws {
    for row in receipts {
      guard let trust else {
        throw VerifierError(
          .stateUnusable,
          "there is no keyset to verify receipts with: install the license file again")
      }
      do throws(Refusal) {
        let receipt: Receipt = try trust.open(Array(row.jws.utf8)).payload
        try compare(receipt, row, hashes)
      } catch {
        guard error.code == .keyRevoked else {
          throw LedgerFinding(
            .receipt, row.seq, "\(error.code.rawValue): \(error.message)")
        }
        review.revoked += 1
      }
      receipted = max(receipted, row.seq)
      review.receipts += 1
    }
  }

  private func compare(
    _ receipt: Receipt, _ row: Ledger.RawReceipt, _ hashes: [Int64: Digest]
  ) throws(Refusal) {
    guard receipt.installation == installation.name else {
      throw .malformed("the receipt is another installation's")
    }
    guard receipt.seq == row.seq, receipt.iat == row.iat, receipt.position == row.position,
      (receipt.leaseThrough != nil) == row.leases
    else { throw .malformed("the ledger's row says other than the receipt") }
    guard receipt.head == hashes[receipt.seq] else {
      throw .malformed("the receipt acknowledges another record than the ledger has")
    }
  }

  /// Root, number of collectors, minutes and peak, from the leaves that are kept.
  private mutating func recompute(
    _ record: UsageRecord, _ closing: UsageRecord.Closing
  ) async throws {
    switch try await journal?.recount(of: record) ?? .lost {
    case .whole: review.roots += 1
    case .dropped: review.dropped.append(record.date.description)
    case .lost where closing.evidence.leaves == 0: review.roots += 1
    case .lost:
      guard try await journal?.hasEvidence(before: record.date) != true else {
        throw LedgerFinding(
          .evidence, record.seq,
          "nothing is kept of \(record.date), and nothing says that it was dropped: of earlier dates "
            + "there is")
      }
      review.lost.append(record.date.description)
    case .differs(let finding):
      throw LedgerFinding(
        .evidence, record.seq,
        "what is kept of \(record.date) is not what its record says: \(finding.message)")
    }
  }

  /// What is held of the date being counted.
  struct OpenDate {
    let date: CivilDate
    let from: Int64
    let peak: Peak?

    init(_ summary: DaySummary) {
      (date, from, peak) = (summary.date, summary.from, summary.peak)
    }

    init(_ day: DayCount) {
      (date, from, peak) = (day.date, day.from, day.peak)
    }
  }

  private func requireAdjacent(
    _ date: CivilDate, from: Int64, after last: UsageRecord?
  ) throws(LedgerFinding) {
    guard let last, from != last.to else { return }
    throw LedgerFinding(
      .journal, nil,
      "\(date) begins at \(from) in the journal, \(last.date) ended at \(last.to)")
  }

  /// From the last date that is closed in the ledger to the open one each begins where the one before it ended.
  private func requireWithoutGap(
    to day: OpenDate, over waiting: [UsageRecord], since begun: Int64?
  ) throws(LedgerFinding) {
    var last = closed
    // A record that is in the ledger already may wait for its removal.
    for next in waiting where closed.map({ $0.date < next.date }) ?? true {
      try requireAdjacent(next.date, from: next.from, after: last)
      last = next
    }
    try requireAdjacent(day.date, from: day.from, after: last)
    guard last != nil || day.from <= begun ?? day.from else {
      throw LedgerFinding(
        .journal, nil,
        "\(day.date) is the first date of the journal, but counting began before it")
    }
  }

  /// Holds what is kept of the open date against the chain.
  /// - Parameters:
  ///   - day: the date so far.
  ///   - waiting: what will close the dates before it.
  ///   - begun: the first second that was watched, if it is known.
  ///   - isStill: whether nothing is being counted, so that all must fit together.
  mutating func compare(
    _ day: OpenDate, after waiting: [UsageRecord], begun: Int64?, isStill: Bool
  ) throws(LedgerFinding) {
    review.open = day.date.description
    func require(_ holds: Bool, _ what: String) throws(LedgerFinding) {
      guard holds else { throw LedgerFinding(.journal, nil, what) }
    }
    if let closed {
      try require(
        day.date > closed.date, "the journal counts \(day.date), but \(closed.date) is closed")
    }
    if isStill { try requireWithoutGap(to: day, over: waiting, since: begun) }
    if let sample {
      try require(
        day.date >= sample.date,
        "the journal counts \(day.date), record \(sample.seq) \(sample.date)")
      try require(
        day.date > sample.date || day.peak?.count ?? 0 >= sample.peak?.count ?? 0,
        "the journal's peak of \(day.date) is lower than record \(sample.seq) says: it was put back "
          + "or lost")
    }
  }
}
