import Foundation
import Testing

extension ProgramTests {
  /// What Docs/Operations.md says of each file of the verifier's state folder that is lost.
  @Suite(.serialized) struct LostFileTests {
    @Test func `a lost file stops the start or is made anew, as the manual says`() async throws {
      try await Stage.play { stage in
        let site = try await Site.open(on: stage)
        try await site.install(gateway: "9")
        let first = try await site.startVerifier()
        #expect(try await first.stop() == 0)
        let needed = ["installation.key", "evidence.key", "ledger.sqlite", "token"]
        let made = ["journal.sqlite", "standing", "listen", "lock"]
        let told = OperationsTests.rows(try OperationsTests.section("## What lies where"))
        for name in needed + made {
          let files = try FileManager.default.contentsOfDirectory(atPath: stage.path("state"))
          try FileManager.default.createDirectory(
            atPath: stage.path("lost"), withIntermediateDirectories: false)
          for file in files where file.hasPrefix(name) {
            try FileManager.default.moveItem(
              atPath: stage.path("state/\(file)"), toPath: stage.path("lost/\(file)"))
          }
          let row = try #require(told.first { $0[0].contains("`\(name)`") }, "\(name)")
          #expect(row[2].contains("does not start") == needed.contains(name), "\(row)")
          if made.contains(name) {
            let daemon = try await site.startVerifier()
            #expect(try await daemon.stop() == 0, "\(name): \(daemon.errors)")
          } else {
            try await Self.expectRefusal(naming: name, site, stage)
            if name == "token" || name == "evidence.key" {
              try await Self.expectCure(of: name, site, stage)
            }
            for file in try FileManager.default.contentsOfDirectory(atPath: stage.path("lost")) {
              try FileManager.default.moveItem(
                atPath: stage.path("lost/\(file)"), toPath: stage.path("state/\(file)"))
            }
          }
          try FileManager.default.removeItem(atPath: stage.path("lost"))
        }
        let last = try await site.startVerifier()
        #expect(try await last.stop() == 0, "\(last.errors)")
      }
    }

    /// The message says what the manual says: to restore the file, or how another is made.
    private static func expectCure(
      of name: String, _ site: Site, _ stage: Stage
    ) async throws {
      let outcome = try await site.verifier(["status"])
      for words in ["state/\(name) is not there: restore it", "mode 0600"] {
        #expect(outcome.errors.contains(words), "\(name): \(outcome.said)")
      }
      #expect(!outcome.errors.contains("check the path"), "\(name): \(outcome.said)")
    }

    @Test func `without a copy of the key of evidence another one counts on, as the manual says`()
      async throws
    {
      try await Stage.play { stage in
        let site = try await Site.open(on: stage)
        try await site.install(gateway: "9")
        let first = try await site.startVerifier()
        try await HTTP.usageTrace("a", cores: 1, to: first.address)
        try await eventually("it is counted") { try await site.usage().peak == 1 }
        #expect(try await first.stop() == 0)
        let files = FileManager.default
        try files.removeItem(atPath: stage.path("state/evidence.key"))
        for name in try files.contentsOfDirectory(atPath: stage.path("state"))
        where name.hasPrefix("journal.sqlite") {
          try files.moveItem(
            atPath: stage.path("state/\(name)"), toPath: stage.path("aside-\(name)"))
        }
        try stage.write("state/evidence.key", Data(repeating: 7, count: 32), mode: 0o600)
        let verified = try await site.verifier(["usage", "verify"])
        #expect(verified.status == 1 && verified.errors.contains("the journal"), "\(verified.said)")
        let second = try await site.startVerifier()
        let status = try await site.verifier(["status"])
        #expect(status.output.contains("LEDGER_DAMAGED"), "\(status.said)")
        #expect(try await second.stop() == 0, "\(second.errors)")
      }
    }

    static func expectRefusal(naming name: String, _ site: Site, _ stage: Stage) async throws {
      let outcome = try await stage.run(
        "tally-verifier",
        ["serve", "--state", "state", "--listen", "127.0.0.1:0"] + site.office.trust)
      #expect(outcome.status == 2, "\(name): \(outcome.said)")
      #expect(outcome.errors.contains(name), "\(name): \(outcome.said)")
      #expect(outcome.output.isEmpty, "\(name): \(outcome.said)")
    }
  }
}
