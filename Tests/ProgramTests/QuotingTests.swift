import Foundation
import Testing

extension ProgramTests {
  /// What files say is quoted on terminals of people who did not write them.
  @Suite(.serialized) struct QuotingTests {
    /// Clears the screen, colours by a control of C1, turns the writing, begins a line of its own.
    private static let name = #"\u001b[2J\u009b31m\u202e\nfake"#
    private static let shown = #"\u{1b}[2J\u{9b}31m\u{202e}\u{a}fake"#

    private static func base64URL(_ text: String) -> String {
      Data(text.utf8).base64EncodedString().replacingOccurrences(of: "+", with: "-")
        .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
    }

    /// A document that anyone can write, with a member of that name in its header.
    private static let document =
      base64URL(
        #"{"alg":"EdDSA","kid":"jkT1vPZ0mGk2n5r8QwXyZ3s6u9B4d7F0hJ1lM2oN3pQ","#
          + #""typ":"tally-license+jws","\#(name)":1}"#)
      + ".e30.\(base64URL(String(repeating: "x", count: 64)))"

    private static func steers(_ text: String) -> Bool {
      text.unicodeScalars.contains {
        $0 != "\n" && $0.properties.generalCategory == .control || $0.properties.isBidiControl
      }
    }

    @Test func `a refused file cannot steer the terminal or write a line of its own`() async throws
    {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        try stage.write("evil", Self.document)
        let cases: [(String, [String])] = [
          ("tally", ["license", "verify", "evil"] + office.trust),
          ("tally", ["license", "inspect", "evil"]),
          ("tally-verifier", ["license", "install", "evil", "--state", "state"] + office.trust),
          ("tally-verifier", ["statement", "check", "evil"] + office.trust),
          (
            "tally-gateway",
            [
              "serve", "--state", "gateway", "--listen", "127.0.0.1:0", "--key",
              office.pem("gateway"), "--passphrase-file", office.passphraseFile, "--keyset", "evil",
            ] + office.trust
          ),
        ]
        #expect(cases.count == 5)
        for (program, words) in cases {
          let outcome = try await stage.run(program, words)
          #expect(outcome.status > 0, "\(words): \(outcome.said)")
          #expect(outcome.errors.contains(Self.shown), "\(words): \(outcome.said)")
          #expect(!Self.steers(outcome.errors) && outcome.output.isEmpty, "\(words)")
          for line in outcome.errors.split(separator: "\n") {
            #expect(line.hasPrefix("\(program): "), "\(words): \(line)")
          }
        }
      }
    }

    @Test func `in text and in JSON of check a file's words steer nothing, and JSON keeps them`()
      async throws
    {
      struct Report: Decodable {
        struct Finding: Decodable { let message: String }
        let findings: [Finding]
      }
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        try stage.write("evil", Self.document)
        let text = try await office.check(stage.path("evil"), format: "text", on: stage)
        #expect(text.status == 1 && text.output.contains(Self.shown), "\(text.said)")
        #expect(!Self.steers(text.output))
        let json = try await office.check(stage.path("evil"), on: stage)
        #expect(json.status == 1 && !Self.steers(json.output), "\(json.said)")
        let messages = try json.json(Report.self).findings.map(\.message)
        #expect(messages.contains { $0.contains("\u{1B}[2J\u{9B}31m\u{202E}\nfake") })
      }
    }
  }
}
