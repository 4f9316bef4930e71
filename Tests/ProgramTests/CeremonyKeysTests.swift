import Foundation
import Testing

extension ProgramTests {
  /// Whoever makes the keys that our pages name can issue what we sell.
  @Suite(.serialized) struct CeremonyKeysTests {
    /// The commands of a page that make the first keys; of roots the page may have others.
    private static func keys(_ page: String, from start: String) throws -> [[String]] {
      let text = try String(
        contentsOf: Programs.package.appending(path: "Docs/\(page)"), encoding: .utf8)
      let place = try #require(text.range(of: start))
      let rest = text[place.upperBound...]
      let section = rest.range(of: "\n## ").map { rest[..<$0.lowerBound] } ?? rest
      return CommandLines.of(String(section), in: ["tally"])
        .filter { $0.starts(with: ["tally", "key", "new"]) }.map { Array($0.dropFirst()) }
    }

    @Test(arguments: [
      ("Ceremonies.md", "## The first keyset"), ("Operations.md", "export TALLY_REGISTRY"),
    ])
    func `the keys of a page sign all four editions`(_ page: String, _ start: String) async throws {
      let commands = try Self.keys(page, from: start)
      #expect(commands.contains { $0.contains("--max-days") }, "\(commands)")
      #expect(commands.count >= 5, "\(commands)")
      try await Stage.play { stage in
        try stage.write("passphrase", VendorOffice.passphrase, mode: 0o600)
        let signing = ["--registry", "registry", "--passphrase-file", "passphrase"]
        let root = ["key", "new", "--use", "root"]
        for words in (commands.contains(root) ? [] : [root]) + commands {
          try await stage.done("tally", words + signing)
        }
        try await stage.done(
          "tally", ["keyset", "publish", "--iss", "https://v.example"] + signing)
        let customer = try await stage.done(
          "tally", ["customer", "add", "ACME Ltd", "--registry", "registry"]
        ).trimmingCharacters(in: .whitespacesAndNewlines)
        for edition in Edition.allCases {
          let issued = try await stage.run(
            "tally",
            [
              "license", "issue", "--edition", edition.rawValue, "--customer", customer,
              "--product", VendorOffice.product, "--zone", "UTC", "--yes",
            ] + edition.terms + signing)
          #expect(issued.status == 0, "\(page) \(edition): \(issued.said)")
        }
      }
      #expect(Edition.allCases.count == 4)
    }

    @Test func `a key that is capped says what it signs not, and the refusal names the cure`()
      async throws
    {
      try await LicenseTests.play { desk in
        let words = ["key", "new", "--use", "license", "--max-days", "1100"] + desk.signing
        let text = try await desk.tally(words)
        #expect(text.status == 0, "\(text.said)")
        #expect(text.errors.contains("no perpetual and no community license"), "\(text.said)")
        #expect(text.output.split(separator: "\n").count == 1, "\(text.said)")
        struct Made: Decodable { let remarks: [String] }
        let json = try await desk.tally(words + ["--format", "json"]).json(Made.self)
        #expect(json.remarks.count == 1 && json.remarks[0].contains("--edition perpetual"))
        let named = try await desk.tally(
          words + ["--edition", "perpetual", "--format", "json"]
        ).json(Made.self)
        #expect(named.remarks.isEmpty)
        let published = try await desk.tally(["keyset", "publish"] + desk.signing)
        #expect(published.status == 0, "\(published.said)")
        let key = text.output.trimmingCharacters(in: .whitespacesAndNewlines)
        for edition in [Edition.perpetual, .community] {
          let refused = try await desk.license(
            [
              "issue", "--edition", edition.rawValue, "--customer", desk.customer, "--product",
              "platform", "--zone", "UTC", "--key", key, "--yes",
            ] + edition.terms)
          #expect(refused.status == 2 && refused.output.isEmpty, "\(refused.said)")
          for cure in ["without --max-days", "--edition \(edition.rawValue)"] {
            #expect(refused.errors.contains(cure), "\(refused.said)")
          }
        }
      }
    }
  }
}
