import Licensing
import Sealing
import StartupCheck
import Testing

/// The verdict as people read it.
struct VerdictTextTests {
  private let vendor: Vendor

  init() throws { vendor = try Vendor() }

  private func text(_ license: License, running: String = "1.0") throws -> [String] {
    let dossier = Dossier(
      vendor, license: try vendor.licenseFile([license]), release: try vendor.releaseFile())
    let text = VerdictText.text(
      try dossier.verdict(running: running), dossier, running: RunningRelease(running))
    return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  @Test func `the first line says it, then come the findings, then what it is about`() throws {
    let lines = try text(try Vendor.license())
    #expect(lines.count == 14)
    #expect(lines[0] == "allow VALID")
    #expect(lines[1].hasPrefix("note VALID: license lic_1 (perpetual, revision 1) is valid"))
    #expect(
      Array(lines[2...]) == [
        "",
        "license      lic_1, revision 1 of lin_1",
        "edition      perpetual",
        "customer     ACME Ltd (cus_1)",
        "product      platform",
        "maintenance  2026-11-21 through 2027-11-20 (UTC)",
        "covers       1.0, for ever",
        "collectors   at most 100, more are recorded",
        "support      5x8",
        "release      1.0, released 2026-11-01",
        "running      1.0",
        "keyset       1 of https://v.example, issued 2026-11-21T00:00:00Z",
      ])
  }

  @Test func `a denial says so and every finding has its line`() throws {
    let lines = try text(try Vendor.license(.payg), running: "1.1")
    #expect(lines[0] == "deny NOT_ACTIVATED")
    #expect(lines.contains { $0.hasPrefix("deny RELEASE_MISMATCH: ") })
    #expect(lines.contains("term        2026-11-21 through 2027-11-20 (UTC)"))
    #expect(lines.contains("collectors  no limit"))
  }

  @Test func `the license judged is shown, whatever the findings are about`() throws {
    let other = try Vendor.license(jti: "lic_2", line: "lin_2")
    let dossier = Dossier(
      vendor, license: try vendor.licenseFile([try Vendor.license(), other]),
      release: try vendor.releaseFile())
    let verdict = try dossier.verdict(clock: FixedClock(instant: Vendor.iat + 200 * 86_400))
    #expect(verdict.findings.map(\.code) == [.keysetStale])
    let judged = try #require(verdict.license)
    let text = VerdictText.text(verdict, dossier, running: RunningRelease("1.0"))
    #expect(text.contains("\nlicense      \(judged), revision 1 of "), "\(text)")
  }

  @Test func `what steers a terminal does not pass`() throws {
    var license = try Vendor.license()
    license.customer = "ACME \u{9B}31m\u{202E}\u{2028}Ltd"
    let lines = try text(license)
    #expect(lines.contains { $0.contains("ACME \\u{9b}31m\\u{202e}\\u{2028}Ltd") })
  }
}
