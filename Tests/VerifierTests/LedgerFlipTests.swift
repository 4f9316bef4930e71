import GRDB
import Testing
import Verifier

@Suite struct LedgerFlipTests {
  /// Exhaustive: every byte of a small ledger's records, one after the other, with one bit turned over.
  @Test func `a bit that is turned over anywhere in the chain is found at its record`() async throws
  {
    let opened = try LedgerTests.Opened()
    try await opened.fill(3)
    let entries = try await opened.ledger.records(from: 1, limit: 10)
    #expect(entries.count == 3)
    let queue = try DatabaseQueue(path: opened.path)
    func put(_ bytes: [UInt8], _ seq: Int64) throws {
      try queue.write {
        try $0.execute(
          sql: "UPDATE record SET jws = ? WHERE seq = ?",
          arguments: [String(decoding: bytes, as: UTF8.self), seq])
      }
    }
    var flips = 0
    for entry in entries {
      let bytes = Array(entry.jws.utf8)
      for index in bytes.indices {
        var changed = bytes
        // All of it is ASCII: the highest bit is left, what it makes is no text.
        changed[index] ^= 1 << UInt8(index % 7)
        try put(changed, entry.seq)
        let damage = try await opened.damage()
        #expect(damage?.seq == entry.seq, "byte \(index) of record \(entry.seq)")
        flips += 1
      }
      try put(bytes, entry.seq)
      #expect(try await opened.damage() == nil)
    }
    try queue.close()
    #expect(flips == entries.map(\.jws.utf8.count).reduce(0, +) && flips > 1500)
    #expect(try await opened.ledger.records(from: 1, limit: 10) == entries)
  }
}
