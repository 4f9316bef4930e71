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
