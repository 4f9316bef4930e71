import Foundation
import Testing

extension ProgramTests {
  /// What staff decide about bills on the command line, and what the customer sees of it.
  @Suite(.serialized) struct BillProgramTests {
    /// Two days later: what was counted today is over.
    private static let later = 2 * 86_400

    private struct Decided {
      let site: Site
      let environment: [String: String]
      let installation: String
      let license: String
      let date: String

      func bill(
        _ verb: String, _ more: [String] = [], why: String = "a restored snapshot"
      ) async throws -> Outcome {
        try await site.stage.run(
          "tally-gateway",
          [
            "bill", verb, installation, "--from", date, "--by", "alice", "--why", why,
            "--state", "gateway",
          ] + more, environment: environment)
      }

      func statement(_ verb: String, _ more: [String]) async throws -> Outcome {
        try await site.stage.run(
          "tally-gateway",
          [
            "statement", verb, "--license", license, "--month", String(date.prefix(7)),
            "--state", "gateway",
          ] + more, environment: environment)
      }

      func export(_ file: String) async throws {
        let made = try await statement(
          "export", ["--format", "jws", "--out", file] + StaffDecisionTests.keys(site))
        #expect(made.status == 0, "\(made.said)")
      }

      func checked(_ file: String) async throws -> Outcome {
        try await site.verifier(["statement", "check", file])
      }
    }

    private static func moved(_ stage: Stage) async throws -> [String: String] {
      let source = Programs.package.appending(path: "Tests/Faults/moved_clock.c").path
      let library = stage.path("moved_clock.so")
      try await stage.done(
        "gcc", ["-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", library, source])
      return ["LD_PRELOAD": library, "MOVED_CLOCK_SECONDS": String(later)]
    }

    private static func counted(_ stage: Stage) async throws -> Decided {
      let date = Day.today()
      let (site, verifier, gateway) = try await ReplaceTests.counting(stage, peak: 5)
      #expect(try await verifier.stop() == 0)
      #expect(try await gateway.stop() == 0)
      let row = try #require(try await ReplaceTests.listed(site).first)
      return Decided(
        site: site, environment: try await moved(stage), installation: row.installation,
        license: row.license, date: date)
    }

    @Test func `a date is waived through serve, corrected beside it, and the customer sees both`()
      async throws
    {
      try await Stage.play { stage in
        let decided = try await Self.counted(stage)
        let early = try await stage.run(
          "tally-gateway",
          [
            "bill", "waive", decided.installation, "--from", decided.date, "--by", "alice",
            "--why", "w", "--state", "gateway",
          ] + StaffDecisionTests.keys(decided.site))
        #expect(early.status == 1 && early.errors.contains("not over yet"), "\(early.said)")
        let gateway = try await stage.start(
          "tally-gateway",
          ["serve", "--state", "gateway", "--listen", "127.0.0.1:0"]
            + StaffDecisionTests.keys(decided.site), environment: decided.environment)
        for isNew in [true, false] {
          let waived = try await decided.bill(
            "waive", ["--finding", "FORKED", "--format", "json"])
          #expect(waived.status == 0, "\(waived.said)")
          #expect(waived.output.contains("\"new\": \(isNew)"), "\(waived.said)")
        }
        let refused = try await decided.bill("correct", ["--quantity", "9007199254740991"])
        #expect(refused.status == 1 && refused.errors.contains("minor units"), "\(refused.said)")
        #expect(try await gateway.stop() == 0)
        try await Self.expectWaived(decided)

        let keys = StaffDecisionTests.keys(decided.site)
        let corrected = try await decided.bill(
          "correct", ["--quantity", "2", "--lang", "zh"] + keys)
        #expect(corrected.status == 0 && corrected.output.contains("更正为 2"), "\(corrected.said)")
        try await Self.expectCorrected(decided)
        let restored = try await decided.bill("restore", keys)
        #expect(restored.status == 0 && restored.output.contains("again"), "\(restored.said)")
        let none = try await decided.bill("restore", ["--through", decided.date] + keys)
        #expect(none.status == 0, "sent again it is the answer: \(none.said)")
        let whole = try await stage.run(
          "tally-gateway", ["doctor", "--state", "gateway"], environment: decided.environment)
        #expect(whole.status == 0, "\(whole.said)")
      }
    }

    private static func expectWaived(_ decided: Decided) async throws {
      let shown = try await decided.statement("show", [])
      #expect(shown.output.contains("waived, computed 5"), "\(shown.said)")
      #expect(shown.output.contains("a restored snapshot (FORKED)"), "\(shown.said)")
      let explained = try await decided.site.stage.run(
        "tally-gateway",
        [
          "statement", "explain", decided.installation, "--date", decided.date, "--state",
          "gateway",
        ], environment: decided.environment)
      #expect(explained.output.contains("staff waived it"), "\(explained.said)")
      #expect(explained.output.contains("by alice"), "\(explained.said)")
      try await decided.export("waived.tally")
      let checked = try await decided.checked("waived.tally")
      #expect(checked.status == 0, "\(checked.said)")
      #expect(checked.output.contains("1 decisions of the vendor's staff"), "\(checked.said)")
      #expect(checked.output.contains("they are equal"), "\(checked.said)")
      let trust = decided.site.office.trust
      for program in ["tally", "tally-verifier"] {
        let alone = try await decided.site.stage.run(
          program, ["statement", "check", "waived.tally"] + trust)
        #expect(alone.status == 0, "\(alone.said)")
      }
    }

    private static func expectCorrected(_ decided: Decided) async throws {
      let explained = try await decided.site.stage.run(
        "tally-gateway",
        [
          "statement", "explain", decided.installation, "--date", decided.date, "--state",
          "gateway", "--lang", "zh",
        ], environment: decided.environment)
      #expect(explained.output.contains("工作人员已更正该日"), "\(explained.said)")
      #expect(explained.output.contains("免计 \(decided.date)"), "\(explained.said)")
      let table = try await decided.statement("export", ["--format", "csv"])
      #expect(table.output.contains(",correct,5,"), "\(table.said)")
      try await decided.export("corrected.tally")
      let checked = try await decided.checked("corrected.tally")
      #expect(checked.status == 0 && checked.output.contains("2 decisions"), "\(checked.said)")
    }
  }
}
