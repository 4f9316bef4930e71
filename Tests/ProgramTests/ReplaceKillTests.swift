import Foundation
import Testing

extension ProgramTests {
  /// `activate --replace`, ended as by a power cut at every call that changes a name.
  @Suite(.serialized) struct ReplaceKillTests {
    static let calls = "rename,link,unlink,mkdir"

    /// What `status` says of whose the folder is.
    private struct Shown: Decodable {
      struct Activation: Decodable {
        struct Replaced: Decodable { let installation: String }
        let replaces: Replaced?
      }
      let installation: String
      let activation: Activation?
    }

    @Test func `killed at any call it is the old installation or the new one`() async throws {
      try await Stage.play { stage in
        let (site, verifier, first) = try await ReplaceTests.counting(stage, peak: 2)
        var gateway = first
        let port = gateway.port
        let old = try await ReplaceTests.review(site).review.installation
        #expect(try await verifier.stop() == 0)
        #expect(try await gateway.stop() == 0)
        try ReplaceTests.loseLedger(stage)
        for folder in ["state", "gateway"] { try copy(folder, "\(folder).kept", stage) }
        var (before, after, number, strays) = (0, 0, 1, 0)
        while true {
          // A gateway that has not been asked before, and what is left of the installation.
          for folder in ["state", "gateway"] { try copy("\(folder).kept", folder, stage) }
          gateway = try await site.startGateway(port: port)
          let killed = try await Self.replace(old, site, killedAt: number)
          guard killed.status != 0 else {
            // After a pause the task may go on in another thread, whose calls strace counts anew.
            guard after == 0, strays < 40 else { break }
            strays += 1
            _ = try await gateway.stop()
            continue
          }
          // strace ends by the signal that it has sent.
          #expect(killed.status == -9 || killed.status == 137, "\(number): \(killed.said)")
          if try await Self.isNew(site, old, "\(number)") { after += 1 } else { before += 1 }
          let again = try await Self.replace(old, site, killedAt: nil)
          #expect(again.status == 0, "\(number): \(again.said)")
          let review = try await ReplaceTests.review(site)
          #expect(review.review.whole && review.review.installation != old, "\(number)")
          try ReplaceTests.expectAside(stage)
          _ = try await gateway.stop()
          number += 1
          guard number < 200 else { throw TestFault("it is killed at every call without end") }
        }
        #expect(
          before > 0 && after > 0 && before + after > 12,
          "\(before) before the decision, \(after) after it")
      }
    }

    static func replace(
      _ old: String, _ site: Site, killedAt number: Int?
    ) async throws -> Outcome {
      let stage = site.stage
      let command =
        [try Programs.path("tally-verifier"), "activate", "--replace", old, "--state", "state"]
        + site.office.trust
      guard let number else { return try await stage.run(command[0], Array(command.dropFirst())) }
      return try await stage.run(
        "strace",
        [
          // One thread for all tasks: strace counts the calls of each by itself.
          "-E", "LIBDISPATCH_COOPERATIVE_POOL_STRICT=1", "-f", "-qq", "-o", stage.path("calls"),
          "-e", "trace=\(calls)", "-e",
          "inject=\(calls):signal=KILL:when=\(number)",
        ] + command)
    }

    /// Whether a start finds the new installation; otherwise it must find the old one, as it was.
    static func isNew(_ site: Site, _ old: String, _ comment: Comment) async throws -> Bool {
      let status = try await site.verifier(["status", "--format", "json"])
      guard status.status != 0 else {
        let shown = try status.json(Shown.self)
        #expect(shown.installation != old, comment)
        #expect(shown.activation?.replaces?.installation == old, comment)
        return true
      }
      #expect(status.errors.contains("--replace \(old)"), "\(comment): \(status.said)")
      return false
    }
  }
}

/// Puts a copy of a folder in the place of another.
private func copy(_ folder: String, _ other: String, _ stage: Stage) throws {
  try? FileManager.default.removeItem(atPath: stage.path(other))
  try FileManager.default.copyItem(atPath: stage.path(folder), toPath: stage.path(other))
}
