import Billing
import LibcryptoIssuing
import Licensing
import Sealing
import Testing
import TestSupport

@Suite struct StatementFormatTests {
  static func statement() throws -> Statement {
    let installation = try Samples.installation(1)
    return try Samples.statement(
      try Samples.november([4, nil, 6], of: installation), asOf: "2026-11-04")
  }

  @Test func `a sealed statement opens to the same statement`() throws {
    let vendor = try TestVendor()
    let statement = try Self.statement()
    let sealed = try vendor.jws(statement)
    let opened = try vendor.trust.open(Array(sealed.utf8), as: Statement.self)
    #expect(opened.payload == statement)
    #expect(opened.payload.json.serialized == statement.json.serialized)
  }

  @Test func `only a gateway key seals statements`() throws {
    let vendor = try TestVendor()
    let sealed = try vendor.key(.license).seal(try Self.statement())
    #expect(throws: Refusal(.keyNotAllowed, "")) {
      _ = try vendor.trust.open(Array(sealed.utf8), as: Statement.self)
    }
  }

  /// Each replacement makes the statement say two things at once, or leaves its form.
  static let changes: [(String, String)] = [
    ("\"quantity\":14,", "\"quantity\":13,"),
    ("\"amount\":480}", "\"amount\":481}"),
    ("\"amount\":1680}", "\"amount\":1681}"),
    ("\"status\":\"provisional\"", "\"status\":\"maybe\""),
    ("\"month\":\"2026-11\"", "\"month\":\"2026-1\""),
    ("\"terms\":\"term\"", "\"terms\":\"term\",\"note\":\"x\""),
    ("\"currency\":\"CNY\",\"rate\":120,\"amount\":480}", "\"rate\":120,\"amount\":480}"),
    ("\"position\":77", "\"position\":77.0"),
    ("\"position\":77", "\"position\":\"77\""),
    ("\"rate\":120", "\"rate\":-120"),
  ]

  @Test(arguments: changes)
  func `a statement that contradicts itself or its form is refused`(
    from: String, to: String
  ) throws {
    let text = try Self.statement().json.text
    #expect(text.contains(from), "\(text)")
    let changed = text.split(separator: from, omittingEmptySubsequences: false)
    let bytes = Array(
      (changed[0] + to + changed.dropFirst().joined(separator: from)).utf8)
    #expect(throws: Refusal.self) { _ = try Statement.parse(bytes) }
  }

  @Test func `every change was tried, and the statement itself is read`() throws {
    #expect(Self.changes.count == 10)
    let statement = try Self.statement()
    #expect(try Statement.parse(statement.json.serialized) == statement)
  }
}
