package import Libcrypto
package import Licensing
internal import Metering
internal import Sealing
internal import StartupCheck

extension Ledger {
  /// How many records are read at once.
  private static let page = 1000

  /// Holds the ledger against the newest receipt, against what `standing` tells, and the records since
  /// that receipt against each other.
  /// - Parameters:
  ///   - receipt: the newest verified one of this installation.
  ///   - key: the installation's.
  ///   - standing: the newest record of the standing file.
  /// - Returns: the first thing wrong, nil where nothing is.
  package func damage(
    receipt: Receipt?, key: InstallationKey, standing: String?
  ) async throws(VerifierError) -> LedgerDamage? {
    let head = try await head()
    let witness = Self.seq(ofStanding: standing, key: key)
    let told = max(receipt?.seq ?? 0, witness ?? 0)
    guard told <= head.seq else {
      return LedgerDamage(
        seq: head.seq + 1, reason: "the ledger ends here, but record \(told) has been told of")
    }
    guard try await count() == head.seq else {
      return LedgerDamage(seq: try await firstMissing(), reason: "the record is missing")
    }
    return try await brokenLink(after: receipt, key: key)
  }

  private func brokenLink(
    after receipt: Receipt?, key: InstallationKey
  ) async throws(VerifierError) -> LedgerDamage? {
    var known = ChainHead.none
    if let receipt, receipt.seq > 0 {
      let entry = try await records(from: receipt.seq, limit: 1).first
      guard let entry, entry.hash == receipt.head,
        LibcryptoProvider().sha256(Array(entry.jws.utf8)) == entry.hash
      else {
        return LedgerDamage(
          seq: receipt.seq, reason: "the record is not the one that its receipt acknowledges")
      }
      known = ChainHead(seq: entry.seq, hash: entry.hash)
    }
    var check = ChainCheck(key: key, after: known)
    var next = known.seq + 1
    while true {
      let entries = try await records(from: next, limit: Self.page)
      do throws(LedgerDamage) {
        for entry in entries { try check.follow(entry) }
      } catch { return error }
      guard let last = entries.last, entries.count == Self.page else { return nil }
      next = last.seq + 1
    }
  }

  private func firstMissing() async throws(VerifierError) -> Int64 {
    var expected: Int64 = 1
    while true {
      let entries = try await records(from: expected, limit: Self.page)
      for entry in entries {
        guard entry.seq == expected else { return expected }
        expected += 1
      }
      if entries.count < Self.page { return expected }
    }
  }

  /// The place of the record that `standing` carries, if it is this installation's.
  private static func seq(ofStanding record: String?, key: InstallationKey) -> Int64? {
    guard let record else { return nil }
    let seal = InstallationSeal(key: key.publicKey, cryptography: LibcryptoProvider())
    let opened: Verified<UsageRecord>? = try? seal.open(Array(record.utf8))
    return opened?.payload.seq
  }
}
