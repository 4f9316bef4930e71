internal import Libcrypto
internal import Sealing

/// What is kept of a sample whose bytes were dropped by their age.
///
/// Its hash stays in the chain: the next record commits to it, and so may a receipt. Between two such
/// rows no bytes say that one follows the other; so each is held, with the hash before it, by a digest
/// of its own, and whatever is changed in it afterwards is found in its place. The digest needs no key: whoever can
/// change the file can make it anew, as he can leave the row out, and then the next record, the receipts
/// and the gateway tell.
enum DroppedSample {
  /// The digest over a row and the hash of the record before it.
  static func digest(of row: Ledger.RawRecord, after previous: String) -> String {
    let text = ["dropped sample", String(row.seq), previous, row.hash, row.date, String(row.at)]
      .joined(separator: "\n")
    return LibcryptoProvider().sha256(Array(text.utf8)).text
  }
}
