import Foundation
import Testing

extension ProgramTests {
  /// A program that embeds the check, built as its author would build it.
  @Suite(.serialized) struct EmbeddingTests {
    private static let package = Programs.package.appending(path: "Tests/Embedding/Example")

    @Test func `the guide shows the example as it is`() throws {
      func text(_ path: String) throws -> String {
        try String(contentsOf: Programs.package.appending(path: path), encoding: .utf8)
      }
      let guide = try text("Docs/Embedding.md")
      let example = "Tests/Embedding/Example"
      for path in ["\(example)/Package.swift", "\(example)/Sources/Example/Example.swift"] {
        #expect(guide.contains("```swift\n\(try text(path))```"), "\(path)")
      }
      #expect(try text("README.md").contains("(Docs/Embedding.md)"))
    }

    /// Builds it in a folder of its own, so that no lock is shared with the build of these tests.
    private func build(on stage: Stage) async throws -> String {
      let scratch = Programs.package.appending(path: ".build/embedding").path
      let outcome = try await Command.run(
        "env",
        [
          "swift", "build", "--package-path", Self.package.path, "--scratch-path", scratch,
          "--disable-sandbox",
        ], in: stage.folder, environment: ProcessInfo.processInfo.environment, seconds: 1200)
      guard outcome.status == 0 else { throw TestFault("the example: \(outcome.said)") }
      return "\(scratch)/debug/Example"
    }

    @Test func `it starts, warns, refuses, or cannot tell`() async throws {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        let example = try await build(on: stage)
        try FileManager.default.copyItem(atPath: office.root, toPath: stage.path("root.jwks"))
        try FileManager.default.copyItem(
          atPath: office.release, toPath: stage.path("platform.release"))
        let year = ["--years", "1", "--collectors", "5"]
        let cases: [(String, [String], Int32, String, String)] = [
          ("allow", ["--from", Day.today(-2)] + year, 0, "VALID", "starting"),
          (
            "warn", ["--from", Day.today(-370), "--grace-days", "30"] + year, 0, "IN_GRACE",
            "with a warning"
          ),
          ("deny", ["--from", Day.today(-800)] + year, 1, "EXPIRED", "EXPIRED"),
        ]
        #expect(cases.count == 3)
        for (name, terms, status, code, word) in cases {
          try await office.issue(.subscription, to: stage.path(name), terms)
          try? FileManager.default.removeItem(atPath: stage.path("platform.license"))
          try FileManager.default.copyItem(
            atPath: stage.path(name), toPath: stage.path("platform.license"))
          let outcome = try await stage.run(example, [stage.folder.path])
          #expect(outcome.status == status, "\(name): \(outcome.said)")
          #expect(outcome.output.contains("\(code): "), "\(name): \(outcome.said)")
          #expect(outcome.output.contains(word), "\(name): \(outcome.said)")
          #expect(outcome.output.contains("remark: "), "\(name): \(outcome.said)")
        }
        try FileManager.default.removeItem(atPath: stage.path("platform.license"))
        let unknown = try await stage.run(example, [stage.folder.path])
        #expect(unknown.status == 2, "\(unknown.said)")
        #expect(unknown.output.contains("cannot tell: INPUT_UNREADABLE"), "\(unknown.said)")
      }
    }
  }
}
