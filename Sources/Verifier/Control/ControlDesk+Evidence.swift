package import CivilTime
internal import Libcrypto
internal import Metering
internal import Platform
package import Sealing
internal import Storage

extension ControlDesk {
  /// How many leaves are read at once.
  private static let piece = 2000

  /// What `usage export --evidence` answers: the sealed day record, then all leaves in their order.
  /// - Throws: ``VerifierError`` `REQUEST_REFUSED` for a date that is not closed, `EVIDENCE_NOT_KEPT`,
  ///   `EVIDENCE_DIFFERS`.
  package func evidence(of date: CivilDate) async throws(VerifierError) -> LineAnswer {
    let (record, jws) = try await closingRecord(of: date)
    let journal = try await keptJournal(of: record)
    let evidence = try await journal.evidence(of: date)
    try Self.require(evidence.root, record)
    let ids = evidence.entries.map(\.id)
    return LineAnswer(head: EvidenceHeader(subject(jws)).json) { take in
      defer { try? journal.database.close() }
      var rest = ids[...]
      while !rest.isEmpty {
        let piece = Array(rest.prefix(Self.piece))
        rest = rest.dropFirst(piece.count)
        try await take(try await journal.leaves(of: piece, on: date).map(\.json))
      }
    }
  }

  /// What `usage prove` answers: one leaf, opened, with the sealed day record.
  /// - Parameters:
  ///   - name: the collector's, as `usage explain` shows it.
  ///   - kind: its kind, nil where only one kind has the name.
  /// - Throws: ``VerifierError`` as ``evidence(of:)`` does; `REQUEST_REFUSED` where there is no leaf to
  ///   open, or several kinds have the name.
  package func prove(
    _ name: String, kind: String?, on date: CivilDate
  ) async throws(VerifierError) -> JSONValue {
    let (record, jws) = try await closingRecord(of: date)
    let journal = try await keptJournal(of: record)
    defer { try? journal.database.close() }
    let identity = try await identity(name, kind, journal)
    let key = try MeterStart.digestKey(installation.keys.evidence)
    let (root, opening) = try await journal.opening(
      of: identity, id: CollectorID(identity, key: key), on: date)
    try Self.require(root, record)
    guard let opening else {
      throw VerifierError(
        .requestRefused,
        "no leaf of \(date) is of \(identity.kind) \"\(identity.text)\": there is none to open; "
          + "usage explain lists who counted at the peak")
    }
    return EvidenceProof(subject(jws), opening).json
  }

  private func identity(
    _ name: String, _ kind: String?, _ journal: Journal
  ) async throws(VerifierError) -> CollectorIdentity {
    if let kind {
      guard let identity = CollectorIdentity(kind: kind, text: name) else {
        throw VerifierError(
          .requestRefused,
          "a kind is 1 to 32 of a-z 0-9 _ -, and a name has 1 to "
            + "\(CollectorIdentity.maximumLength) bytes")
      }
      return identity
    }
    let found = try await journal.identities(named: Array(name.utf8))
    guard let identity = found.first else {
      throw VerifierError(
        .requestRefused, "no collector \"\(name)\" is known here: usage explain lists names")
    }
    guard found.count == 1 else {
      let kinds = found.map(\.kind).joined(separator: ", ")
      throw VerifierError(
        .requestRefused,
        "collectors of several kinds are called \"\(name)\": add --kind, one of "
          + kinds)
    }
    return identity
  }

  /// The journal, where it has the evidence of a date.
  private func keptJournal(of record: UsageRecord) async throws(VerifierError) -> Journal {
    let cure = "the record stands, but the date cannot be explained or proved any more"
    guard let journal = try openJournal() else {
      throw VerifierError(.evidenceNotKept, "EVIDENCE_NOT_KEPT: the journal is gone: \(cure)")
    }
    guard let instant = try await journal.droppedEvidence(of: record.date) else { return journal }
    try? journal.database.close()
    throw VerifierError(
      .evidenceNotKept,
      "EVIDENCE_NOT_KEPT: the evidence of \(record.date) was dropped by its age at "
        + "\(UTC.text(instant)): \(cure)")
  }

  private static func require(
    _ root: EvidenceRoot, _ record: UsageRecord
  ) throws(VerifierError) {
    guard root != record.closing?.evidence else { return }
    guard root.leaves > 0 else {
      throw VerifierError(
        .evidenceNotKept,
        "EVIDENCE_NOT_KEPT: the evidence of \(record.date) is lost: restore journal.sqlite from a "
          + "copy made after that date")
    }
    throw VerifierError(
      .evidenceDiffers,
      "EVIDENCE_DIFFERS: what is kept of \(record.date) is not what record \(record.seq) commits "
        + "to: run tally-verifier usage verify")
  }

  private func subject(_ jws: String) -> EvidenceSubject {
    EvidenceSubject(key: installation.keys.installation.publicKey, record: jws)
  }

  /// The record that closed a date.
  /// - Throws: ``VerifierError`` `REQUEST_REFUSED`.
  func closingRecord(
    of date: CivilDate
  ) async throws(VerifierError) -> (record: UsageRecord, jws: String) {
    let newest = try await installation.ledger.newest(of: date)
    if let newest, newest.stage == .day { return (try Self.record(newest), newest.jws) }
    // A date may be counted before it has any record.
    if newest == nil, try await openDay()?.summary.date != date {
      throw VerifierError(
        .requestRefused, "there is no record of \(date): usage show lists the closed dates")
    }
    throw VerifierError(
      .requestRefused,
      "\(date) is not closed yet: its evidence comes with its day record, soon after the date ends")
  }

  /// The journal, opened for this one question; nil where there is none.
  func openJournal() throws(VerifierError) -> Journal? {
    guard Files.exists(installation.folder.journal) else { return nil }
    return try Journal(
      path: installation.folder.journal, evidenceKey: installation.keys.evidence,
      using: LibcryptoProvider())
  }

  /// An instant as numbers and texts.
  func instantJSON(_ at: Int64, _ zone: Zone) -> JSONValue {
    [
      "at": .integer(at), "utc": .string(UTC.text(at)), "local": .string(zone.localText(at: at)),
    ]
  }
}
