import Billing
import CivilTime
import Libcrypto
import Licensing
import Metering
import Reporting
package import Sealing

/// Holds everything that the ledger keeps against the sealed bytes in it.
///
/// Rules:
/// 1. Positions have no holes. Each chain begins with record 1 and has no holes, each record commits to the
///    bytes of the one before, and the installation's own seal is on the last: that attests all.
/// 2. What stands beside the bytes, and bills, is what the bytes say.
/// 3. Closings, decisions, receipts, activations and final statements bear a seal of the vendor's, and say
///    what they are kept for. A receipt names a record that is there, and covers its position.
/// 4. A head is where its chain ends: its record, the last date closed, the newest receipt.
/// 5. An installation's enrolment bears its own seal, and says what is kept of it. It took another's place
///    where its activation says so, and that one says the same; a seat is free where a decision freed it; a
///    permit served whom it was given for.
/// 6. Licenses bear a seal of the vendor's and are kept under the names that they give themselves.
/// 7. A finding is in the state that its history ends with; nothing that is sealed speaks of it.
///
/// What was sealed by a gateway key that a keyset has revoked since is told as a remark: nobody can say any
/// more when it was made. For one that was retired the keysets count that are kept, each signed by the roots
/// of the one before.
package struct LedgerAudit {
  /// Something that is not as it was written.
  package struct Fault: Sendable, Equatable {
    /// Of the entry, nil where it is no entry.
    package let position: Int64?
    package let installation: Thumbprint?
    package let what: String
  }

  package struct Outcome: Sendable, Equatable {
    package var entries: Int64 = 0
    package var installations: Int64 = 0
    package var receipts: Int64 = 0
    package var finalStatements: Int64 = 0
    /// Sealed by a key that was revoked since.
    package var underRevokedKeys: Int64 = 0
    /// At most ``maximumFaults``, in the order in which they were found.
    package var faults: [Fault] = []
    package var faultCount: Int64 = 0

    package static let maximumFaults = 100

    package init() {}
  }

  /// Where a chain stands; changed in place, for it grows long.
  final class Chain {
    var seq: Int64 = 0
    var hash: Digest?
    var last = ""
    var days: Set<CivilDate> = []
    /// The latest date that a day record closed.
    var closed: ClosedDate?
    /// What staff decided about it.
    var decided: [OpenedDecision] = []
    /// The position of each record, and its hash.
    var places: [Int64: (position: Int64, hash: Digest)] = [:]
  }

  static let page = 1000

  let ledger: any LedgerReading
  private let view: GatewayTrust.View
  let cryptography = LibcryptoProvider()
  var outcome = Outcome()
  var chains: [Thumbprint: Chain] = [:]

  /// The trust as it was, oldest first: a retired key stands in an earlier keyset.
  private var earlier: [TrustSet] = []

  private init(_ ledger: any LedgerReading, _ view: GatewayTrust.View) {
    self.ledger = ledger
    self.view = view
  }

  /// Looks at one state of the ledger, whole.
  /// - Throws: `StorageError` where something cannot even be read.
  package static func run(
    _ store: any LedgerStore, _ trust: GatewayTrust
  ) async throws -> Outcome {
    let damage = try await store.damage()
    let view = trust.view
    return try await store.read { ledger in
      var audit = LedgerAudit(ledger, view)
      for what in damage { audit.fault("the store's own check: \(what)") }
      try audit.lookAtKeysets()
      try audit.lookAtEntries()
      try audit.lookAtInstallations()
      try audit.lookAtLicenses()
      for finding in try ledger.strayFindings(limit: Outcome.maximumFaults) {
        audit.fault("finding \(finding) is in another state than its history says")
      }
      return audit.outcome
    }
  }

  mutating func fault(
    _ what: String, at position: Int64? = nil, of installation: Thumbprint? = nil
  ) {
    outcome.faultCount += 1
    guard outcome.faults.count < Outcome.maximumFaults else { return }
    outcome.faults.append(Fault(position: position, installation: installation, what: what))
  }

  // MARK: Entries

  private mutating func lookAtEntries() throws {
    while true {
      let entries = try ledger.keptEntries(after: outcome.entries, limit: Self.page)
      for entry in entries { look(at: entry) }
      guard entries.count == Self.page else { return }
    }
  }

  private mutating func look(at entry: KeptEntry) {
    outcome.entries += 1
    if entry.position != outcome.entries {
      fault(
        "entry \(outcome.entries) is missing", at: entry.position, of: entry.installation)
      outcome.entries = entry.position
    }
    if entry.isStray {
      fault(
        "something is kept beside it that nobody wrote", at: entry.position, of: entry.installation)
    }
    switch entry.kind {
    case .sample, .day, .quarantined: lookAtRecord(entry)
    case .closing, .decision: lookAtDecision(entry)
    }
  }

  private mutating func lookAtRecord(_ entry: KeptEntry) {
    func fault(_ what: String) {
      self.fault(what, at: entry.position, of: entry.installation)
    }
    let chain = chain(of: entry.installation)
    let seq = entry.seq ?? 0
    let hash = cryptography.sha256(Array(entry.jws.utf8))
    if seq != chain.seq + 1 { fault("record \(seq) follows record \(chain.seq)") }
    if hash != entry.hash { fault("record \(seq) is not what its hash says") }
    let read = Self.read(entry.jws)
    if let prev = Self.prev(read), prev != chain.hash {
      fault("record \(seq) does not commit to the record before it")
    }
    if entry.kind == .quarantined {
      if entry.columns != nil, !Self.isRepeated(entry, read, chain) {
        fault("record \(seq) is quarantined, and yet kept to be billed")
      }
    } else if let reason = Self.difference(entry, read) {
      fault("record \(seq): \(reason)")
    }
    chain.seq = seq
    chain.hash = hash
    chain.last = entry.jws
    if entry.kind == .day, let columns = entry.columns {
      chain.days.insert(columns.date)
      let last = chain.closed?.date
      if last.map({ $0 < columns.date }) ?? true {
        chain.closed = ClosedDate(date: columns.date, to: columns.to)
      }
    }
    chain.places[seq] = (entry.position, hash)
  }

  /// A record's bytes, read once.
  private enum Read {
    case understood(UsageRecord)
    /// Its payload, and why it is no record.
    case payload([UInt8], Refusal)
    case unreadable(Refusal)
  }

  private static func read(_ jws: String) -> Read {
    do throws(Refusal) {
      let document = try UnverifiedDocument(Array(jws.utf8), as: UsageRecord.kind)
      do throws(Refusal) { return .understood(try UsageRecord.parse(document.payload)) } catch {
        return .payload(Array(document.payload), error)
      }
    } catch { return .unreadable(error) }
  }

  private mutating func chain(of installation: Thumbprint) -> Chain {
    if let chain = chains[installation] { return chain }
    let chain = Chain()
    chains[installation] = chain
    return chain
  }

  /// Whether it is a second day record of its date: what was stored before they were quarantined on arrival
  /// still says what it says.
  private static func isRepeated(_ entry: KeptEntry, _ read: Read, _ chain: Chain) -> Bool {
    guard var columns = entry.columns, chain.days.contains(columns.date),
      case .understood(let record) = read, record.stage == .day,
      let license = LicenseID(record.license)
    else { return false }
    let sealed = EntryColumns(record, license: license)
    columns.rule = columns.rule ?? sealed.rule
    return columns == sealed
  }

  /// What a record says of the one before: `.some(nil)` for none, nil where it cannot be read.
  private static func prev(_ read: Read) -> Digest?? {
    switch read {
    case .understood(let record): return .some(record.prev)
    case .unreadable: return nil
    case .payload(let bytes, _):
      guard let value = try? JSONScanner.scan(bytes, maximumDepth: SealedLimits.depth) else {
        return nil
      }
      guard let claimed = value["prev"] else { return .some(nil) }
      return claimed.string.flatMap { Digest(base64URL: $0) }.map { .some($0) } ?? nil
    }
  }

  /// How what bills differs from what is sealed, nil where it does not.
  private static func difference(_ entry: KeptEntry, _ read: Read) -> String? {
    switch read {
    case .payload(_, let refusal), .unreadable(let refusal):
      return "it cannot be read (\(refusal.code.rawValue))"
    case .understood(let record):
      guard let license = LicenseID(record.license) else { return "it names no license" }
      return difference(
        entry, kind: record.stage.rawValue, seq: record.seq, record.installation,
        EntryColumns(record, license: license))
    }
  }

  private static func difference(
    _ entry: KeptEntry, kind: String, seq: Int64?, _ installation: Thumbprint,
    _ sealed: EntryColumns
  ) -> String? {
    guard var columns = entry.columns else { return "what it says is not kept beside it" }
    // Of what was stored before rules were kept, none is.
    columns.rule = columns.rule ?? sealed.rule
    guard entry.kind.rawValue == kind, entry.seq == seq, entry.installation == installation,
      columns == sealed
    else { return "what is kept beside it is not what it says" }
    return nil
  }

  private mutating func lookAtDecision(_ entry: KeptEntry) {
    guard let decision: Decision = opened(entry.jws, at: entry.position, of: entry.installation)
    else { return }
    let isWhole: Bool
    switch decision.matter {
    case .closing(let closing):
      isWhole =
        entry.kind == .closing && entry.columns == EntryColumns(closing, at: decision.iat)
    case .release, .replace, .bill:
      isWhole = entry.kind == .decision && entry.columns == nil
      chain(of: entry.installation).decided.append(
        OpenedDecision(position: entry.position, jws: entry.jws, decision: decision))
    }
    if !isWhole || decision.installation != entry.installation {
      fault(
        "what is kept beside a decision is not what it says", at: entry.position,
        of: entry.installation)
    }
  }

  /// Opens what a key of the vendor's has sealed: as the newest keyset has it, or one of those before.
  mutating func opened<Payload: VendorPayload>(
    _ jws: String, at position: Int64? = nil, of installation: Thumbprint?
  ) -> Payload? {
    let text = Array(jws.utf8)
    do throws(Refusal) { return try view.set.open(text, as: Payload.self).payload } catch {
      if error.code == .keyRevoked {
        outcome.underRevokedKeys += 1
        return nil
      }
      for set in earlier.reversed() {
        if let verified = try? set.open(text, as: Payload.self) { return verified.payload }
      }
      fault(
        "the seal of a \(Payload.kind.rawValue) is refused: \(error)", at: position,
        of: installation)
      return nil
    }
  }

  /// Follows the keysets that are kept, each by the roots of the one before, to the newest, which the
  /// vendor's root leads to: none can be put among them.
  private mutating func lookAtKeysets() throws {
    var sets: [TrustSet] = []
    for stored in try ledger.keysets() {
      do throws(Refusal) {
        if let last = sets.last {
          sets.append(try last.advanced(by: [stored.text]))
        } else {
          let document = try KeysetDocument(Array(stored.text.utf8))
          sets.append(
            try TrustSet.establish(
              roots: try Keyset.parse(document.payload).roots, keysets: [stored.text],
              using: cryptography))
        }
      } catch { fault("keyset \(stored.epoch) does not follow from those before it: \(error)") }
    }
    guard sets.last?.keyset == view.set.keyset else {
      return fault("the newest keyset that is kept is not the one that the vendor's root leads to")
    }
    earlier = sets.dropLast()
  }
}

extension LedgerAudit.Fault {
  package var json: JSONValue {
    var members: [JSONMember] = []
    if let position { members.append(JSONMember("position", .integer(position))) }
    if let installation { members.append(JSONMember("installation", installation.json)) }
    members.append(JSONMember("what", .string(what)))
    return .object(members)
  }
}

extension LedgerAudit.Outcome {
  /// - Parameters:
  ///   - root: the vendor's root that all seals were held against.
  ///   - isLedgersOwn: whether the ledger itself named it.
  package func json(root: Thumbprint, isLedgersOwn: Bool) -> JSONValue {
    [
      "whole": .bool(faultCount == 0), "root": root.json,
      "root_is_ledgers_own": .bool(isLedgersOwn), "entries": .integer(entries),
      "installations": .integer(installations), "receipts": .integer(receipts),
      "final_statements": .integer(finalStatements),
      "under_revoked_keys": .integer(underRevokedKeys), "fault_count": .integer(faultCount),
      "faults": .array(faults.map(\.json)),
    ]
  }
}
