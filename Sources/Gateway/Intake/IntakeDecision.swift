package import Reporting
package import Sealing

/// What becomes of a batch, decided from where the chain stands.
///
/// Rules, in this order:
/// 1. Records that are stored already, byte for byte, are duplicates, attested or not.
/// 2. The first record that is not must be attested, or nothing after the duplicates counts.
/// 3. An attested record in a place that is taken by other bytes, or that follows the head but commits to
///    another one, is a second history: `FORKED`. The first history stays.
/// 4. A place beyond the next one is `OUT_OF_ORDER` and names the place that is expected.
/// 5. Otherwise the attested records are appended, and what is not attested is refused.
/// 6. A batch of which nothing is stored and nothing is taken is refused as a whole.
package enum IntakeDecision: Sendable {
  /// After so many duplicates, append so many records.
  case append(duplicates: Int, count: Int)
  /// So many records are stored already, and no other is taken.
  case repeated(duplicates: Int)
  /// The record at this index is of another history.
  case fork(index: Int)
  case refuse(Problem)

  /// - Parameter stored: the hashes of the stored records within the batch's range.
  package static func decide(
    _ batch: ExaminedBatch, head: ChainHead, stored: [Int64: Digest]
  ) -> IntakeDecision {
    let duplicates = batch.records.prefix { stored[$0.seq] == $0.hash }.count
    guard duplicates < batch.records.count else { return .repeated(duplicates: duplicates) }
    guard duplicates < batch.attested else {
      return duplicates > 0 ? .repeated(duplicates: duplicates) : .refuse(unattested)
    }
    let next = batch.records[duplicates]
    if next.seq <= head.seq { return .fork(index: duplicates) }
    guard next.seq == head.seq + 1 else { return .refuse(outOfOrder(next.seq, head.seq + 1)) }
    guard next.prev == head.hash else { return .fork(index: duplicates) }
    return .append(duplicates: duplicates, count: batch.attested - duplicates)
  }

  private static let unattested = Problem(
    .signatureInvalid,
    "no signature of the installation attests these records: send them as they were sealed")

  private static func outOfOrder(_ seq: Int64, _ expected: Int64) -> Problem {
    Problem(
      .outOfOrder, "record \(seq) came where \(expected) is the next: send from there on",
      facts: [JSONMember("expected", .integer(expected))])
  }

  /// What an installation is told whose history is not the one known here.
  static func forked(at seq: Int64) -> Problem {
    Problem(
      .forked,
      "record \(seq) of this installation is stored here with other bytes: end this chain, make a "
        + "new key and activate it in place of this one",
      facts: [JSONMember("seq", .integer(seq))])
  }
}
