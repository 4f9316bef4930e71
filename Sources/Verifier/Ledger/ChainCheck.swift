package import Libcrypto
internal import Metering
internal import Sealing

/// What is wrong with a ledger, and where.
package struct LedgerDamage: Error, Sendable, Equatable {
  /// The first record affected.
  package let seq: Int64
  package let reason: String

  package init(seq: Int64, reason: String) {
    self.seq = seq
    self.reason = reason
  }
}

/// Follows a chain record by record.
///
/// Every record must have the stored hash, be sealed by the installation's key, have the next place,
/// and commit to the record before it.
package struct ChainCheck: Sendable {
  private let seal: InstallationSeal
  private var head: ChainHead

  /// - Parameter head: the end of the part that is known to be whole.
  package init(key: InstallationKey, after head: ChainHead) {
    seal = InstallationSeal(key: key.publicKey, cryptography: LibcryptoProvider())
    self.head = head
  }

  /// Follows one link.
  package mutating func follow(_ row: Ledger.RawRecord) throws(LedgerDamage) {
    let expected = head.seq + 1
    func require(_ holds: Bool, _ reason: String) throws(LedgerDamage) {
      guard holds else { throw LedgerDamage(seq: expected, reason: reason) }
    }
    try require(row.seq == expected, "the record is missing")
    guard let jws = row.jws, let hash = Digest(base64URL: row.hash) else {
      throw LedgerDamage(
        seq: expected, reason: "the record has no bytes, and no receipt acknowledges it")
    }
    try require(
      LibcryptoProvider().sha256(Array(jws.utf8)) == hash,
      "the record's bytes are not those that were stored")
    let record: UsageRecord
    do throws(Refusal) {
      record = try seal.open(Array(jws.utf8)).payload
    } catch { throw LedgerDamage(seq: expected, reason: error.message) }
    try require(
      record.installation == seal.thumbprint && record.seq == expected,
      "the record is of another place or installation")
    try require(record.prev == head.hash, "the record does not follow the one before it")
    head = ChainHead(seq: expected, hash: hash)
  }
}
