import Foundation
import Testing

extension ProgramTests {
  /// Statements between the programs: brought by the customer, written by the vendor, checked on either
  /// side.
  @Suite(.serialized) struct StatementTests {
    struct Checked: Decodable {
      struct Difference: Decodable {
        let date: String
        let member: String?
      }
      let entries: Int
      let equal: Bool
      let difference: Difference?
    }

    private static let month = String(Day.today().prefix(7))

    private static func fetch(_ site: Site, _ more: [String] = []) async throws -> Outcome {
      try await site.verifier(["statement", "fetch", "--month", month] + more)
    }

    private static func check(_ site: Site, _ file: String) async throws -> Outcome {
      try await site.verifier(["statement", "check", file, "--format", "json"])
    }

    private static func export(
      _ site: Site, _ license: String, _ format: String, _ more: [String] = []
    ) async throws -> Outcome {
      try await site.stage.run(
        "tally-gateway",
        [
          "statement", "export", "--license", license, "--month", month, "--state", "gateway",
          "--format", format,
        ] + more)
    }

    @Test func `a statement is fetched through serve and beside it, and is equal to the ledger`()
      async throws
    {
      try await Stage.play { stage in
        let (site, verifier, gateway) = try await ReplaceTests.counting(stage, peak: 5)
        let words = try await Self.fetch(site)
        #expect(words.status == 0 && words.output.contains("provisional"), "\(words.said)")
        #expect(words.output.contains("collector-days"), "\(words.said)")
        let served = try await Self.fetch(site, ["--out", "served.tally"])
        #expect(served.status == 0 && served.errors.contains("served.tally"), "\(served.said)")
        #expect(try stage.text("served.tally").contains("BEGIN TALLY STATEMENT"))
        let checked = try await Self.check(site, "served.tally")
        #expect(checked.status == 0, "\(checked.said)")
        #expect(try checked.json(Checked.self).equal && checked.json(Checked.self).entries > 0)

        let table = try await Self.fetch(site, ["--format", "csv"])
        #expect(table.output.hasPrefix("\u{FEFF}entry,month,"), "\(table.said)")
        let focus = try await Self.fetch(site, ["--format", "focus", "--out", "focus.csv"])
        #expect(focus.status == 0, "\(focus.said)")
        #expect(try stage.text("focus.csv").hasPrefix("BilledCost,BillingAccountId,"))

        // serve does not run: the command opens the folder and dials itself.
        #expect(try await verifier.stop() == 0)
        let direct = try await Self.fetch(site, ["--out", "direct.tally"])
        #expect(direct.status == 0, "\(direct.said)")
        let again = try await Self.check(site, "direct.tally")
        #expect(try again.status == 0 && again.json(Checked.self).equal, "\(again.said)")
        // Seal and totals alone need no ledger: the keysets stand in the file.
        let alone = try await stage.run(
          "tally-verifier", ["statement", "check", "direct.tally"] + site.office.trust)
        #expect(alone.status == 0 && alone.output.contains("the seal is the vendor's"))

        #expect(try await gateway.stop() == 0)
        let none = try await Self.fetch(site, ["--out", "none.tally"])
        #expect(none.status == 2, "\(none.said)")
        #expect(!FileManager.default.fileExists(atPath: stage.path("none.tally")))
      }
    }

    @Test func `what the vendor writes as files is what the customer can check`() async throws {
      try await Stage.play { stage in
        let (site, verifier, gateway) = try await ReplaceTests.counting(stage, peak: 3)
        let license = try #require(try await ReplaceTests.listed(site).first?.license)
        for format in ["json", "csv", "focus"] {
          let shown = try await Self.export(site, license, format)
          #expect(shown.status == 0, "\(shown.said)")
          let file = try await Self.export(site, license, format, ["--out", "export.\(format)"])
          #expect(file.status == 0 && file.output.isEmpty, "\(file.said)")
          guard format != "json" else { continue }
          let rows = shown.output.components(separatedBy: "\r\n")
          #expect(rows.count > 2 && rows.last == "", "\(format)")
        }
        // Only with the key is a statement sealed that is not final.
        let keyless = try await Self.export(site, license, "jws", ["--out", "a.tally"])
        #expect(keyless.status == 64, "\(keyless.said)")
        #expect(!FileManager.default.fileExists(atPath: stage.path("a.tally")))
        let keys = [
          "--key", site.office.pem("gateway"), "--passphrase-file", site.office.passphraseFile,
        ]
        let sealed = try await Self.export(site, license, "jws", keys + ["--out", "a.tally"])
        #expect(sealed.status == 0, "\(sealed.said)")
        let checked = try await Self.check(site, "a.tally")
        #expect(try checked.status == 0 && checked.json(Checked.self).equal, "\(checked.said)")

        // A changed file is damaged, and a file of somebody else's is no statement.
        let text = try stage.text("a.tally")
        try stage.write("b.tally", text.replacing("e", with: "f", maxReplacements: 40))
        let changed = try await Self.check(site, "b.tally")
        #expect(changed.status == 1, "\(changed.said)")
        let other = try await Self.check(site, "payg.license")
        #expect(other.status == 1 && other.errors.contains("no statement"), "\(other.said)")
        #expect(try await verifier.stop() == 0)
        #expect(try await gateway.stop() == 0)
      }
    }

    @Test func `where the license reports by file nothing dials, and the words say what to do`()
      async throws
    {
      try await Stage.play { stage in
        let site = try await Site.open(on: stage)
        try await site.office.issue(
          .payg, to: stage.path("payg.license"),
          ["--from", Day.today(-2), "--years", "1", "--reporting", "offline"]
            + ["--price", "CNY 1.20", "--lease-hours", "72"])
        try await stage.done(
          "tally-verifier",
          ["license", "install", "payg.license", "--state", "state"] + site.office.trust)
        let refused = try await Self.fetch(site, ["--out", "x.tally"])
        #expect(refused.status == 1, "\(refused.said)")
        #expect(refused.errors.contains("tally-gateway statement export --format jws"))
        #expect(refused.errors.contains("tally-verifier statement check FILE"))
        #expect(!FileManager.default.fileExists(atPath: stage.path("x.tally")))
      }
    }
  }
}
