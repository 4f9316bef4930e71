internal import Licensing
package import Sealing

/// The first thing that `usage verify` finds wrong.
package struct LedgerFinding: Error, Sendable, Equatable {
  /// Where it is.
  package enum Place: String, Sendable, CaseIterable {
    /// A record of the chain; ``LedgerFinding/seq`` is its place.
    case record
    /// The receipt of a record.
    case receipt
    /// The leaves kept for a date; ``LedgerFinding/seq`` is the place of the record that closed it.
    case evidence
    /// What is kept of the date that is being counted.
    case journal
    /// The chain as a whole.
    case ledger
    /// What lies beside the chain: the vendor's documents, the floor of the clock, `standing`.
    case state
  }

  package var place: Place
  package var seq: Int64?
  package var what: String

  package init(_ place: Place, _ seq: Int64?, _ what: String) {
    self.place = place
    self.seq = seq
    self.what = what
  }

  /// What to do about it.
  package func cure(for installation: Thumbprint) -> String {
    let copy = "keep this folder as it is"
    return switch place {
    case .record, .receipt, .ledger:
      "\(copy); if a copy of it was made after the last report, restore that one, else run "
        + "tally-verifier activate --replace \(installation)"
    case .evidence:
      "\(copy); the record stands, but that date cannot be explained or proved: restore "
        + "journal.sqlite and evidence.key from a copy made after that date"
    case .journal:
      "\(copy); restore journal.sqlite from a copy: without one, what was counted since the last "
        + "closed date is a gap"
    case .state: "what was counted is whole; do as it says"
    }
  }
}

/// What `usage verify` went through.
package struct LedgerReview: Sendable {
  package var records: Int64 = 0
  /// How many of the records closed a date.
  package var dates: Int64 = 0
  /// Records that another one's seal attests, not their own.
  package var attested: Int64 = 0
  package var receipts: Int64 = 0
  /// Receipts sealed with a key that the vendor has revoked since.
  package var revoked: Int64 = 0
  /// Roots recomputed from the leaves kept.
  package var roots: Int64 = 0
  /// Samples of which the hash alone is kept.
  package var samplesDropped: Int64 = 0
  /// Closed dates whose leaves were dropped by their age: counted, but not to be explained any more.
  package var dropped: [String] = []
  /// Closed dates of which no leaf is kept, without a note that they were dropped.
  package var lost: [String] = []
  /// The date that is being counted, as far as something is kept of it.
  package var open: String?
  /// Dates whose bounds are not those of this machine's zone data; nil where nothing was gone through.
  package var zones: ZoneReview?
  package var finding: LedgerFinding?

  package init() {}

  package func json(of installation: Thumbprint) -> JSONValue {
    var members = [
      JSONMember("installation", installation.json),
      JSONMember("whole", .bool(finding == nil)),
      JSONMember("records", .integer(records)), JSONMember("dates", .integer(dates)),
      JSONMember("attested", .integer(attested)),
      JSONMember("samples_dropped", .integer(samplesDropped)),
      JSONMember("receipts", .integer(receipts)),
      JSONMember("receipts_of_revoked_keys", .integer(revoked)),
      JSONMember("evidence_roots", .integer(roots)),
      JSONMember("evidence_dropped", .array(dropped.map { .string($0) })),
      JSONMember("evidence_lost", .array(lost.map { .string($0) })),
      JSONMember("open_date", open.map { .string($0) } ?? .null),
    ]
    if let zones, zones.count > 0 {
      members.append(JSONMember("other_bounds", .integer(zones.count)))
      members.append(JSONMember("other_bounds_first", .array(zones.first.map(\.json))))
    }
    if let unknown = zones?.unknown, !unknown.isEmpty {
      members.append(JSONMember("zones_unknown", .array(unknown.map { .string($0) })))
    }
    if let finding {
      var found = [JSONMember("place", .string(finding.place.rawValue))]
      if let seq = finding.seq { found.append(JSONMember("seq", .integer(seq))) }
      found.append(JSONMember("what", .string(finding.what)))
      found.append(JSONMember("cure", .string(finding.cure(for: installation))))
      members.append(JSONMember("finding", .object(found)))
    }
    return .object(members)
  }
}
