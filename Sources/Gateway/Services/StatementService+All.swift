package import Billing
internal import Licensing
internal import Reporting

// The statements of a month, of every line.
//
// Rules:
// 1. A line that no installation ever belonged to has none.
// 2. A final statement is taken as it was made; another is computed as of now.
// 3. Licenses are taken as the ledger has them, as its entries are: whether all of them are what was sealed,
//    `doctor` tells. A statement that is made final is computed from licenses that are verified again.
// 4. Each is of one state of the ledger, which its position names; different lines' may be of different ones.
extension StatementService {
  /// How many pages are computed at a time.
  private static var width: Int { 4 }

  /// Computes the statements of every line, several at a time, and hands them on in the order of the lines.
  /// - Parameters:
  ///   - page: how many lines one reading of the ledger takes in.
  ///   - encode: what is written of a statement; nothing waits for the order in which it is called.
  ///   - write: takes what was encoded, some of it at a time.
  /// - Returns: how many there are.
  /// - Throws: ``Problem`` naming a line whose statement cannot be computed, and what the closures
  ///   throw.
  package func all(
    in month: Month, page: Int = 128,
    encode: @escaping @Sendable (Statement) throws -> [UInt8],
    write: ([UInt8]) throws -> Void
  ) async throws -> Int {
    try await withThrowingTaskGroup(of: (number: Int, pieces: [[UInt8]]).self) { group in
      var (begun, written, count) = (0, 0, 0)
      var last: LineID?
      var isEnd = false
      var ready: [Int: [[UInt8]]] = [:]
      while true {
        while !isEnd, begun - written < Self.width {
          let lines = try await store.read { [last] in try $0.lines(after: last, limit: page) }
          last = lines.last
          isEnd = lines.isEmpty
          guard !isEnd else { break }
          group.addTask { [begun] in
            (begun, try await statements(of: lines, in: month).map(encode))
          }
          begun += 1
        }
        guard let (number, pieces) = try await group.next() else { return count }
        ready[number] = pieces
        while let pieces = ready.removeValue(forKey: written) {
          for piece in pieces { try write(piece) }
          count += pieces.count
          written += 1
        }
      }
    }
  }

  private func statements(of lines: [LineID], in month: Month) async throws -> [Statement] {
    let now = try now()
    return try await store.read { ledger in
      try lines.compactMap { line in
        let installations = try ledger.installations(of: line)
        guard !installations.isEmpty else { return nil }
        do {
          return try statement(of: line, installations, in: month, asOf: now, ledger)
        } catch let error as BillingError {
          throw Problem(.conflict, "line \(line): \(error.message)")
        }
      }
    }
  }

  private func statement(
    of line: LineID, _ installations: [Installation], in month: Month, asOf now: Int64,
    _ ledger: any LedgerReading
  ) throws -> Statement {
    if let final = try ledger.finalStatement(of: line, in: month) {
      return try StatementDesk.open(final.jws)
    }
    let terms = shelf.terms(of: line, kept: try ledger.licenses(of: line))
    return try desk(for: line, terms, asOf: now).draft(of: month, installations, in: ledger)
  }
}
