import Foundation
import Glibc
import Testing

extension ProgramTests {
  /// What changes while `serve` runs: license files by themselves, settings by SIGHUP.
  @Suite(.serialized) struct ReloadTests {
    struct Status: Decodable {
      struct File: Decodable {
        let what: String
        let path: String
        let state: String
        let why: String?
      }
      struct License: Decodable {
        let revision: Int
        let highest_revision: Int
      }
      let license: License?
      let files: [File]
    }

    static func status(_ site: Site) async throws -> Status {
      try await site.verifier(["status", "--format", "json"]).json(Status.self)
    }

    static func start(_ site: Site, _ more: [String]) async throws -> Daemon {
      try await site.stage.start(
        "tally-verifier",
        ["serve", "--state", "state", "--listen", "127.0.0.1:0"] + more + site.office.trust)
    }

    static func metric(_ name: String, of daemon: Daemon) async throws -> String? {
      let answer = try await HTTP.get("\(daemon.address)/metrics")
      return answer.body.split(separator: "\n").first { $0.hasPrefix("\(name) ") }
        .map { String($0.dropFirst(name.count + 1)) }
    }

    @Test func `a changed license file is taken by itself, and a bad one changes nothing`()
      async throws
    {
      try await Stage.play { stage in
        let site = try await Site.open(on: stage)
        let verifier = try await Self.start(site, ["--license", "acme.license"])
        try await eventually("the file is missed") {
          try await Self.status(site).files.map(\.state) == ["missing"]
        }
        try await site.office.issue(.payg, to: stage.path("first.license"))
        let good = try stage.data("first.license")
        try stage.write("acme.license", good)
        try await eventually("the license") { try await Self.status(site).license?.revision == 1 }
        #expect(try await Self.status(site).files.map(\.state) == ["taken"])
        let refused = "tally_files_refused{file=\"license\"}"
        #expect(try await Self.metric(refused, of: verifier) == "0")
        var bad = String(decoding: good, as: UTF8.self)
        let place = try #require(bad.range(of: "BEGIN TALLY LICENSE"))
        bad.replaceSubrange(
          bad.index(place.upperBound, offsetBy: 80)..<bad.index(place.upperBound, offsetBy: 84),
          with: "\u{1B}[2J")
        for text in [bad, "", "no license"] {
          try stage.write("acme.license", text)
          try await eventually("it is refused") {
            try await Self.status(site).files.map(\.state) == ["refused"]
          }
          let status = try await Self.status(site)
          #expect(status.license?.revision == 1)
          #expect(status.files.first?.why?.isEmpty == false)
          #expect(try await Self.metric(refused, of: verifier) == "1")
          try stage.write("acme.license", good)
          try await eventually("the good one") {
            try await Self.status(site).files.map(\.state) == ["taken"]
          }
        }
        #expect(verifier.errors.contains("the license file is refused"))
        #expect(!verifier.errors.contains("\u{1B}"), "a log steers no terminal")
        #expect(try await verifier.stop() == 0)
      }
    }

    @Test func `each file of a folder is taken, and hidden ones are not looked at`() async throws {
      try await Stage.play { stage in
        let site = try await Site.open(on: stage)
        try FileManager.default.createDirectory(
          atPath: stage.path("licenses"), withIntermediateDirectories: false)
        try await site.office.issue(.payg, to: stage.path("licenses/b.license"))
        try stage.write("licenses/.hidden", "nonsense")
        try stage.write("licenses/a.txt", "nonsense")
        let verifier = try await Self.start(site, ["--license", "licenses"])
        try await eventually("both were looked at") {
          try await Self.status(site).files.map(\.state) == ["refused", "taken"]
        }
        #expect(try await Self.status(site).license?.revision == 1)
        try FileManager.default.removeItem(atPath: stage.path("licenses/a.txt"))
        try await eventually("one is left") {
          try await Self.status(site).files.map(\.path) == ["licenses/b.license"]
        }
        #expect(try await verifier.stop() == 0)
      }
    }

    @Test func `SIGHUP reads the settings anew, and bad ones leave those before`() async throws {
      try await Stage.play { stage in
        let site = try await Site.open(on: stage)
        let gateway = try await site.startGateway()
        let between = try await site.startBadGateway()
        try await site.install(gateway: between.port)
        try site.behave("reset")
        try stage.write("settings.json", #"{"report-seconds":1,"gather-seconds":0}"#)
        let verifier = try await Self.start(site, ["--settings", "settings.json"])
        try await HTTP.usageTrace("web-1", cores: 2, to: verifier.address)
        try await eventually("nobody answers") { site.seen("reset") > 0 }
        for text in ["{", #"{"reprot-seconds":1}"#, #"{"report-seconds":"soon"}"#, "[]"] {
          try stage.write("settings.json", text)
          verifier.signal(SIGHUP)
          try await eventually("the settings are refused") {
            try await Self.status(site).files.map(\.state) == ["refused"]
          }
          #expect(
            try await Self.metric("tally_files_refused{file=\"settings\"}", of: verifier) == "1")
          #expect(verifier.isRunning)
          try stage.write("settings.json", #"{"report-seconds":1,"gather-seconds":0}"#)
          verifier.signal(SIGHUP)
          try await eventually("the good ones") {
            try await Self.status(site).files.map(\.state) == ["taken"]
          }
        }
        #expect(try await site.installations().isEmpty)
        try stage.write(
          "settings.json",
          """
          {"report-seconds":1,"gather-seconds":0,"gateway":"http://127.0.0.1:\(gateway.port)",\
          "running":"9.9.9"}
          """)
        verifier.signal(SIGHUP)
        try await eventually("reports go to the other gateway") {
          try await site.installations().first?.peak == 2
        }
        #expect(verifier.errors.contains("settings=running"), "\(verifier.errors)")
        #expect(try await verifier.stop() == 0)
      }
    }

    @Test func `SIGTERM ends it soon, though a gateway does not answer`() async throws {
      try await Stage.play { stage in
        let site = try await Site.open(on: stage)
        let between = try await site.startBadGateway()
        try await site.install(gateway: between.port)
        try site.behave("silent")
        let verifier = try await site.startVerifier()
        try await HTTP.usageTrace("web-1", cores: 2, to: verifier.address)
        try await eventually("a request is in flight") { site.seen("silent-began") > 0 }
        try await eventually("the peak") { try await site.usage().peak == 2 }
        let begun = ContinuousClock.now
        #expect(try await verifier.stop() == 0)
        #expect(ContinuousClock.now - begun < .seconds(15))
        #expect(try await site.usage().peak == 2)
        try site.behave("reset")
      }
    }

    @Test func `two reports at once both end well, and each run is recorded`() async throws {
      try await Stage.play { stage in
        let (site, verifier, _) = try await ReplaceTests.counting(stage, peak: 2)
        #expect(try await verifier.stop() == 0)
        async let one = site.verifier(["report", "--format", "json"])
        async let other = site.verifier(["report", "--format", "json"])
        for outcome in [try await one, try await other] {
          #expect(outcome.status == 0, "\(outcome.said)")
        }
        struct Runs: Decodable {
          struct Run: Decodable {
            let at: Int
            let origin: String
            let outcome: String
            let records: Int
          }
          let reports: [Run]
        }
        let all = try await site.verifier(["status", "--runs", "500", "--format", "json"])
          .json(Runs.self).reports
        #expect(all.prefix(2).allSatisfy { $0.origin == "command" && $0.outcome == "RECEIPTED" })
        #expect(all.count > 2 && zip(all, all.dropFirst()).allSatisfy { $0.at >= $1.at })
        let two = try await site.verifier(["status", "--runs", "2", "--format", "json"])
          .json(Runs.self).reports
        #expect(two.count == 2)
        let text = try await site.verifier(["status", "--runs", "2"])
        #expect(text.output.components(separatedBy: "by command").count == 3, "\(text.said)")
        let wrong = try await site.verifier(["status", "--runs", "501"])
        #expect(wrong.status == 64, "\(wrong.said)")
      }
    }
  }
}
