package import Metering
package import Reporting
package import Sealing

/// What becomes of a sign of life.
///
/// Rules, in this order:
/// 1. The bytes that were answered last get the same answer.
/// 2. A `seq` beyond the head is `OUT_OF_ORDER`: records are missing here.
/// 3. Another hash at a place that is stored is a second history: `FORKED`.
/// 4. One from before the newest word, or from before the head, changes nothing and gets the newest
///    receipt: so one sent again late renews no lease.
/// 5. Otherwise it becomes the newest word, with a receipt of its own.
package enum AliveDecision {
  case repeated(StoredReceipt)
  case late
  case renew
  case fork(seq: Int64)
  case refuse(Problem)

  /// - Parameter stored: the hash of the record that the sign of life names, nil where none is stored.
  package static func decide(
    _ alive: Verified<Alive>, head: ChainHead, stored: Digest?, last: StoredAlive?
  ) -> AliveDecision {
    if let last, last.jws.isSameBytes(as: alive.jws) { return .repeated(last.receipt) }
    let word = alive.payload
    guard word.seq <= head.seq else {
      let expected = head.seq + 1
      return .refuse(
        Problem(
          .outOfOrder,
          "the newest record here is \(head.seq), not \(word.seq): send from "
            + "\(expected) on", facts: [JSONMember("expected", .integer(expected))]))
    }
    if word.seq > 0, stored != word.head { return .fork(seq: word.seq) }
    guard word.seq == head.seq, word.at >= head.wordAt else { return .late }
    return .renew
  }
}
