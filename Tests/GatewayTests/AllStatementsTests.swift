import Billing
import Gateway
import Licensing
import Reporting
import Sealing
import Testing
import TestSupport

/// The statements of a month of every line, in one file.
@Suite(.everyStore) struct AllStatementsTests {
  /// What is written, statement by statement.
  private static func all(_ site: TestSite, _ month: String) async throws -> [String] {
    var written: [String] = []
    let count = try await site.gateway.statements.all(
      in: try TestSite.some(Month(month)), page: 3
    ) {
      $0.json.serialized
    } write: {
      written.append(String(decoding: $0, as: UTF8.self))
    }
    #expect(count == written.count)
    return written
  }

  private static func name(_ number: Int) -> String { "\(1000 + number)" }

  /// Publishes licenses, each of a line of its own, and activates one installation of some.
  private static func publish(
    _ site: TestSite, _ numbers: Range<Int>, activating: (Int) -> Bool
  ) async throws {
    let licenses = try numbers.map {
      try TestSite.payg(name($0), line: "lin_\(name($0))", revision: 1)
    }
    _ = try await site.gateway.publications.publish(
      Publication(licenses: try licenses.map { try site.vendor.jws($0) }))
    for (number, license) in zip(numbers, licenses) where activating(number) {
      var installation = try TestInstallation(license: license.jti, root: site.vendor.trust.root)
      _ = try await site.gateway.activations.activate(
        ActivationRequest(
          license: try site.vendor.jws(license),
          enrolment: try installation.enrolment(license: license.jti)))
      try installation.day(peak: Int64(number + 1))
      _ = try await site.report(installation, installation.records)
    }
  }

  @Test func `every line has the statement that it has alone, in the order of the lines`()
    async throws
  {
    try await TestSite.play { site in
      // More than are computed at a time; most are lines that nobody uses.
      try await Self.publish(site, 0..<40) { $0 % 7 == 1 }
      let used = (0..<40).filter { $0 % 7 == 1 }
      let written = try await Self.all(site, "2026-11")
      var alone: [String] = []
      for number in used {
        let line = try TestSite.some(LineID("lin_\(Self.name(number))"))
        let month = try TestSite.some(Month("2026-11"))
        alone.append(try await site.gateway.statements.statement(of: line, in: month).json.text)
      }
      #expect(written == alone && written.count == 6)
      #expect(try await Self.all(site, "2026-10").count == 6)
    }
  }

  @Test func `a final statement is taken as it was made`() async throws {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try installation.day(peak: 7)
      _ = try await site.report(installation, installation.records)
      site.clock.set(try DateCloserTests.midnight("2026-12-04"))
      let final = try await FinalStatementTests.makeFinal(site, "2026-11")
      try installation.day(peak: 10)
      _ = try await site.report(installation, Array(installation.records[1...]))
      #expect(try await Self.all(site, "2026-11") == [final.statement.json.text])
    }
  }

  @Test func `a line that cannot be computed is named, and nothing is called whole`() async throws {
    try await TestSite.play { site in
      _ = try await site.activated()
      let odd = try TestSite.payg("9", line: "lin_9", revision: 1, zone: "UTC")
      _ = try await site.gateway.publications.publish(
        Publication(licenses: [try site.vendor.jws(odd)]))
      let installation = try TestInstallation(license: odd.jti, root: site.vendor.trust.root)
      _ = try await site.gateway.activations.activate(
        ActivationRequest(
          license: try site.vendor.jws(odd),
          enrolment: try installation.enrolment(license: odd.jti)))
      try await site.tamper("UPDATE licenses SET jws = 'e30.e30.e30' WHERE id = 'lic_9'")
      let refused = try await problem { try await Self.all(site, "2026-11") }
      #expect(refused.code == .notFound && refused.detail.contains("lin_9"))
    }
  }
}
