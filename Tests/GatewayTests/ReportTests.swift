import Gateway
import Libcrypto
import Licensing
import Metering
import Reporting
import Sealing
import Testing
import TestSupport

@Suite(.everyStore) struct ReportTests {
  @Test func `records are stored, receipted and shown`() async throws {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try installation.sample(peak: 3, after: 600)
      try installation.sample(peak: 8, after: 3600)
      let answer = try await site.report(installation, installation.records)
      #expect(answer.results.map(\.seq) == [1, 2])
      #expect(answer.results.allSatisfy { $0.status == .stored && $0.code == nil })
      let receipt = try site.open(answer.receipt)
      #expect(receipt.seq == 2)
      #expect(receipt.head == installation.head)
      #expect(receipt.installation == installation.thumbprint)
      #expect(receipt.iat == TestSite.noon)
      #expect(receipt.position == 2)
      let shown = try await site.gateway.installations.show(installation.thumbprint)
      #expect(shown["peak"]?.integer == 8)
      #expect(shown["online"]?.integer == 8)
      #expect(shown["seq"]?.integer == 2)
      #expect(shown["date"]?.string == "2026-11-21")
      #expect(shown["records"]?.integer == 2)
      #expect(shown["receipts"]?.integer == 1)
    }
  }

  @Test func `the same report gets the same bytes for ever, and counts once`() async throws {
    try await TestSite.play { site in
      var installation = try await site.activated()
      for peak in 1...5 { try installation.sample(peak: Int64(peak), after: 60 * Int64(peak)) }
      let chain = installation
      let first = try await site.report(chain, chain.records)
      try installation.sample(peak: 9, after: 900)
      let later = try await site.report(installation, [installation.records[5]])
      site.clock.advance(7200)
      try await site.restart()
      for _ in 0..<3 {
        let again = try await site.report(chain, chain.records)
        #expect(again.receipt == first.receipt)
        #expect(again.results.allSatisfy { $0.status == .duplicate })
      }
      let part = try await site.report(chain, Array(chain.records[1..<3]))
      #expect(part.receipt == first.receipt)
      let last = try await site.report(installation, [installation.records[5]])
      #expect(last.receipt == later.receipt)
      let shown = try await site.gateway.installations.show(installation.thumbprint)
      #expect(shown["records"]?.integer == 6)
      #expect(shown["receipts"]?.integer == 2)
    }
  }

  @Test func `reports sent many times at once count once and get one receipt each`() async throws {
    try await TestSite.play(installations: 4) { site in
      var installations: [TestInstallation] = []
      for _ in 0..<4 {
        var installation = try await site.activated()
        for peak in 1...10 { try installation.sample(peak: Int64(peak), after: 60 * Int64(peak)) }
        installations.append(installation)
      }
      let shared = site
      var receipts: [Thumbprint: Set<String>] = [:]
      try await withThrowingTaskGroup(of: (Thumbprint, String).self) { group in
        for installation in installations {
          for _ in 0..<50 {
            group.addTask {
              let answer = try await shared.report(installation, installation.records)
              return (installation.thumbprint, answer.receipt)
            }
          }
        }
        for try await (name, receipt) in group { receipts[name, default: []].insert(receipt) }
      }
      #expect(receipts.count == 4)
      #expect(receipts.values.allSatisfy { $0.count == 1 })
      let position = try await site.store.read { try $0.position() }
      #expect(position == 40)
    }
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `any order of sending converges on the whole chain`(seed: UInt64) async throws {
    try await TestSite.play { site in
      var random = SeededRandom(state: seed)
      var installation = try await site.activated()
      for peak in 1...12 { try installation.sample(peak: Int64(peak), after: 60 * Int64(peak)) }
      var expected: Int64 = 1
      var tries = 0
      while expected <= 12 {
        let first = Int.random(in: 0..<12, using: &random)
        let end = Int.random(in: first..<12, using: &random) + 1
        do {
          let answer = try await site.report(
            installation, Array(installation.records[first..<end]))
          #expect(first < expected, "seed \(seed)")
          expected = max(expected, Int64(end) + 1)
          #expect(try site.open(answer.receipt).seq >= Int64(end), "seed \(seed)")
        } catch let problem as Problem {
          #expect(problem.code == .outOfOrder, "seed \(seed)")
          #expect(problem.facts.first?.value.integer == expected, "seed \(seed)")
        }
        tries += 1
        try #require(tries < 2000, "seed \(seed)")
      }
      let hashes = try await site.store.read {
        [name = installation.thumbprint] in try $0.hashes(of: name, in: 1...12)
      }
      #expect(hashes.count == 12)
      #expect(hashes[12] == installation.head)
    }
  }

  @Test func `a second history is refused, kept once as proof, and changes nothing`() async throws {
    try await TestSite.play { site in
      var main = try await site.activated()
      try main.sample(peak: 1, after: 60)
      var clone = main
      try main.sample(peak: 2, after: 120)
      try clone.sample(peak: 7, after: 120)
      try clone.sample(peak: 9, after: 180)
      _ = try await site.report(main, main.records)
      for records in [clone.records, [clone.records[1]], [clone.records[2]]] {
        let refused = try await problem { try await site.report(clone, records) }
        #expect(refused.code == .forked)
      }
      let refused = try await problem {
        try await site.report(clone, [], alive: try clone.copy(upTo: 2).alive(at: TestSite.noon))
      }
      #expect(refused.code == .forked)
      let (conflict, state) = try await site.store.read { [name = main.thumbprint] in
        (try $0.conflict(of: name), try $0.state(of: name))
      }
      #expect(conflict?.seq == 2)
      #expect(conflict?.records == Array(clone.records[1...]))
      #expect(conflict?.count == 4)
      #expect(state?.head.seq == 2)
      #expect(state?.head.hash == main.head)
      try main.sample(peak: 3, after: 240)
      _ = try await site.report(main, [main.records[2]])
    }
  }

  @Test func `what nothing attests changes nothing`() async throws {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try installation.sample(peak: 1, after: 60)
      try installation.sample(peak: 2, after: 120)
      let forged = TestInstallation.unsigned(installation.records[0])
      let refused = try await problem { try await site.report(installation, [forged]) }
      #expect(refused.code == .signatureInvalid)
      let answer = try await site.report(
        installation,
        [installation.records[0], TestInstallation.unsigned(installation.records[1])])
      #expect(answer.results.map(\.status) == [.stored, .refused])
      #expect(answer.results.map(\.code) == [nil, "SIGNATURE_INVALID"])
      #expect(try site.open(answer.receipt).seq == 1)
      let findings = try await site.store.read {
        [name = installation.thumbprint] in try $0.findings(of: name)
      }
      #expect(findings.isEmpty)
    }
  }

  @Test func `one valid signature at the end attests the whole batch`() async throws {
    try await TestSite.play { site in
      // The records in the middle are sealed wrongly from the start, so that later ones commit to them.
      var installation = try await site.activated()
      for peak in 1...3 {
        let record = try installation.next(peak: Int64(peak), after: 60 * Int64(peak))
        let sealed = try installation.key.seal(record)
        try installation.take(
          sealed: peak == 3 ? sealed : TestInstallation.unsigned(sealed), seq: record.seq)
      }
      let answer = try await site.report(installation, installation.records)
      #expect(answer.results.map(\.status) == [.stored, .stored, .stored])
    }
  }

  @Test func `a record from a newer program is quarantined, receipted and found`() async throws {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try installation.day(peak: 1)
      let record = try installation.next(peak: 2, after: 60)
      let payload: JSONValue = .object(
        [JSONMember("ver", .integer(2))] + record.members + [JSONMember("new", .integer(1))])
      // Signed by nobody, but committed to by the next record, which is signed.
      let sealed = try Self.unsignedRecord(payload, by: installation.thumbprint)
      try installation.take(sealed: sealed, seq: record.seq)
      try installation.sample(peak: 3, after: 120)
      let answer = try await site.report(installation, installation.records)
      #expect(answer.results.map(\.status) == [.stored, .quarantined, .stored])
      #expect(answer.results[1].code == "UNSUPPORTED_VERSION")
      #expect(try site.open(answer.receipt).seq == 3)
      let findings = try await site.store.read {
        [name = installation.thumbprint] in try $0.findings(of: name)
      }
      #expect(findings.map(\.code) == [.quarantined])
      #expect(findings.map(\.seq) == [2])
    }
  }

  static func unsignedRecord(_ payload: JSONValue, by name: Thumbprint) throws -> String {
    ForgedDocument.jws(
      header: ForgedDocument.header(kid: "\"\(name)\"", type: "\"tally-usage+jwt\""),
      payload: payload.serialized, signature: [UInt8](repeating: 1, count: 64))
  }

  @Test func `a date that does not begin where the last one ended is quarantined`() async throws {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try installation.day(peak: 1)
      try installation.take(
        try installation.next(peak: 2, after: 60, from: installation.from + 1))
      try installation.sample(peak: 3, after: 120)
      let answer = try await site.report(installation, installation.records)
      #expect(answer.results.map(\.status) == [.stored, .quarantined, .stored])
      #expect(answer.results[1].code == "DATE_NOT_CONTIGUOUS")
    }
  }

  @Test func `an installation that is not activated is refused`() async throws {
    try await TestSite.play { site in
      var installation = try site.installation()
      try installation.sample(peak: 1, after: 60)
      let refused = try await problem {
        try await site.report(installation, installation.records)
      }
      #expect(refused.code == .notActivated)
      let empty = try await problem { try await site.report(site.activated(), []) }
      #expect(empty.code == .malformed)
    }
  }

  @Test func `usage under an expired license is stored and said so`() async throws {
    try await TestSite.play(installations: 2) { site in
      for (date, code) in [("2027-11-01", "IN_GRACE"), ("2027-11-15", "EXPIRED")] {
        var installation = try await site.activated(date: date)
        try installation.sample(peak: 1, after: 60)
        let answer = try await site.report(installation, installation.records)
        #expect(answer.results.map(\.status) == [.stored])
        #expect(answer.results.map(\.code) == [code])
      }
    }
  }

  @Test func `receipts survive a restart, and heads with them`() async throws {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try installation.days(5)
      site.clock.advance(6 * 86_400)
      _ = try await site.report(installation, installation.records)
      try await site.restart()
      try installation.day(peak: 6)
      let answer = try await site.report(installation, [installation.records[5]])
      #expect(answer.results.map(\.status) == [.stored])
      #expect(try site.open(answer.receipt).seq == 6)
      let hole = try await problem {
        try await site.report(
          installation,
          [
            try installation.key.seal(
              try installation.next(peak: 1, after: 60))
          ].map(TestInstallation.unsigned))
      }
      #expect(hole.code == .signatureInvalid)
    }
  }
}

/// SplitMix64: the same run for the same seed, everywhere.
struct SeededRandom: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
