import Foundation
import Glibc
import Testing

extension ProgramTests {
  /// What `check` does with inputs that are not what they should be.
  @Suite(.serialized) struct CheckInputTests {
    @Test func `a pipe or device is refused at once`() async throws {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        try await office.issue(.subscription, to: stage.path("good"))
        try #require(unsafe mkfifo(stage.path("pipe"), 0o600) == 0)
        let cases: [(String, Outcome)] = [
          ("license", try await office.check(stage.path("pipe"), on: stage)),
          (
            "release",
            try await office.check(stage.path("good"), release: stage.path("pipe"), on: stage)
          ),
          (
            "standing",
            try await office.check(
              stage.path("good"), more: ["--standing", stage.path("pipe")], on: stage)
          ),
          ("zeros without end", try await office.check("/dev/zero", on: stage)),
          (
            "root",
            try await stage.run(
              "tally-verifier", ["check", "--trust-root", stage.path("pipe")])
          ),
        ]
        #expect(cases.count == 5)
        for (name, outcome) in cases {
          #expect(outcome.status == 2, "\(name): \(outcome.said)")
          #expect(outcome.errors.contains("regular file"), "\(name): \(outcome.said)")
        }
      }
    }

    @Test func `a misspelt path of the standing is no first start`() async throws {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        try await office.issue(.subscription, to: stage.path("good"))
        for path in ["", stage.path("no-such-folder/standing")] {
          let outcome = try await office.check(
            stage.path("good"), more: ["--standing", path], on: stage)
          #expect(outcome.status == 2, "\(path): \(outcome.said)")
          #expect(outcome.errors.contains("standing"), "\(path): \(outcome.said)")
        }
        let first = try await office.check(
          stage.path("good"), more: ["--standing", stage.path("not-yet")], on: stage)
        #expect(first.status == 0, "\(first.said)")
        #expect(first.errors.contains("no standing at"), "\(first.said)")
        #expect(first.errors.contains("not-yet"), "\(first.said)")
      }
    }

    @Test func `an input that is wrong usage is JSON too`() async throws {
      struct Unknown: Decodable {
        let verdict: String
        let code: String
      }
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        let asked = [
          ("RUNNING_MALFORMED", ["--running", "not a version"] + office.trust),
          ("TRUST_ROOT_MISSING", ["--running", VendorOffice.version]),
        ]
        for (code, words) in asked {
          let outcome = try await stage.run(
            "tally-verifier", ["check", "--license", "none", "--format", "json"] + words)
          #expect(outcome.status == 64, "\(outcome.said)")
          let unknown = try outcome.json(Unknown.self)
          #expect(unknown.verdict == "unknown" && unknown.code == code, "\(outcome.said)")
          #expect(!outcome.errors.isEmpty)
        }
      }
    }

    @Test func `what cannot be told is JSON too`() async throws {
      struct Unknown: Decodable {
        let verdict: String
        let code: String
        let message: String
      }
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        let outcome = try await office.check(stage.path("missing"), on: stage)
        #expect(outcome.status == 2)
        let unknown = try outcome.json(Unknown.self)
        #expect(unknown.verdict == "unknown" && unknown.code == "INPUT_UNREADABLE")
        #expect(unknown.message.contains("missing"))
        #expect(outcome.errors.contains(unknown.message), "\(outcome.said)")
        let text = try await office.check(stage.path("missing"), format: "text", on: stage)
        #expect(text.status == 2 && text.output.isEmpty, "\(text.said)")
      }
    }
  }
}
