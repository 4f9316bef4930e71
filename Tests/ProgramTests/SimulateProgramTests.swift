import Foundation
import Testing

extension ProgramTests {
  @Suite(.serialized) struct SimulateTests {
    private struct Report: Decodable {
      struct Instant: Decodable {
        let at: Int64
        let local: String
      }
      struct Load: Decodable {
        struct Cost: Decodable {
          let currency: String
          let minor: Int64
        }
        let refused: Int64
        let cost_per_day: Cost?
      }
      struct Change: Decodable {
        let at: Instant
        let verdict: String
        let code: String
      }
      let at: Instant
      let judged_at: Instant
      let verdict: String
      let code: String
      let collectors: Load?
      let changes: [Change]?
    }

    private func simulate(
      _ office: VendorOffice, _ license: String, _ more: [String], format: String = "json",
      on stage: Stage
    ) async throws -> Outcome {
      try await stage.run(
        "tally-verifier",
        [
          "simulate", "--license", license, "--release", office.release, "--running",
          VendorOffice.version, "--format", format,
        ] + office.trust + more)
    }

    @Test func `another day, another load, and nothing is written`() async throws {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        let file = stage.path("subscription")
        try await office.issue(.subscription, to: file)
        let before = try FileManager.default.contentsOfDirectory(atPath: stage.folder.path)
        let cases: [([String], Int32, String, Int64)] = [
          (["--at", Day.today(1), "--collectors", "500"], 0, "VALID", 0),
          (["--at", Day.today(1), "--collectors", "612"], 0, "VALID", 112),
          (["--at", Day.today(500), "--collectors", "612"], 1, "EXPIRED", 112),
        ]
        #expect(cases.count == 3)
        for (more, status, code, refused) in cases {
          let outcome = try await simulate(office, file, more, on: stage)
          let report = try outcome.json(Report.self)
          #expect(outcome.status == status && report.code == code, "\(more): \(outcome.said)")
          #expect(report.collectors?.refused == refused, "\(more): \(outcome.said)")
          #expect(report.at.local.hasPrefix(more[1]), "\(more): \(outcome.said)")
        }
        let after = try FileManager.default.contentsOfDirectory(atPath: stage.folder.path)
        #expect(after.sorted() == before.sorted())
      }
    }

    @Test func `the table of changes ends in expiry, and text says the same`() async throws {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        let file = stage.path("subscription")
        try await office.issue(.subscription, to: file)
        let span = ["--at", Day.today(1), "--until", Day.today(500)]
        let report = try await simulate(office, file, span, on: stage).json(Report.self)
        let changes = try #require(report.changes)
        #expect(changes.count >= 4)
        #expect(changes.first?.verdict == "allow" && changes.last?.code == "EXPIRED")
        #expect(changes.map(\.at.at) == changes.map(\.at.at).sorted())
        let text = try await simulate(office, file, span, format: "text", on: stage)
        #expect(text.status == 0)
        for change in changes {
          #expect(text.output.contains(change.at.local), "\(text.said)")
        }
      }
    }

    @Test func `a day is priced, and time does not go back`() async throws {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        let file = stage.path("payg")
        try await office.issue(.payg, to: file)
        let priced = try await simulate(office, file, ["--collectors", "600"], on: stage)
        let cost = try priced.json(Report.self).collectors?.cost_per_day
        #expect(cost?.currency == "CNY" && cost?.minor == 72_000, "\(priced.said)")
        let past = try await simulate(office, file, ["--at", "2020-01-01"], on: stage)
        let report = try past.json(Report.self)
        #expect(report.judged_at.at > report.at.at, "\(past.said)")
        let text = try await simulate(
          office, file, ["--at", "2020-01-01"], format: "text", on: stage)
        #expect(text.output.contains("does not go back"), "\(text.said)")
      }
    }

    @Test func `a question that makes no sense is wrong usage`() async throws {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        let file = stage.path("subscription")
        try await office.issue(.subscription, to: file)
        let cases: [([String], String)] = [
          (["--at", "2027-02-30"], "--at"), (["--at", "2027"], "--at"),
          (["--at", Day.today(2), "--until", Day.today(1)], "--until"),
          (["--at", Day.today(2), "--until", "2400-01-01"], "--until"),
          (["--collectors", "-1"], "collectors"), (["--collectors", "1000000001"], "--collectors"),
          (["--released", "soon"], "--released"),
        ]
        #expect(cases.count == 7)
        for (more, word) in cases {
          let outcome = try await simulate(office, file, more, on: stage)
          #expect(outcome.status == 64, "\(more): \(outcome.said)")
          #expect(outcome.errors.contains(word), "\(more): \(outcome.said)")
          #expect(outcome.output.isEmpty, "\(more): \(outcome.said)")
        }
        let missing = try await simulate(office, stage.path("missing"), [], on: stage)
        #expect(missing.status == 2, "\(missing.said)")
        #expect(missing.output.contains("\"unknown\""), "\(missing.said)")
      }
    }
  }
}
