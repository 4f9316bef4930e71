internal import Billing
internal import CivilTime
internal import Licensing
internal import Metering
internal import Sealing
internal import Storage

/// A row of a ledger's table, whichever store holds it.
///
/// What is not there, or is of another type, is thrown: the store names it damaged.
protocol LedgerRow {
  func text(_ column: String) throws -> String
  func optionalText(_ column: String) throws -> String?
  func number(_ column: String) throws -> Int64
  func optionalNumber(_ column: String) throws -> Int64?
}

/// Takes what a column must hold.
/// - Throws: `StorageError` `STORE_DAMAGED`.
func sound<Value>(_ value: Value?) throws -> Value {
  guard let value else {
    throw StorageError(.damaged, "a row of the ledger cannot be read: restore it from a backup")
  }
  return value
}

extension LedgerRow {
  func digest(_ column: String) throws -> Digest {
    try sound(Digest(base64URL: try text(column)))
  }

  func optionalDigest(_ column: String) throws -> Digest? {
    try optionalText(column).map { try sound(Digest(base64URL: $0)) }
  }

  func thumbprint(_ column: String) throws -> Thumbprint { Thumbprint(try digest(column)) }

  func optionalThumbprint(_ column: String) throws -> Thumbprint? {
    try optionalDigest(column).map { Thumbprint($0) }
  }

  func identifier<ID: Identifier>(_ column: String) throws -> ID {
    try sound(ID(try text(column)))
  }

  func choice<Choice: RawRepresentable<String>>(_ column: String) throws -> Choice {
    try sound(Choice(rawValue: try text(column)))
  }

  func optionalChoice<Choice: RawRepresentable<String>>(_ column: String) throws -> Choice? {
    try optionalText(column).map { try sound(Choice(rawValue: $0)) }
  }

  func date(_ column: String) throws -> CivilDate {
    try sound(CivilDate(daysSinceEpoch: try number(column)))
  }

  func optionalDate(_ column: String) throws -> CivilDate? {
    try optionalNumber(column).map { try sound(CivilDate(daysSinceEpoch: $0)) }
  }

  func peak() throws -> Peak? {
    guard let count = try optionalNumber("peak") else { return nil }
    return Peak(count: count, at: try number("peak_at"))
  }
}

// The rows of the tables as values.
extension LedgerRow {
  func installationRow() throws -> InstallationRow {
    InstallationRow(number: try number("id"), state: try installationState())
  }

  func installationState() throws -> InstallationState {
    let point = Base64.decode(try text("public_key").utf8, .url)
    let installation = Installation(
      thumbprint: try thumbprint("thumbprint"), key: try PublicKey(ed25519: try sound(point)),
      line: try identifier("line"), license: try identifier("license"),
      activatedAt: try number("activated_at"), replaces: try optionalThumbprint("replaces"),
      replacedBy: try optionalThumbprint("replaced_by"),
      replacedAt: try optionalNumber("replaced_at"),
      releasedAt: try optionalNumber("released_at"))
    let closed = try optionalDate("closed_date").map {
      ClosedDate(date: $0, to: try number("closed_to"))
    }
    let head = ChainHead(
      seq: try number("seq"), hash: try optionalDigest("hash"), wordAt: try number("word_at"),
      dayTo: try optionalNumber("day_to"), closed: closed, receiptAt: try number("receipt_at"),
      silent: try number("silent"))
    return InstallationState(installation, head)
  }

  func license() throws -> StoredLicense {
    StoredLicense(
      id: try identifier("id"), line: try identifier("line"), revision: try number("revision"),
      jws: try text("jws"), isPublished: try optionalNumber("published_at") != nil)
  }

  func keyset() throws -> StoredKeyset {
    StoredKeyset(epoch: try number("epoch"), text: try text("document"))
  }

  func token() throws -> Token {
    let scopes = try text("scopes").split(separator: ",").map {
      try sound(TokenScope(rawValue: String($0)))
    }
    return Token(
      id: try text("id"), hash: try digest("hash"), scopes: Set(scopes), note: try text("note"),
      createdAt: try number("created_at"), expiresAt: try number("expires_at"),
      revokedAt: try optionalNumber("revoked_at"))
  }

  func receipt() throws -> StoredReceipt {
    StoredReceipt(
      seq: try number("seq"), position: try number("position"), iat: try number("iat"),
      jws: try text("jws"))
  }

  func alive() throws -> StoredAlive {
    StoredAlive(
      at: try number("at"), jws: try text("jws"),
      receipt: StoredReceipt(
        seq: try number("receipt_seq"), position: try number("receipt_position"),
        iat: try number("receipt_iat"), jws: try text("receipt")))
  }

  func conflict() throws -> StoredConflict {
    StoredConflict(
      seq: try number("seq"),
      records: try text("jws").split(separator: "\n").map(String.init),
      count: try number("count"))
  }

  func finding() throws -> LedgerFinding {
    LedgerFinding(
      id: FindingID(number: try number("id")), installation: try thumbprint("thumbprint"),
      line: try identifier("line"), code: try choice("code"), state: try choice("state"),
      seq: try optionalNumber("seq"), lastSeq: try optionalNumber("last_seq"),
      firstAt: try number("first_at"), lastAt: try number("last_at"), count: try number("count"),
      date: try optionalDate("date"), seconds: try optionalNumber("seconds"),
      level: try optionalNumber("level"), owner: try optionalText("owner"),
      note: try optionalText("note"), resolution: try optionalChoice("resolution"),
      resolvedAt: try optionalNumber("resolved_at"))
  }

  func findingEvent() throws -> FindingEvent {
    FindingEvent(
      try choice("what"), at: try number("at"), by: try text("who"), why: try optionalText("why"),
      owner: try optionalText("owner"), note: try optionalText("note"),
      resolution: try optionalChoice("resolution"), level: try optionalNumber("level"))
  }

  func decision() throws -> StoredDecision {
    StoredDecision(position: try number("position"), jws: try text("jws"))
  }

  func finalStatement() throws -> StoredStatement {
    StoredStatement(month: Month(of: try date("month")), jws: try text("jws"))
  }
}

// What bills rest on.
extension LedgerRow {
  func newestUsage() throws -> NewestUsage {
    NewestUsage(
      seq: try number("seq"), position: try number("position"), kind: try choice("kind"),
      date: try date("date"), peak: try peak(), online: try number("online"),
      observed: try number("observed"), at: try number("at"),
      receivedAt: try number("received_at"))
  }

  func tracedEntry() throws -> TracedEntry {
    TracedEntry(
      position: try number("position"), kind: try choice("kind"), seq: try optionalNumber("seq"),
      hash: try optionalDigest("hash"), at: try number("at"),
      receivedAt: try number("received_at"), peak: try optionalNumber("peak"),
      peakAt: try optionalNumber("peak_at"), observed: try number("observed"),
      jws: try text("jws"))
  }

  func usageEntry(of installation: Thumbprint) throws -> UsageEntry {
    let peak = try peak()
    return UsageEntry(
      installation: installation, seq: try optionalNumber("seq"), kind: try choice("kind"),
      date: try date("date"), from: try number("from_at"), to: try number("to_at"),
      peak: peak?.count, peakAt: peak?.at, sampledPeak: try optionalNumber("sampled"),
      observed: try number("observed"), gaps: try gaps(), rule: try rule(),
      license: try identifier("license"), revision: try number("revision"))
  }

  func rule() throws -> UsageRecord.Rule? {
    guard let window = try optionalNumber("window"), let dwell = try optionalNumber("dwell"),
      let identity = try optionalText("identity")
    else { return nil }
    return UsageRecord.Rule(window: window, dwell: dwell, identity: identity)
  }

  /// The unobserved stretches of a date; entries of length 0 tell of a shared second and are none.
  private func gaps() throws -> [UsageGap] {
    let text = try text("gaps")
    guard !text.isSameBytes(as: "[]") else { return [] }
    let value = try sound(try? JSONScanner.scan(Array(text.utf8), maximumDepth: 2))
    guard case .array(let list) = value else { return try sound(nil) }
    return try list.compactMap { value in
      let from = try sound(value["from"]?.integer)
      let to = try sound(value["to"]?.integer)
      guard from < to else { return nil }
      return UsageGap(from: from, to: to, reason: try sound(value["reason"]?.string))
    }
  }
}

// What an audit reads.
extension LedgerRow {
  func keptEntry() throws -> KeptEntry {
    KeptEntry(
      position: try number("position"), installation: try thumbprint("thumbprint"),
      kind: try choice("kind"), seq: try optionalNumber("seq"), hash: try optionalDigest("hash"),
      jws: try text("jws"), columns: try entryColumns(), isStray: try isStray())
  }

  /// Whether something stands in a column that has no meaning by itself.
  private func isStray() throws -> Bool {
    let rule = [
      try optionalNumber("window") != nil, try optionalNumber("dwell") != nil,
      try optionalText("identity") != nil,
    ]
    let peak = [try optionalNumber("peak") != nil, try optionalNumber("peak_at") != nil]
    guard try optionalNumber("date") == nil else {
      return Set(rule).count > 1 || Set(peak).count > 1
    }
    let numbers = [
      "revision", "from_at", "to_at", "at", "online", "limit", "collectors", "refused", "observed",
      "sample",
    ]
    return try rule.contains(true) || peak.contains(true)
      || numbers.contains { try optionalNumber($0) != nil }
      || ["license", "gaps"].contains { try optionalText($0) != nil }
  }

  private func entryColumns() throws -> EntryColumns? {
    guard let date = try optionalDate("date") else { return nil }
    return EntryColumns(
      license: try identifier("license"), revision: try number("revision"), date: date,
      from: try number("from_at"), to: try number("to_at"), at: try number("at"),
      peak: try peak(), online: try optionalNumber("online"), limit: try optionalNumber("limit"),
      collectors: try optionalNumber("collectors"), refused: try optionalNumber("refused"),
      observed: try number("observed"), gaps: try text("gaps"), rule: try rule(),
      sample: try optionalNumber("sample"))
  }
}
