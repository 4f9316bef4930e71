import Foundation
import Glibc
import Testing

extension ProgramTests {
  /// The air gap, played with the programs: bundles and answers go to and fro as files.
  @Suite(.serialized) struct BundleTests {
    private static func offline(_ stage: Stage, _ office: VendorOffice) async throws {
      try await office.issue(
        .payg, to: stage.path("offline.license"),
        [
          "--from", Day.today(-2), "--years", "1", "--price", "CNY 1.20", "--reporting",
          "offline", "--lease-hours", "72",
        ])
      try await stage.done(
        "tally-verifier",
        ["license", "install", "offline.license", "--state", "state"] + office.trust)
    }

    private static func take(_ site: Site, _ bundle: String, _ answer: String) async throws
      -> Outcome
    {
      try await site.stage.run(
        "tally-gateway",
        [
          "import", bundle, "--out", answer, "--state", "gateway", "--key",
          site.office.pem("gateway"), "--passphrase-file", site.office.passphraseFile, "--keyset",
          "keyset.tally", "--format", "json",
        ] + site.office.trust)
    }

    struct Taken: Decodable {
      let activated: Bool
      let stored: Int
      let duplicate: Int
      let receipts: Int
    }

    @Test func `an enrolment by file, through serve and without it, and nothing ever dials`()
      async throws
    {
      try await Stage.play { stage in
        let site = try await Site.open(on: stage)
        let gateway = try await site.startGateway()
        try await Self.offline(stage, site.office)
        let trap = try await site.startBadGateway()
        // Even a setting that names a gateway makes nobody dial it.
        let environment = ["TALLY_VERIFIER_GATEWAY": "http://127.0.0.1:\(trap.port)"]
        let daemon = try await stage.start(
          try Programs.path("strace"),
          [
            "-f", "-qq", "-e", "trace=execve,connect,sendto", "-o", stage.path("trace"),
            try Programs.path("tally-verifier"), "serve", "--state", "state", "--listen",
            "127.0.0.1:0", "--gather-seconds", "0", "--report-seconds", "1", "--release",
            site.office.release, "--running", VendorOffice.version,
          ] + site.office.trust, environment: environment)
        var commands: [[String]] = [
          ["report"], ["usage", "export", "--out", "first.bundle", "--format", "json"],
        ]
        for words in commands {
          let outcome = try await site.verifier(words)
          #expect(outcome.status == 0, "\(words): \(outcome.said)")
        }
        let refused = try await site.verifier(["activate"])
        #expect(refused.status == 1 && refused.errors.contains("usage export"))
        let first = try await Self.take(site, "first.bundle", "first.answer")
        #expect(first.status == 0, "\(first.said)")
        #expect(try first.json(Taken.self).activated)
        #expect(try await gateway.stop() == 0)
        let again = try await Self.take(site, "first.bundle", "again.answer")
        #expect(again.status == 0, "\(again.said)")
        #expect(try stage.data("first.answer") == stage.data("again.answer"))
        let existing = try await Self.take(site, "first.bundle", "again.answer")
        #expect(existing.status == 2 && existing.errors.contains("exists already"))
        commands = [
          ["usage", "import", "first.answer"], ["usage", "import", "again.answer"],
          ["usage", "export", "--out", "second.bundle"], ["usage", "explain"],
          ["usage", "verify"],
        ]
        for words in commands {
          let outcome = try await site.verifier(words)
          #expect(outcome.status == 0, "\(words): \(outcome.said)")
        }
        let status = try await site.verifier(["status"])
        #expect(status.output.contains("EXPORTED") && status.output.contains("lease to"))
        let second = try await Self.take(site, "second.bundle", "second.answer")
        #expect(second.status == 0, "\(second.said)")
        #expect(try !second.json(Taken.self).activated)
        // The tracer ends with what it traces, whose number stands in front of its lines.
        let traced = try stage.text("trace").split(separator: " ").first.flatMap { Int32($0) }
        kill(try #require(traced), SIGTERM)
        try await eventually("the daemon ends") { !daemon.isRunning }
        let trace = try stage.text("trace")
        #expect(trace.contains("execve"))
        #expect(!trace.contains("sin_addr") && !trace.contains("sin6_addr"), "\(trace)")
        #expect(trap.output.split(separator: "\n").count == 1)
        #expect(site.seen("pass") == 0)
      }
    }

    @Test func `records that the network kept back are carried by hand and counted once`()
      async throws
    {
      try await Stage.play { stage in
        let site = try await Site.open(on: stage)
        try await site.install(gateway: "9")
        let verifier = try await site.startVerifier()
        for host in ["one", "two", "three"] {
          try await HTTP.usageTrace(host, cores: 2, to: verifier.address)
          try await eventually("a record") { try await site.status().ledger.seq >= 1 }
        }
        let export = try await site.verifier(["usage", "export", "--out", "a.bundle"])
        #expect(export.status == 0 && export.output.contains("an enrolment"), "\(export.said)")
        _ = try await site.startGateway()
        let taken = try await Self.take(site, "a.bundle", "a.answer")
        #expect(taken.status == 0, "\(taken.said)")
        #expect(try taken.json(Taken.self).stored >= 1)
        let imported = try await site.verifier(["usage", "import", "a.answer"])
        #expect(imported.status == 0, "\(imported.said)")
        #expect(try await site.status().ledger.receipted >= 1)
        let explained = try await site.verifier(["usage", "explain"])
        #expect(explained.status == 0 && explained.output.contains("the peak"), "\(explained.said)")

        // An answer is for one installation, and a bundle is no answer.
        try await stage.done(
          "tally-verifier",
          ["license", "install", "payg.license", "--state", "other"] + site.office.trust)
        let misplaced = try await stage.run(
          "tally-verifier", ["usage", "import", "a.answer", "--state", "other"] + site.office.trust)
        #expect(misplaced.status == 1 && misplaced.errors.contains("ANSWER_MISPLACED"))
        let bundle = try await site.verifier(["usage", "import", "a.bundle"])
        #expect(bundle.status == 1 && bundle.errors.contains("WRONG_KIND"), "\(bundle.said)")
        try stage.write("cut.bundle", String(try stage.text("a.bundle").dropLast(60)))
        let cut = try await Self.take(site, "cut.bundle", "cut.answer")
        #expect(cut.status == 1 && cut.errors.contains("DAMAGED"), "\(cut.said)")
        #expect(!FileManager.default.fileExists(atPath: stage.path("cut.answer")))
      }
    }
  }
}
