import Foundation
import Testing

extension ProgramTests {
  /// `tally` ends at any moment, as in a power cut, while it issues.
  @Suite(.serialized) struct CustodyKillTests {
    private struct Issued: Decodable {
      struct License: Decodable {
        let jti: String
      }
      let license: License
    }

    private struct Row: Decodable {
      let action: String
      let subjects: [String]
    }

    /// How often; more in a run by hand: `TALLY_TEST_KILLS=1000`.
    private static let kills =
      ProcessInfo.processInfo.environment["TALLY_TEST_KILLS"].flatMap { Int($0) } ?? 24

    private static let signing = ["--registry", "registry", "--passphrase-file", "passphrase"]

    private func open(_ stage: Stage) async throws -> [String] {
      try stage.write("passphrase", CustodyTests.words, mode: 0o600)
      for use in ["root", "license"] {
        try await stage.done("tally", ["key", "new", "--use", use] + Self.signing)
      }
      try await stage.done(
        "tally", ["keyset", "publish", "--iss", "https://license.vendor.example"] + Self.signing)
      let customer = try await stage.done(
        "tally", ["customer", "add", "ACME Ltd", "--registry", "registry"]
      ).trimmingCharacters(in: .whitespacesAndNewlines)
      return [
        "license", "issue", "--edition", "community", "--customer", customer, "--product",
        VendorOffice.product, "--zone", "UTC", "--yes",
      ] + Self.signing
    }

    @Test func `killed at any moment, it leaves no orphan and no identifier twice`() async throws {
      try await Stage.play { stage in
        let issue = try await open(stage)
        let clock = ContinuousClock()
        let start = clock.now
        try await stage.done("tally", issue + ["--out", "whole.license"])
        let (seconds, atto) = (clock.now - start).components
        let whole = Double(seconds) + Double(atto) / 1e18
        var (killed, runs) = (0, 0)
        // Moments over one and a half times a whole run, so that some end and most do not; on a machine
        // that has become slower meanwhile further ones, until one has ended.
        while runs < Self.kills || killed == runs {
          let late = 1 << min(20, max(0, runs - Self.kills + 1))
          let moment = whole * 1.5 * (Double(runs) + 0.5) / Double(Self.kills) * Double(late)
          let outcome = try await stage.run(
            "timeout",
            ["-s", "KILL", String(format: "%.4f", moment), try Programs.path("tally")] + issue
              + ["--out", "\(runs).license"])
          killed += outcome.status == 0 ? 0 : 1
          runs += 1
          try #require([0, 137, -9].contains(outcome.status), "\(outcome.said)")
        }
        #expect(killed > Self.kills / 8 && killed < runs, "\(killed) of \(runs)")
        try await stage.done("tally", ["intent", "finish"] + Self.signing)
        try await stage.done("tally", ["audit", "verify", "--registry", "registry"])
        try await holdRegistry(stage)
      }
    }

    /// Every license has its one row, every file is a whole license that the registry knows.
    private func holdRegistry(_ stage: Stage) async throws {
      func read<Value: Decodable>(_ words: [String], _ type: Value.Type) async throws -> Value {
        try await stage.run(
          "tally", words + ["--registry", "registry", "--format", "json"]
        ).json(type)
      }
      let issued = try await read(["license", "list"], [Issued].self).map(\.license.jti)
      let rows = try await read(["audit", "log"], [Row].self)
        .filter { $0.action == "license issue" }.flatMap(\.subjects).filter { $0.hasPrefix("lic_") }
      #expect(issued.count > 1)
      #expect(Set(issued).count == issued.count)
      #expect(issued.sorted() == rows.sorted())
      var files = 0
      for path in try stage.files(".") where path.hasSuffix(".license") {
        files += 1
        let name = String(path.split(separator: "/").last ?? "")
        try await stage.done("tally", ["license", "verify", name, "--registry", "registry"])
        let text = try await stage.done("tally", ["license", "inspect", name])
        #expect(issued.contains { text.contains($0) }, "\(name)")
      }
      #expect(files > 0 && files <= issued.count)
    }
  }
}
