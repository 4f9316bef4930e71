import Gateway
import Libcrypto
import Licensing
import Metering
import Reporting
import Sealing
import TestSupport
import Testing

@Suite struct BundleIntakeTests {
  /// A bundle of a chain, made as an installation makes it.
  static func bundle(
    _ site: TestSite, _ chain: TestInstallation, from: Int = 0, enrols: Bool = false,
    alive: Int64? = nil
  ) throws -> ReportBundle {
    ReportBundle(
      installation: chain.thumbprint,
      activation: enrols
        ? ActivationRequest(license: site.licenseText, enrolment: try chain.enrolment()) : nil,
      records: Array(chain.records[from...]), alive: try alive.map { try chain.alive(at: $0) })
  }

  @Test func `an enrolment, more than a thousand records and a sign of life in one bundle`()
    async throws
  {
    try await TestSite.play { site in
      var chain = try site.installation()
      for second in 1...2300 { try chain.sample(peak: 3, after: Int64(second)) }
      let bundle = try Self.bundle(site, chain, enrols: true, alive: TestSite.noon)
      let read = try ReportBundle(file: Array(bundle.file.utf8))
      let first = try await BundleIntake.take(read, at: site.gateway)
      #expect(first.problem == nil)
      #expect(first.answer.activation != nil)
      #expect(first.count(.stored) == 2300)
      #expect(first.answer.receipts.count == 4)
      #expect(!first.answer.delivery.keysets.isEmpty)
      let receipts = try first.answer.receipts.map { try site.open($0) }
      #expect(receipts.map(\.seq) == [1000, 2000, 2300, 2300])
      #expect(receipts.last?.leaseThrough == TestSite.noon + 72 * 3600)

      // Brought again, hours later and to another process: the same bytes, nothing counted twice.
      site.clock.advance(7200)
      try await site.restart()
      let again = try await BundleIntake.take(read, at: site.gateway)
      #expect(again.answer.receipts == first.answer.receipts)
      #expect(again.answer.activation == first.answer.activation)
      #expect(again.count(.duplicate) == 2300 && again.count(.stored) == 0)
      let answer = try BundleAnswer(file: Array(again.answer.file.utf8))
      #expect(answer == again.answer)
      #expect(answer.addressee == chain.thumbprint)
    }
  }

  @Test func `bundles in rounds, overlapping and in the wrong order`() async throws {
    try await TestSite.play { site in
      var chain = try await site.activated()
      for second in 1...30 { try chain.sample(peak: 3, after: Int64(second)) }
      let late = try await BundleIntake.take(
        try Self.bundle(site, chain, from: 20), at: site.gateway)
      #expect(late.problem == Problem(.outOfOrder, ""))
      #expect(late.problem?.facts.first?.value.integer == 1)
      #expect(late.answer.isEmpty)
      var early = try Self.bundle(site, chain)
      early = ReportBundle(
        installation: early.installation, activation: nil,
        records: Array(early.records.prefix(20)), alive: nil)
      let first = try await BundleIntake.take(early, at: site.gateway)
      #expect(first.count(.stored) == 20)
      let second = try await BundleIntake.take(
        try Self.bundle(site, chain, from: 10), at: site.gateway)
      #expect(second.count(.duplicate) == 10 && second.count(.stored) == 10)
      let repeated = try await BundleIntake.take(early, at: site.gateway)
      #expect(repeated.answer.receipts == first.answer.receipts)
    }
  }

  @Test func `another vendor's bundle is refused and changes nothing`() async throws {
    try await TestSite.play { site in
      let before = try await site.store.read { try $0.position() }
      try await TestSite.play { other in
        var chain = try other.installation()
        try chain.sample(peak: 1, after: 60)
        let enrolling = try await BundleIntake.take(
          try Self.bundle(other, chain, enrols: true), at: site.gateway)
        #expect(enrolling.problem?.code == .unknownKey)
        let reporting = try await BundleIntake.take(
          try Self.bundle(other, chain), at: site.gateway)
        #expect(reporting.problem?.code == .notActivated)
        #expect(enrolling.answer.isEmpty && reporting.answer.isEmpty)
      }
      #expect(try await site.store.read { try $0.position() } == before)
    }
  }

  @Test func `what was acknowledged before a refusal stands in the answer`() async throws {
    try await TestSite.play { site in
      var chain = try await site.activated()
      for second in 1...1100 { try chain.sample(peak: 3, after: Int64(second)) }
      var copy = try chain.copy(upTo: 1050)
      _ = try await BundleIntake.take(try Self.bundle(site, chain), at: site.gateway)
      try copy.sample(peak: 9, after: 2000)
      let forked = try await BundleIntake.take(try Self.bundle(site, copy), at: site.gateway)
      #expect(forked.problem?.code == .forked)
      #expect(forked.answer.receipts.count == 1)
      #expect(forked.count(.duplicate) == 1000)
    }
  }
}
