import Billing
import LibcryptoIssuing
import Licensing
import Sealing
import TestSupport
import Testing

/// A statement of as many installations as the documents promise can be sealed, and read.
@Suite struct StatementSizeTests {
  private static func installation(_ number: Int) throws -> Thumbprint {
    var bytes = [UInt8](repeating: 7, count: 32)
    bytes[0] = UInt8(number >> 8)
    bytes[1] = UInt8(number & 0xFF)
    return Thumbprint(try Samples.some(Digest(bytes)))
  }

  @Test(.timeLimit(.minutes(10)))
  func `a line of seven hundred quiet installations has its statement`() throws {
    let peaks = (1...30).map { Int64?.some(100_000 + $0) }
    let names = try (0..<700).map { try Self.installation($0) }
    let entries = try names.flatMap { try Samples.november(peaks, of: $0) }
    let statement = try Samples.statement(entries)
    #expect(statement.lines.count == 21_000 && statement.status == .closed)
    let sealed = try TestVendor().jws(statement)
    #expect(sealed.utf8.count > 8 << 20 && sealed.utf8.count <= Statement.kind.maximumSize)
    let document = try UnverifiedDocument(Array(sealed.utf8), as: .statement)
    #expect(try Statement.parse(document.payload) == statement)
    let file = Statement.armoured(sealed, keysets: [])
    #expect(file.count <= Statement.kind.maximumFile)
    #expect(try Armour.read(file).map(\.document) == [sealed])
  }
}
