import Foundation
import Testing

extension ProgramTests {
  /// A verifier that is told `FORKED`, ended as by a power cut while another installation takes the place.
  @Suite(.serialized) struct SuccessionKillTests {
    /// A site whose state folder has another history than the gateway; nothing runs.
    struct Forked {
      let site: Site
      let old: String
      let port: String

      /// Puts both folders back as they were.
      func restore() throws {
        for folder in ["state", "gateway"] {
          try CloneTests.copy("\(folder).kept", to: folder, site.stage)
        }
      }
    }

    static func forked(on stage: Stage) async throws -> Forked {
      let (site, first, gateway) = try await ReplaceTests.counting(stage, peak: 5)
      let old = try await ReplaceTests.review(site).review.installation
      #expect(try await first.stop() == 0)
      try CloneTests.copy("state", to: "state.kept", stage)
      let second = try await site.startVerifier()
      try await HTTP.usageTrace("web-2", cores: 4, to: second.address)
      try await CloneTests.expectPeak(9, of: old, site)
      #expect(try await second.stop() == 0)
      #expect(try await gateway.stop() == 0)
      // The copy goes on, and has records of its own that no gateway has heard of.
      try CloneTests.copy("state.kept", to: "state", stage)
      let third = try await site.startVerifier()
      try await HTTP.usageTrace("web-3", cores: 3, to: third.address)
      try await eventually("a record of its own") { try await site.usage().peak == 8 }
      #expect(try await third.stop() == 0)
      for folder in ["state", "gateway"] {
        try CloneTests.copy(folder, to: "\(folder).kept", stage)
      }
      return Forked(site: site, old: old, port: gateway.port)
    }

    /// Whether the folder is the new installation's; it is one of both, whole, with its count.
    static func isNew(_ forked: Forked, _ comment: Comment) async throws -> Bool {
      let (outcome, review) = try await ReplaceTests.review(forked.site)
      #expect(outcome.status == 0 && review.whole, "\(comment): \(outcome.said)")
      #expect(review.open_date != nil, comment)
      let peak = try await forked.site.usage().peak
      #expect(peak == 8, comment)
      return review.installation != forked.old
    }

    @Test func `killed at any call, a report leaves the old installation or the new one`()
      async throws
    {
      try await Stage.play { stage in
        let forked = try await Self.forked(on: stage)
        var (before, after, number, strays) = (0, 0, 1, 0)
        while true {
          try forked.restore()
          let gateway = try await forked.site.startGateway(port: forked.port)
          let killed = try await Self.report(forked.site, killedAt: number)
          let comment: Comment = "call \(number)"
          guard killed.status != 0 else {
            #expect(try await Self.isNew(forked, comment))
            // After a pause the task may go on in another thread, whose calls strace counts anew.
            guard after == 0, strays < 8 else { break }
            strays += 1
            _ = try await gateway.stop()
            continue
          }
          #expect(killed.status == -9 || killed.status == 137, "\(comment): \(killed.said)")
          if try await Self.isNew(forked, comment) { after += 1 } else { before += 1 }
          let again = try await Self.report(forked.site, killedAt: nil)
          #expect(again.status == 0, "\(comment): \(again.said)")
          #expect(try await Self.isNew(forked, comment))
          try Self.expectAside(stage, comment)
          _ = try await gateway.stop()
          number += 1
          guard number < 200 else { throw TestFault("it is killed at every call without end") }
        }
        #expect(
          before > 0 && after > 0 && before + after > 12,
          "\(before) before the decision, \(after) after it")
      }
    }

    static func report(_ site: Site, killedAt number: Int?) async throws -> Outcome {
      let command =
        [try Programs.path("tally-verifier"), "report", "--state", "state"] + site.office.trust
      guard let number else {
        return try await site.stage.run(command[0], Array(command.dropFirst()))
      }
      return try await site.stage.run(
        "strace",
        [
          // One thread for all tasks: strace counts the calls of each by itself.
          "-E", "LIBDISPATCH_COOPERATIVE_POOL_STRICT=1", "-f", "-qq", "-o",
          site.stage.path("calls"), "-e", "trace=\(ReplaceKillTests.calls)", "-e",
          "inject=\(ReplaceKillTests.calls):signal=KILL:when=\(number)",
        ] + command)
    }

    static func expectAside(_ stage: Stage, _ comment: Comment) throws {
      let files = try FileManager.default.contentsOfDirectory(atPath: stage.path("state"))
      let asides = files.filter { $0.hasPrefix("replaced-") }
      #expect(asides.count == 1, "\(comment): \(files)")
      #expect(!files.contains { $0.hasPrefix("replacement") }, "\(comment): \(files)")
      let kept = try FileManager.default.contentsOfDirectory(
        atPath: stage.path("state/\(asides.first ?? "")"))
      for name in ["installation.key", "ledger.sqlite", "standing"] {
        #expect(kept.contains(name), "\(comment): \(kept)")
      }
      #expect(!kept.contains("journal.sqlite"), "\(comment): \(kept)")
    }

    @Test
    func `a daemon killed at any moment of it goes on as one of both, and ends as the new one`()
      async throws
    {
      try await Stage.play { stage in
        let forked = try await Self.forked(on: stage)
        for round in 0..<12 {
          try forked.restore()
          let gateway = try await forked.site.startGateway(port: forked.port)
          var isNew = false
          for attempt in 0..<6 where !isNew {
            let daemon = try await forked.site.startVerifier()
            // Moments spread over the half second in which it is told and changes.
            try await Task.sleep(for: .milliseconds(round * 25 + attempt * 40))
            await daemon.kill()
            isNew = try await Self.isNew(forked, "round \(round), attempt \(attempt)")
          }
          let last = try await forked.site.startVerifier()
          try await eventually("the new installation of round \(round)") {
            try await forked.site.verifier(["report"]).status == 0
          }
          let name = try await ReplaceTests.review(forked.site).review.installation
          #expect(name != forked.old)
          try await CloneTests.expectPeak(8, of: name, forked.site)
          #expect(try await ReplaceTests.listed(forked.site).count == 2)
          #expect(try await last.stop() == 0)
          _ = try await gateway.stop()
        }
      }
    }
  }
}
