import Reporting
import Sealing
import Testing

@Suite struct ReportBundleTests {
  /// A document of a kind whose header names a key; nothing of it verifies.
  static func document(
    _ kind: DocumentKind, key: UInt8 = 1, payload: JSONValue = [:]
  ) throws -> String {
    let digest = try #require(Digest([UInt8](repeating: key, count: 32)))
    let input = Seal.signingInput(
      kind: kind, algorithm: .edDSA, key: Thumbprint(digest), payload: payload.serialized)
    return String(decoding: input, as: UTF8.self) + "." + Base64.encode([1, 2, 3], .url)
  }

  static func file(_ blocks: [(DocumentKind, String)]) -> [UInt8] {
    Array(Armour.write(blocks.map { ArmourBlock(kind: $0.0, document: $0.1) }).utf8)
  }

  static func installation(_ key: UInt8 = 1) throws -> Thumbprint {
    Thumbprint(try #require(Digest([UInt8](repeating: key, count: 32))))
  }

  @Test func `a bundle is read back as it was written`() throws {
    let bundle = ReportBundle(
      installation: try Self.installation(),
      activation: ActivationRequest(
        license: try Self.document(.license, key: 9), enrolment: try Self.document(.enrolment)),
      records: [try Self.document(.usage, payload: ["n": 1]), try Self.document(.usage)],
      alive: try Self.document(.alive))
    #expect(try ReportBundle(file: Array(bundle.file.utf8)) == bundle)
    let quoted = bundle.file.split(separator: "\n", omittingEmptySubsequences: false)
      .map { "> \($0)" }.joined(separator: "\r\n")
    #expect(try ReportBundle(file: Array(quoted.utf8)) == bundle)
  }

  @Test func `what is no bundle is refused`() throws {
    let usage = try Self.document(.usage)
    let license = try Self.document(.license)
    let enrolment = try Self.document(.enrolment)
    let alive = try Self.document(.alive)
    let cases: [(Refusal.Code, [(DocumentKind, String)])] = [
      (.wrongKind, [(.license, license)]),
      (.wrongKind, [(.receipt, try Self.document(.receipt))]),
      (.wrongKind, [(.usage, usage), (.activation, try Self.document(.activation))]),
      (.malformed, [(.enrolment, enrolment)]),
      (.malformed, [(.license, license), (.usage, usage)]),
      (.malformed, [(.alive, alive), (.alive, alive)]),
      (.malformed, [(.usage, usage), (.usage, try Self.document(.usage, key: 2))]),
      (.malformed, [(.usage, "a.b"), (.alive, alive)]),
    ]
    #expect(cases.count == 8)
    for (code, blocks) in cases {
      #expect(throws: Refusal(code, "")) { try ReportBundle(file: Self.file(blocks)) }
    }
    #expect(throws: Refusal(.malformed, "")) { try ReportBundle(file: Array("hello".utf8)) }
    var damaged = Self.file([(.usage, usage), (.alive, alive)])
    damaged[40] = damaged[40] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
    #expect(throws: Refusal(.damaged, "")) { try ReportBundle(file: damaged) }
  }

  @Test func `a long bundle comes to reports that a gateway takes, always the same`() throws {
    let record = try Self.document(.usage)
    func reports(_ records: [String], alive: String? = nil) throws -> [ReportRequest] {
      ReportBundle(
        installation: try Self.installation(), activation: nil, records: records, alive: alive
      ).reports
    }
    let many = try reports(Array(repeating: record, count: 2500), alive: Self.document(.alive))
    #expect(many.map(\.records.count) == [1000, 1000, 500, 0])
    #expect(many.map { $0.alive != nil } == [false, false, false, true])
    let large = String(repeating: "x", count: 60_000)
    let heavy = try reports(Array(repeating: large, count: 200))
    #expect(heavy.reduce(0) { $0 + $1.records.count } == 200)
    #expect(heavy.allSatisfy { $0.json.serialized.count < 5 << 20 })
    #expect(try reports([record]).count == 1)
    #expect(try reports([]).isEmpty)
  }

  @Test func `an answer is read back as it was written, and says for whom it is`() throws {
    func name(_ key: UInt8) throws -> JSONValue { try Self.installation(key).json }
    func receipt(_ key: UInt8) throws -> String {
      try Self.document(.receipt, key: 7, payload: ["installation": try name(key)])
    }
    let activation = try Self.document(
      .activation, key: 7, payload: ["cnf": ["jkt": try name(1)]])
    let keyset = #"{"payload":"e30","signatures":[]}"#
    let answer = BundleAnswer(
      activation: activation, receipts: [try receipt(1), try receipt(1)],
      delivery: Delivery(
        licenses: [try Self.document(.license)], keysets: [keyset],
        revocations: try Self.document(.revocations)))
    let read = try BundleAnswer(file: Array(answer.file.utf8))
    #expect(read == answer)
    #expect(read.addressee == (try Self.installation(1)))
    var mixed = answer
    mixed.receipts.append(try receipt(2))
    #expect(mixed.addressee == nil)
    #expect(BundleAnswer(receipts: ["x"]).addressee == nil)
  }

  @Test func `what is no answer is refused`() throws {
    let cases: [(DocumentKind, String)] = [
      (.usage, try Self.document(.usage)), (.enrolment, try Self.document(.enrolment)),
      (.alive, try Self.document(.alive)), (.license, try Self.document(.license)),
      (.release, try Self.document(.release)), (.statement, try Self.document(.statement)),
    ]
    #expect(cases.count == 6)
    for block in cases {
      #expect(throws: Refusal(.wrongKind, "")) { try BundleAnswer(file: Self.file([block])) }
    }
  }
}
