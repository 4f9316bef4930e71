package import Reporting
import Sealing

/// The records of a report, examined by themselves: which of them form a chain, and which are attested.
///
/// Rules:
/// 1. A record is attested by its own valid signature or by a later valid one that commits to it.
/// 2. Only records that follow one another count: the first that cannot be taken apart, or that does not
///    commit to the one before it, and all after it, are left out.
/// 3. The last signature is verified first. If it is valid, the others need only be hashed; if not, the
///    ones before it are tried backwards, and what stands after the last valid one is not attested.
package struct ExaminedBatch: Sendable {
  /// Records that follow one another, at least one.
  package let records: [IncomingRecord]
  /// How many of them, from the first, are attested.
  package let attested: Int
  /// What is left out, by its place in the report, with the reason.
  package let rest: [RecordResult]

  /// - Throws: ``Problem`` when not even the first record can be taken apart.
  package init(_ texts: [String], by signer: IncomingRecord.Signer) throws(Problem) {
    var records: [IncomingRecord] = []
    var reason = Problem.Code.outOfOrder.rawValue
    for text in texts {
      do throws(Refusal) {
        let record = try IncomingRecord(text, by: signer, after: records.last)
        if let last = records.last, record.seq != last.seq + 1 || record.prev != last.hash { break }
        records.append(record)
      } catch {
        guard !records.isEmpty else { throw Problem(error) }
        reason = error.code.rawValue
        break
      }
    }
    guard let first = records.first else {
      throw Problem(.malformed, "a report carries records or a sign of life")
    }
    self.records = records
    attested = (records.lastIndex { $0.isSigned(by: signer) } ?? -1) + 1
    rest = texts.indices.dropFirst(records.count).map { index in
      RecordResult(seq: first.seq + Int64(index), status: .refused, code: reason)
    }
  }

  /// The places in the chain that the records claim.
  package var range: ClosedRange<Int64> {
    let first = records.first?.seq ?? 0
    return first...(records.last?.seq ?? first)
  }
}
