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
      let row = try await rawRecords(from: receipt.seq, limit: 1).first
      // Of a sample that was dropped the hash alone is left.
      let isWhole = row?.jws.map {
        LibcryptoProvider().sha256(Array($0.utf8)).text == row?.hash
      }
      guard let row, row.seq == receipt.seq, row.hash == receipt.head?.text, isWhole ?? true else {
        return LedgerDamage(
          seq: receipt.seq, reason: "the record is not the one that its receipt acknowledges")
      }
      known = ChainHead(seq: row.seq, hash: receipt.head)
    }
    var check = ChainCheck(key: key, after: known)
    var next = known.seq + 1
    while true {
      let rows = try await rawRecords(from: next, limit: Self.page)
      do throws(LedgerDamage) {
        for row in rows { try check.follow(row) }
      } catch { return error }
      guard let last = rows.last, rows.count == Self.page else { return nil }
      next = last.seq + 1
    }
  }

  private func firstMissing() async throws(VerifierError) -> Int64 {
    var expected: Int64 = 1
    while true {
      let rows = try await rawRecords(from: expected, limit: Self.page)
      for row in rows {
        guard row.seq == expected else { return expected }
        expected += 1
      }
      if rows.count < Self.page { return expected }
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
