import Gateway
import Libcrypto
import Licensing
import Metering
import Reporting
import Sealing
import Testing

/// Tables of (what is stored, what comes) and what is decided.
@Suite struct IntakeDecisionTests {
  /// Six records of one chain, and six of another that parts from it after the third.
  struct Chains {
    var main: TestInstallation
    var fork: TestInstallation
    let signer: IncomingRecord.Signer

    init() throws {
      let license = try TestInstallation.some(LicenseID("lic_1"))
      let root = Thumbprint(LibcryptoProvider().sha256([1]))
      main = try TestInstallation(license: license, root: root)
      for peak in 1...3 { try main.sample(peak: Int64(peak), after: 60 * Int64(peak)) }
      fork = main
      for peak in 4...6 {
        try main.sample(peak: Int64(peak), after: 60 * Int64(peak))
        try fork.sample(peak: Int64(peak) + 10, after: 60 * Int64(peak))
      }
      signer = IncomingRecord.Signer(
        key: main.key.publicKey, thumbprint: main.thumbprint,
        cryptography: LibcryptoProvider())
    }

    /// What the ledger knows after the first so many records of the main chain.
    func stored(_ count: Int) -> (head: ChainHead, hashes: [Int64: Digest]) {
      var hashes: [Int64: Digest] = [:]
      for (index, jws) in main.records.prefix(count).enumerated() {
        hashes[Int64(index) + 1] = LibcryptoProvider().sha256(Array(jws.utf8))
      }
      return (ChainHead(seq: Int64(count), hash: hashes[Int64(count)]), hashes)
    }

    func decide(_ records: [String], stored count: Int) throws -> String {
      let batch = try ExaminedBatch(records, by: signer)
      let (head, hashes) = stored(count)
      let within = hashes.filter { batch.range.contains($0.key) }
      return switch IntakeDecision.decide(batch, head: head, stored: within) {
      case .append(let duplicates, let count): "append \(duplicates)+\(count)"
      case .repeated(let duplicates): "repeated \(duplicates)"
      case .fork(let index): "fork \(index)"
      case .refuse(let problem):
        "\(problem.code.rawValue)\(problem.facts.map { " \($0.value.text)" }.joined())"
      }
    }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let stored: Int
    let batch: @Sendable (Chains) -> [String]
    let decision: String
  }

  static let cases: [Case] = [
    Case(
      testDescription: "the first records", stored: 0, batch: { Array($0.main.records[0..<3]) },
      decision: "append 0+3"),
    Case(
      testDescription: "the next record", stored: 3, batch: { [$0.main.records[3]] },
      decision: "append 0+1"),
    Case(
      testDescription: "stored ones and new ones", stored: 3, batch: { $0.main.records },
      decision: "append 3+3"),
    Case(
      testDescription: "stored ones only", stored: 6, batch: { Array($0.main.records[1..<4]) },
      decision: "repeated 3"),
    Case(
      testDescription: "a hole", stored: 3, batch: { [$0.main.records[5]] },
      decision: "OUT_OF_ORDER 4"),
    Case(
      testDescription: "a hole at the begin", stored: 0, batch: { Array($0.main.records[2...]) },
      decision: "OUT_OF_ORDER 1"),
    Case(
      testDescription: "another record in a stored place", stored: 6,
      batch: { [$0.fork.records[3]] }, decision: "fork 0"),
    Case(
      testDescription: "the other chain from its begin", stored: 6, batch: { $0.fork.records },
      decision: "fork 3"),
    Case(
      testDescription: "the other chain where this one has ended", stored: 4,
      batch: { [$0.fork.records[4]] }, decision: "fork 0"),
    Case(
      testDescription: "the other chain first", stored: 3, batch: { $0.fork.records },
      decision: "append 3+3"),
    Case(
      testDescription: "only the last signature is there", stored: 0,
      batch: {
        $0.main.records.dropLast().map(TestInstallation.unsigned) + [$0.main.records[5]]
      }, decision: "SIGNATURE_INVALID"),
    Case(
      testDescription: "the last signature is wrong", stored: 3,
      batch: { $0.main.records.dropLast() + [TestInstallation.unsigned($0.main.records[5])] },
      decision: "append 3+2"),
    Case(
      testDescription: "no signature is right", stored: 3,
      batch: { [TestInstallation.unsigned($0.main.records[3])] }, decision: "SIGNATURE_INVALID"),
    Case(
      testDescription: "a wrong signature in a stored place is no fork", stored: 6,
      batch: { [TestInstallation.unsigned($0.fork.records[3])] }, decision: "SIGNATURE_INVALID"),
    Case(
      testDescription: "a wrong signature beyond a hole is no news", stored: 3,
      batch: { [TestInstallation.unsigned($0.main.records[5])] },
      decision: "SIGNATURE_INVALID"),
    Case(
      testDescription: "stored ones before a wrong signature", stored: 3,
      batch: { $0.main.records[0..<3] + [TestInstallation.unsigned($0.main.records[3])] },
      decision: "repeated 3"),
    Case(
      testDescription: "the order is turned", stored: 0,
      batch: { [$0.main.records[1], $0.main.records[0]] }, decision: "OUT_OF_ORDER 1"),
    Case(
      testDescription: "a hole within the batch ends it", stored: 0,
      batch: { [$0.main.records[0], $0.main.records[1], $0.main.records[3]] },
      decision: "append 0+2"),
    Case(
      testDescription: "twice the same record", stored: 0,
      batch: { [$0.main.records[0], $0.main.records[0]] }, decision: "append 0+1"),
    Case(
      testDescription: "garbage ends it", stored: 0,
      batch: { [$0.main.records[0], "garbage"] }, decision: "append 0+1"),
  ]

  @Test func `the table has all its cases`() { #expect(Self.cases.count == 20) }

  @Test(arguments: cases)
  func `a batch is decided by where the chain stands`(_ example: Case) throws {
    let chains = try Chains()
    // "Only the last signature" changes bytes, so the chain of hashes breaks after the first.
    #expect(
      try chains.decide(example.batch(chains), stored: example.stored) == example.decision)
  }

  @Test func `every cut of a chain, sent from any place, appends exactly what is missing`() throws {
    let chains = try Chains()
    var decided = 0
    for stored in 0...6 {
      for first in 0..<6 {
        for end in (first + 1)...6 {
          let batch = Array(chains.main.records[first..<end])
          let expected =
            first > stored
            ? "OUT_OF_ORDER \(stored + 1)"
            : end <= stored
              ? "repeated \(end - first)" : "append \(stored - first)+\(end - stored)"
          #expect(try chains.decide(batch, stored: stored) == expected)
          decided += 1
        }
      }
    }
    #expect(decided == 147)
  }

  @Test func `a report that is no record at all is refused with the reason`() throws {
    let chains = try Chains()
    let stranger = try Chains()
    let cases: [(String, Problem.Code)] = [
      ("garbage", .malformed), ("a.b.c", .malformed),
      (stranger.main.records[0], .unknownKey),
      (try chains.main.alive(at: 1_795_219_200), .wrongKind),
    ]
    for (text, code) in cases {
      #expect(throws: Problem(code, "")) {
        _ = try ExaminedBatch([text] + chains.main.records, by: chains.signer)
      }
    }
  }

  @Test func `results are given for each record of the report`() throws {
    let chains = try Chains()
    let batch = try ExaminedBatch(
      Array(chains.main.records[0..<2]) + ["garbage", chains.main.records[3]],
      by: chains.signer)
    #expect(batch.records.count == 2)
    #expect(batch.attested == 2)
    #expect(batch.rest.map(\.seq) == [3, 4])
    #expect(batch.rest.allSatisfy { $0.status == .refused && $0.code == "MALFORMED" })
  }
}

/// Signs of life.
@Suite struct AliveDecisionTests {
  @Test func `a sign of life is decided by where the chain stands`() throws {
    let chains = try IntakeDecisionTests.Chains()
    let seal = InstallationSeal(
      key: chains.main.key.publicKey, cryptography: LibcryptoProvider())
    let stored = chains.stored(6)
    let receipt = StoredReceipt(seq: 6, position: 9, iat: 5000, jws: "receipt")
    func decide(
      _ text: String, head: ChainHead, hash: Digest?, last: StoredAlive? = nil
    ) throws -> String {
      let alive: Verified<Alive> = try seal.open(Array(text.utf8))
      return switch AliveDecision.decide(alive, head: head, stored: hash, last: last) {
      case .repeated: "repeated"
      case .late: "late"
      case .renew: "renew"
      case .fork(let seq): "fork \(seq)"
      case .refuse(let problem): problem.code.rawValue
      }
    }
    var head = stored.head
    head.wordAt = 1000
    let now = try chains.main.alive(at: 1000)
    let kept = StoredAlive(at: 1000, jws: now, receipt: receipt)
    #expect(try decide(now, head: head, hash: head.hash) == "renew")
    #expect(try decide(now, head: head, hash: head.hash, last: kept) == "repeated")
    #expect(try decide(chains.main.alive(at: 999), head: head, hash: head.hash) == "late")
    #expect(try decide(chains.fork.alive(at: 1000), head: head, hash: head.hash) == "fork 6")
    let early = try chains.main.copy(upTo: 2)
    #expect(try decide(early.alive(at: 2000), head: head, hash: stored.hashes[2]) == "late")
    #expect(try decide(early.alive(at: 2000), head: head, hash: stored.hashes[3]) == "fork 2")
    let behind = chains.stored(5)
    #expect(try decide(now, head: behind.head, hash: nil) == "OUT_OF_ORDER")
    let empty = try TestInstallation(license: chains.main.license, root: chains.main.root)
    let first = InstallationSeal(key: empty.key.publicKey, cryptography: LibcryptoProvider())
    let alive: Verified<Alive> = try first.open(Array(try empty.alive(at: 10).utf8))
    guard case .renew = AliveDecision.decide(alive, head: ChainHead(), stored: nil, last: nil)
    else {
      Issue.record("an installation without records may show that it lives")
      return
    }
  }
}
