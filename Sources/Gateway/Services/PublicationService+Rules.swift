internal import Licensing
internal import Reporting
internal import Sealing

/// What every refusal of a registry that has fallen behind says.
private let staleRegistry =
  "the registry that publishes is older than what this gateway knows, or went its own way since it "
  + "was restored: put back its newest copy, or take back what it lacks (tally registry restore); "
  + "do not publish another number instead"

extension PublicationService {
  static func advance(
    _ view: GatewayTrust.View, by offered: [String]
  ) throws(Refusal) -> TrustSet {
    let keysets = try offered.map { text throws(Refusal) in try StoredKeyset(text: text) }
    guard let newest = keysets.max(by: { $0.epoch < $1.epoch }) else { return view.set }
    let known = view.set.keyset.epoch
    guard newest.epoch >= known else {
      throw Refusal(
        .keysetTooOld,
        "keyset \(newest.epoch) is below keyset \(known), which is known here: \(staleRegistry)")
    }
    if newest.epoch == known, let stored = view.chain.last, try !newest.isSame(as: stored) {
      throw Refusal(
        .keysetTooOld, "another keyset \(known) is known here: \(staleRegistry)")
    }
    return try view.set.advanced(by: offered)
  }

  /// Holds that no other publication has stored a newer keyset since the first look: under that one
  /// this publication's documents may be worth nothing.
  static func requireNewest(
    _ set: TrustSet, _ chain: [StoredKeyset], in ledger: any LedgerReading
  ) throws {
    guard let stored = try ledger.keysets().last, let own = chain.last else { return }
    if stored.epoch < set.keyset.epoch { return }
    guard try stored.epoch == set.keyset.epoch && stored.isSame(as: own) else {
      throw Problem(
        .conflict,
        "keyset \(stored.epoch) was published while this publication was on its way: publish again")
    }
  }

  func requireLines(_ licenses: [Verified<License>]) async throws {
    var lines: [LineID: [License]] = [:]
    for license in licenses.map(\.payload) {
      let known =
        if let known = lines[license.line] { known } else {
          try await shelf.terms(of: license.line).vouched.map(\.payload)
        }
      try LineTerms.requireSameLine(license, as: known)
      lines[license.line] = known + [license]
    }
  }

  static func put(
    _ license: Verified<License>, under set: TrustSet, in ledger: any LedgerWriting, at now: Int64
  ) throws {
    let payload = license.payload
    if let stored = try ledger.license(payload.jti), stored.isPublished {
      let known = try UnverifiedDocument(Array(stored.jws.utf8), as: .license).payload
      guard try known == UnverifiedDocument(Array(license.jws.utf8), as: .license).payload else {
        throw Problem(
          .conflict, "another license \(payload.jti) is known here: \(staleRegistry)")
      }
    }
    for other in try ledger.licenses(of: payload.line)
    where other.isPublished && other.revision == payload.revision && other.id != payload.jti {
      // One whose key was revoked since counts as never seen.
      guard (try? set.open(Array(other.jws.utf8), as: License.self)) == nil else {
        throw Problem(
          .conflict,
          "revision \(payload.revision) of line \(payload.line) is license \(other.id) here, not "
            + "\(payload.jti): \(staleRegistry)")
      }
    }
    try ledger.put(
      StoredLicense(
        id: payload.jti, line: payload.line, revision: payload.revision, jws: license.jws,
        isPublished: true), at: now)
  }
}

extension Revocations {
  /// Holds that these are the known ones or follow them.
  /// - Parameter known: of a key that stands; nil where there are none.
  /// - Throws: ``Problem`` `CONFLICT`.
  func requireSuccession(to known: Revocations?) throws(Problem) {
    guard let known, self != known else { return }
    guard seq > known.seq else {
      throw Problem(
        .conflict,
        "revocations \(known.seq) are known here, and say something else: \(staleRegistry)")
    }
    if let license = omission(from: known) {
      throw Problem(
        .conflict,
        "revocations \(seq) leave out license \(license), which revocations \(known.seq) revoke: "
          + staleRegistry)
    }
  }
}

extension StoredKeyset {
  /// Whether both say the same, whoever signed them.
  fileprivate func isSame(as other: StoredKeyset) throws(Refusal) -> Bool {
    try KeysetDocument(Array(text.utf8)).payload == KeysetDocument(Array(other.text.utf8)).payload
  }
}
