import CivilTime
import Licensing
import Metering
package import Reporting
import Sealing

/// What an installation is answered with.
package enum IntakeOutcome: Sendable {
  case acknowledged([RecordResult], StoredReceipt)
  case refused(Problem)
}

/// Carries out what is decided of a report, within one change of the ledger.
struct IntakeLedger: Sendable {
  let installation: Thumbprint
  let terms: LineTerms
  let seal: GatewaySeal
  let root: Thumbprint
  let now: Int64

  private static let day: Int64 = 86_400

  // MARK: Records

  func take(_ batch: ExaminedBatch, in ledger: any LedgerWriting) throws -> IntakeOutcome {
    let state = try known(in: ledger)
    // Nothing is stored beyond the head.
    let stored =
      batch.range.lowerBound > state.head.seq
      ? [:] : try ledger.hashes(of: installation, in: batch.range)
    switch IntakeDecision.decide(batch, head: state.head, stored: stored) {
    case .refuse(let problem):
      return try refuse(problem, at: batch.range.lowerBound, in: ledger)
    case .fork(let index):
      // A record without a valid signature of its own proves nothing without those after it.
      let records = batch.records[index..<batch.attested]
      return try fork(batch.records[index].seq, records.map(\.jws), in: ledger)
    case .repeated(let duplicates):
      let last = batch.records[duplicates - 1].seq
      guard let receipt = try ledger.receipt(of: installation, atOrAfter: last) else {
        throw Problem(.internalFault, "record \(last) has no receipt: ask the vendor's support")
      }
      return .acknowledged(results(batch, duplicates: duplicates, []), receipt)
    case .append(let duplicates, let count):
      return try append(batch, duplicates, count, state, in: ledger)
    }
  }

  private func append(
    _ batch: ExaminedBatch, _ duplicates: Int, _ count: Int, _ state: InstallationState,
    in ledger: any LedgerWriting
  ) throws -> IntakeOutcome {
    let records = batch.records[duplicates..<(duplicates + count)]
    var judge = RecordJudge(
      state, terms, foreign: try foreign(records, in: ledger),
      dates: try dates(records, in: ledger), root: root, now: now)
    for record in records { judge.take(record) }
    var head = judge.head
    head.receiptAt = max(now, head.receiptAt)
    try hear(&head, in: ledger)
    let position = try ledger.append(judge.entries, of: installation, head: head, at: now)
    let receipt = try receipt(head, position)
    try ledger.add(receipt, of: installation)
    if !state.installation.holdsSeat {
      // What came after the chain's end may leave a date open that nobody would look at.
      try ledger.setLook(at: now + Self.day, of: installation)
    }
    for sign in judge.findings { try ledger.note(sign, of: installation, at: now) }
    return .acknowledged(results(batch, duplicates: duplicates, judge.results), receipt)
  }

  /// The licenses named that are known here, but as another line's.
  private func foreign(
    _ records: ArraySlice<IncomingRecord>, in ledger: any LedgerWriting
  ) throws -> Set<LicenseID> {
    var looked: Set<LicenseID> = []
    var foreign: Set<LicenseID> = []
    for record in records {
      guard case .understood(let usage) = record.content, let id = LicenseID(usage.license),
        looked.insert(id).inserted, terms.revision(of: id) == nil,
        let license = try ledger.license(id), license.line != terms.line
      else { continue }
      foreign.insert(id)
    }
    return foreign
  }

  /// What was told before of each date that a day record closes.
  private func dates(
    _ records: ArraySlice<IncomingRecord>, in ledger: any LedgerWriting
  ) throws -> [CivilDate: DateSoFar] {
    var dates: [CivilDate: DateSoFar] = [:]
    for record in records {
      guard case .understood(let usage) = record.content, usage.stage == .day else { continue }
      dates[usage.date] = try ledger.dateSoFar(of: installation, on: usage.date)
    }
    return dates
  }

  private func results(
    _ batch: ExaminedBatch, duplicates: Int, _ new: [RecordResult]
  ) -> [RecordResult] {
    let repeated = batch.records.prefix(duplicates).map {
      RecordResult(seq: $0.seq, status: .duplicate)
    }
    let unattested = batch.records.dropFirst(duplicates + new.count).map {
      RecordResult(
        seq: $0.seq, status: .refused, code: Problem.Code.signatureInvalid.rawValue)
    }
    return repeated + new + unattested + batch.rest
  }

  // MARK: Signs of life

  func take(_ alive: Verified<Alive>, in ledger: any LedgerWriting) throws -> IntakeOutcome {
    let state = try known(in: ledger)
    let seq = alive.payload.seq
    let last = try ledger.alive(of: installation)
    let stored = seq > 0 ? try ledger.hashes(of: installation, in: seq...seq)[seq] : nil
    switch AliveDecision.decide(alive, head: state.head, stored: stored, last: last) {
    case .refuse(let problem): return try refuse(problem, at: seq, in: ledger)
    case .fork(let seq): return try fork(seq, [alive.jws], in: ledger)
    case .repeated(let receipt): return .acknowledged([], receipt)
    case .late: return .acknowledged([], try newestReceipt(state, last, in: ledger))
    case .renew:
      var head = state.head
      if try !tellsOfAnotherLine(head, in: ledger) { head.wordAt = alive.payload.at }
      head.receiptAt = max(now, head.receiptAt)
      try hear(&head, in: ledger)
      let receipt = try receipt(head, try ledger.position())
      try ledger.setAlive(
        StoredAlive(at: alive.payload.at, jws: alive.jws, receipt: receipt), of: installation)
      try ledger.setHead(head, of: installation)
      return .acknowledged([], receipt)
    }
  }

  /// Whether the newest record is of another line's license. What is counted there is billed to nobody
  /// here: a sign of life then renews no lease.
  private func tellsOfAnotherLine(
    _ head: ChainHead, in ledger: any LedgerWriting
  ) throws -> Bool {
    guard head.seq > 0, let text = try ledger.record(head.seq, of: installation),
      let usage = Self.usage(text), let id = LicenseID(usage.license), terms.holder(id) == nil,
      let license = try ledger.license(id)
    else { return false }
    return license.line != terms.line
  }

  private static func usage(_ text: String) -> UsageRecord? {
    do throws(Refusal) {
      let document = try UnverifiedDocument(Array(text.utf8), as: UsageRecord.kind)
      return try UsageRecord.parse(document.payload)
    } catch { return nil }
  }

  private func newestReceipt(
    _ state: InstallationState, _ alive: StoredAlive?, in ledger: any LedgerWriting
  ) throws -> StoredReceipt {
    let record = try ledger.receipt(of: installation, atOrAfter: state.head.seq)
    // Of two of one second, the one that acknowledges more.
    let newest = [record, alive?.receipt].compactMap(\.self).max {
      ($0.seq, $0.iat) < ($1.seq, $1.iat)
    }
    guard let newest else {
      throw Problem(.internalFault, "there is no receipt yet: send the sign of life again")
    }
    return newest
  }

  // MARK: Both

  private func known(in ledger: any LedgerWriting) throws -> InstallationState {
    guard let state = try ledger.state(of: installation) else {
      throw Problem(.notActivated, "installation \(installation) is not activated here")
    }
    return state
  }

  /// What is attested and comes where records before it are missing is a gap of the chain.
  private func refuse(
    _ problem: Problem, at seq: Int64, in ledger: any LedgerWriting
  ) throws -> IntakeOutcome {
    if problem.code == .outOfOrder {
      try ledger.note(.chainGap, seq: seq, of: installation, at: now)
    }
    return .refused(problem)
  }

  /// Ends a silence that a finding told of; of others nothing need be written.
  private func hear(_ head: inout ChainHead, in ledger: any LedgerWriting) throws {
    guard head.silent > 0 else { return }
    head.silent = 0
    try SilenceDesk(now: now).end(of: installation, in: ledger)
    try ledger.setWatch(at: head.receiptAt + SilenceDesk.shortest, of: installation)
  }

  private func fork(
    _ seq: Int64, _ records: [String], in ledger: any LedgerWriting
  ) throws -> IntakeOutcome {
    try ledger.noteConflict(seq: seq, records: records, of: installation, at: now)
    try ledger.note(.forked, seq: seq, of: installation, at: now)
    return .refused(IntakeDecision.forked(at: seq))
  }

  private func receipt(_ head: ChainHead, _ position: Int64) throws -> StoredReceipt {
    let payload = Receipt(
      iss: seal.iss, iat: head.receiptAt, installation: installation, seq: head.seq,
      head: head.hash, position: position,
      leaseThrough: terms.leaseThrough(at: head.receiptAt, word: head.wordAt))
    return StoredReceipt(
      seq: head.seq, position: position, iat: head.receiptAt, jws: try seal.seal(payload))
  }
}
