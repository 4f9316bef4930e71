import Foundation
import Testing

extension ProgramTests {
  /// A midnight of the license's zone that passes while everything runs: both daemons have a clock that
  /// stands shortly before it (`Tests/Faults/moved_clock.c`).
  @Suite(.serialized) struct MidnightTests {
    private static let traces = ["web-1": 1, "web-2": 2, "db-1": 4]

    /// What the vendor bills.
    private struct Billed: Decodable {
      struct Line: Decodable {
        let date: String
        let basis: String
        let quantity: Int
      }
      struct Statement: Decodable { let lines: [Line] }
      let statement: Statement
    }

    private struct License: Decodable { let license: String }

    /// What is counted today: nothing in the first second of a date.
    private struct Today: Decodable {
      let date: String?
      let peak: Int?
    }

    /// A site whose clocks are moved.
    private struct Moved {
      let site: Site
      let environment: [String: String]
      /// The date that is about to end.
      let date: String

      static func open(on stage: Stage) async throws -> Moved {
        let source = Programs.package.appending(path: "Tests/Faults/moved_clock.c").path
        let library = stage.path("moved_clock.so")
        try await stage.done(
          "gcc", ["-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", library, source])
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: VendorOffice.zone))
        // The midnight after the next: never a clock that is set back.
        let now = Date()
        let later = try #require(calendar.date(byAdding: .day, value: 2, to: now))
        let ahead = Int(calendar.startOfDay(for: later).timeIntervalSince(now)) - 20
        return Moved(
          site: try await Site.open(on: stage),
          environment: ["LD_PRELOAD": library, "MOVED_CLOCK_SECONDS": String(ahead)],
          date: Day.today(1))
      }

      func run(_ program: String, _ arguments: [String]) async throws -> Outcome {
        try await site.stage.run(program, arguments, environment: environment)
      }

      func verifier(_ arguments: [String]) async throws -> Outcome {
        try await run("tally-verifier", arguments + ["--state", "state"] + site.office.trust)
      }

      func startGateway() async throws -> Daemon {
        try await site.stage.start(
          "tally-gateway",
          [
            "serve", "--state", "gateway", "--listen", "127.0.0.1:0", "--key",
            site.office.pem("gateway"), "--passphrase-file", site.office.passphraseFile,
            "--keyset", "keyset.tally",
          ] + site.office.trust, environment: environment)
      }

      func startVerifier() async throws -> Daemon {
        try await site.stage.start(
          "tally-verifier",
          [
            "serve", "--state", "state", "--listen", "127.0.0.1:0", "--gather-seconds", "0",
            "--report-seconds", "1",
          ] + site.office.trust, environment: environment)
      }

      /// The vendor's line of the date, nil where there is none yet.
      func line() async throws -> Billed.Line? {
        let listed = try await run(
          "tally-gateway", ["installation", "list", "--state", "gateway", "--format", "json"])
        guard let license = try listed.json([License].self).first?.license else { return nil }
        let shown = try await run(
          "tally-gateway",
          [
            "statement", "show", "--license", license, "--month", String(date.prefix(7)),
            "--state", "gateway", "--format", "json",
          ])
        return try shown.json(Billed.self).statement.lines.first { $0.date == date }
      }
    }

    @Test func `a date that ends is closed, explained, proved, recounted and billed`() async throws
    {
      try await Stage.play { stage in
        let moved = try await Moved.open(on: stage)
        let gateway = try await moved.startGateway()
        try await moved.site.install(gateway: gateway.port)
        let activated = try await moved.verifier(["activate"])
        try #require(activated.status == 0, "\(activated.said)")
        let verifier = try await moved.startVerifier()
        for (host, weight) in Self.traces {
          try await HTTP.usageTrace(host, cores: weight, to: verifier.address)
        }
        try await eventually("the vendor bills the closed date") {
          try await moved.line()?.basis == "day"
        }
        #expect(try await moved.line()?.quantity == 7)
        // Whoever was online before midnight is online after it.
        try await eventually("the next date begins with everybody") {
          let today = try await moved.verifier(["usage", "show", "--format", "json"]).json(
            Today.self)
          return today.peak == 7 && today.date != moved.date
        }
        try await Self.expectExplained(moved)
        try await Self.expectProved(moved)
        try await Self.expectRecounted(moved)
        let whole = try await moved.verifier(["usage", "verify"])
        #expect(
          whole.status == 0 && whole.output.contains("1 of them closed a date"), "\(whole.said)")
      }
    }

    private static func expectExplained(_ moved: Moved) async throws {
      let explained = try await moved.verifier(["usage", "explain", "--day", moved.date])
      #expect(explained.status == 0, "\(explained.said)")
      #expect(
        explained.output.contains("3 collectors with 7 in all: the peak"), "\(explained.said)")
      for host in traces.keys {
        #expect(explained.output.contains("datakit \(host)"), "\(explained.said)")
      }
    }

    private static func expectProved(_ moved: Moved) async throws {
      let made = try await moved.verifier(
        ["usage", "prove", "--day", moved.date, "--collector", "web-2", "--out", "web-2.proof"])
      #expect(made.status == 0, "\(made.said)")
      let checked = try await moved.run("tally", ["evidence", "check", "web-2.proof"])
      #expect(checked.status == 0, "\(checked.said)")
      #expect(checked.output.contains("it counts 2 of the peak"), "\(checked.said)")
    }

    private static func expectRecounted(_ moved: Moved) async throws {
      let made = try await moved.verifier(
        ["usage", "export", "--evidence", moved.date, "--out", "date.evidence"])
      #expect(made.status == 0, "\(made.said)")
      let checked = try await moved.run("tally", ["evidence", "check", "date.evidence"])
      #expect(checked.status == 0 && checked.output.contains("leaves        3"), "\(checked.said)")
      let text = try moved.site.stage.text("date.evidence")
      for host in traces.keys { #expect(!text.contains(host)) }
      // One leaf fewer: another root, and another count.
      var lines = text.split(separator: "\n")
      lines.removeLast()
      try moved.site.stage.write("fewer.evidence", lines.joined(separator: "\n") + "\n")
      let fewer = try await moved.run("tally", ["evidence", "check", "fewer.evidence"])
      #expect(fewer.status == 1, "\(fewer.said)")
    }
  }
}
