import Foundation
import Testing

extension ProgramTests {
  /// A script asks every command in one way, and is answered with JSON.
  @Suite(.serialized) struct FormatFlagTests {
    /// Commands without `--format`, and why.
    private static let without = [
      "tally-verifier serve":
        "runs until it is stopped: its first line is an address, the rest a log",
      "tally-gateway serve":
        "runs until it is stopped: its first line is an address, the rest a log",
    ]

    @Test(arguments: Programs.names) func `every command takes --format`(_ program: String)
      async throws
    {
      let dump = try await HelpDump.of(program)
      let leaves = dump.commands.filter { $0.command.subcommands?.isEmpty ?? true }
      #expect(leaves.count > 5)
      for (path, command) in leaves {
        let name = path.joined(separator: " ")
        let has = (command.arguments ?? []).flatMap(\.longNames).contains("format")
        #expect(has == (Self.without[name] == nil), "\(name)")
      }
    }

    /// A document, or the file that was made of it.
    private struct Written: Decodable {
      let out: String?
      let file: String?
      let jti: String?
      let product: String?
      let jwk: [String: String]?
    }

    @Test func `a document for a script is its text, or the name of the file that was made`()
      async throws
    {
      try await LicenseTests.play { desk in
        let (id, _) = try await desk.issue("community", [])
        let signed = try await desk.tally(
          [
            "release", "sign", "--product", "platform", "--version", "1", "--released",
            Day.today(), "--out", "r",
          ] + desk.signing)
        #expect(signed.status == 0, "\(signed.said)")
        let revoked = try await desk.tally(
          ["key", "new", "--use", "revocation"] + desk.signing)
        #expect(revoked.status == 0, "\(revoked.said)")
        for words in [
          ["keyset", "publish"],
          ["license", "revoke", id, "--reason", "x", "--yes", "LINE_STOPS"],
        ] {
          let outcome = try await desk.tally(words + desk.signing)
          #expect(outcome.status == 0, "\(outcome.said)")
        }
        let commands = [
          ["license", "export", id],
          ["release", "export", "--product", "platform", "--version", "1"],
          ["key", "export", desk.key], ["key", "root"], ["keyset", "export"],
          ["revocations", "export"],
        ]
        #expect(commands.count == 6)
        for (index, words) in commands.enumerated() {
          let name = "file-\(index)"
          let registry = words + ["--registry", "registry"]
          let text = try await desk.tally(registry)
          let json = try await desk.tally(registry + ["--format", "json"]).json(Written.self)
          #expect(json.out == nil && json.file == text.output, "\(words)")
          let made = try await desk.tally(registry + ["--format", "json", "--out", name])
            .json(Written.self)
          #expect(made.out == name && made.file == nil, "\(words)")
          #expect(try desk.stage.text(name) == text.output, "\(words)")
          #expect((json.jti == id) == (index == 0) && (json.product == "platform") == (index == 1))
          #expect((json.jwk?["kty"] == "OKP") == (index == 2))
        }
      }
    }

    @Test func `what an installation and a gateway did is one object for a script`() async throws {
      try await Stage.play { stage in
        let site = try await Site.open(on: stage)
        let gateway = try await site.startGateway()
        try await site.install(gateway: gateway.port)
        let json = ["--format", "json"]
        struct Installed: Decodable { let installed: [String] }
        let again = try await site.verifier(["license", "install", "payg.license"] + json)
        #expect(try again.json(Installed.self).installed.isEmpty, "\(again.said)")
        #expect(again.errors.contains("nothing new") == false, "\(again.said)")
        struct Activated: Decodable { let outcome: String }
        let activated = try await site.verifier(["activate"] + json)
        #expect(try activated.json(Activated.self).outcome == "ACTIVATED", "\(activated.said)")
        struct Bundle: Decodable { let out: String }
        let bundle = try await site.verifier(["usage", "export", "--out", "a.bundle"] + json)
        #expect(try bundle.json(Bundle.self).out == "a.bundle", "\(bundle.said)")
        let taken = try await stage.run(
          "tally-gateway", ["import", "a.bundle", "--out", "answer", "--state", "gateway"] + json)
        #expect(try taken.json(Bundle.self).out == "answer", "\(taken.said)")
        struct Token: Decodable { let id: String }
        let state = ["--state", "gateway"] + json
        let token = try await stage.run(
          "tally-gateway", ["token", "new", "--scope", "read"] + state
        ).json(Token.self)
        struct Revoked: Decodable {
          let id: String
          let revoked: Bool
        }
        let revoked = try await stage.run("tally-gateway", ["token", "revoke", token.id] + state)
        #expect(try revoked.json(Revoked.self).id == token.id && revoked.errors.isEmpty)
      }
    }
  }
}
