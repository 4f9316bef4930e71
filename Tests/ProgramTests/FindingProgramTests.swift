import Foundation
import Testing

extension ProgramTests {
  /// What the vendor's staff do about findings on the command line, beside serve and without it.
  @Suite(.serialized) struct FindingTests {
    struct Finding: Decodable {
      struct Event: Decodable {
        let what: String
        let by: String
      }
      let id: String
      let code: String
      let state: String
      let installation: String
      let effect: String
      let resolution: String?
      let owner: String?
      let history: [Event]?
    }

    struct Answer: Decodable {
      let new: Bool
      let finding: Finding
    }

    static func finding(_ site: Site, _ words: [String], _ more: [String] = []) async throws
      -> Outcome
    {
      try await site.stage.run(
        "tally-gateway", ["finding"] + words + ["--state", "gateway"] + more)
    }

    static func listed(_ site: Site, _ more: [String] = []) async throws -> [Finding] {
      try await finding(site, ["list"] + more, ["--format", "json"]).json([Finding].self)
    }

    /// An installation whose seat was freed, and that reports after all.
    static func release(_ site: Site, _ verifier: Daemon) async throws -> String {
      let name = try await ReplaceTests.review(site).review.installation
      let freed = try await StaffDecisionTests.installation(
        site, ["release", name] + StaffDecisionTests.who)
      #expect(freed.status == 0, "\(freed.said)")
      try await HTTP.usageTrace("web-late", cores: 2, to: verifier.address)
      try await eventually("the finding") {
        _ = try await site.verifier(["report"])
        return try await listed(site).contains { $0.code == "RELEASED_REPORTS" }
      }
      return name
    }

    @Test func `a finding is listed, taken on and resolved beside serve, and without it`()
      async throws
    {
      try await Stage.play { stage in
        let (site, verifier, gateway) = try await ReplaceTests.counting(stage, peak: 5)
        #expect(try await Self.listed(site).isEmpty)
        let name = try await Self.release(site, verifier)
        #expect(try await verifier.stop() == 0)
        let found = try #require(try await Self.listed(site, ["--code", "RELEASED_REPORTS"]).first)
        #expect(found.installation == name && found.state == "open")
        #expect(found.effect == "own_chain_billed")
        let text = try await Self.finding(site, ["list"])
        #expect(text.status == 0 && text.output.contains(found.id), "\(text.said)")
        let show = try await Self.finding(site, ["show", found.id])
        #expect(show.output.contains("billed by its own chain"), "\(show.said)")
        #expect(show.output.contains("opened, "), "\(show.said)")

        // serve runs: it is asked, and needs no key here.
        let who = ["--by", "alice", "--why", "asked them"]
        let taken = try await Self.finding(
          site, ["acknowledge", found.id, "--note", "ticket 7"] + who, ["--format", "json"])
        #expect(taken.status == 0, "\(taken.said)")
        let answer = try taken.json(Answer.self)
        #expect(answer.new && answer.finding.state == "acknowledged")
        #expect(answer.finding.owner == "alice")
        let resolve = ["resolve", found.id, "--as", "fixed"] + who
        let done = try await Self.finding(site, resolve)
        #expect(done.status == 0 && done.output.contains("put right"), "\(done.said)")
        let again = try await Self.finding(site, resolve, ["--format", "json"])
        #expect(try again.json(Answer.self).new == false)
        #expect(try await Self.listed(site).isEmpty, "what is resolved is not in the list")
        let all = try await Self.listed(site, ["--in", "all", "--installation", name])
        #expect(all.map(\.resolution) == ["fixed"])
        let twice = try await Self.finding(
          site, ["resolve", found.id, "--as", "dismissed"] + who)
        #expect(twice.status == 1 && twice.errors.contains("reopen"), "\(twice.said)")
        let unknown = try await Self.finding(site, ["show", "fnd_99"])
        #expect(unknown.status == 1 && unknown.errors.contains("fnd_99"), "\(unknown.said)")
        let shown = try await StaffDecisionTests.installation(site, ["show", name])
        #expect(shown.output.contains("\(found.id) RELEASED_REPORTS"), "\(shown.said)")

        // serve does not run: the folder is opened with the key.
        #expect(try await gateway.stop() == 0)
        let reopen = ["reopen", found.id] + who
        let keyless = try await Self.finding(site, reopen)
        #expect(keyless.status == 64 && keyless.errors.contains("key"), "\(keyless.said)")
        let opened = try await Self.finding(
          site, reopen, StaffDecisionTests.keys(site) + ["--lang", "zh"])
        #expect(opened.status == 0 && opened.output.contains("未处理"), "\(opened.said)")
        let end = try await Self.finding(site, ["show", found.id], ["--format", "json"])
        let history = try end.json(Finding.self).history ?? []
        #expect(history.map(\.what) == ["opened", "acknowledged", "resolved", "reopened"])
        #expect(history.map(\.by) == ["tally-gateway", "alice", "alice", "alice"])
      }
    }
  }
}
