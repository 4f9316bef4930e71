import Foundation
import Testing

extension ProgramTests {
  /// The samples that Docs/Operations.md hands out are right for the programs as built.
  @Suite(.serialized) struct SampleTests {
    static let samples = Programs.package.appending(path: "Docs/Samples")
    static let units = [
      "tally-gateway.service", "tally-verifier.service", "tally-verifier-report.service",
      "tally-verifier-report.timer",
    ]
    static let proxies = [
      "data-gateway.Caddyfile", "envoy-data-gateway.yaml", "nginx-data-gateway.conf",
      "traefik-data-gateway.yaml",
    ]
    static let manifests = ["platform-initcontainer.yaml", "report-cronjob.yaml", "verifier.yaml"]

    static func text(_ name: String) throws -> String {
      try String(contentsOf: samples.appending(path: name), encoding: .utf8)
    }

    /// The command of a service unit.
    static func execStart(_ unit: String) throws -> [String] {
      let joined = unit.split(separator: "\\\n").map(String.init).joined()
      let lines = joined.split(separator: "\n").filter { $0.hasPrefix("ExecStart=") }
      guard lines.count == 1 else { throw TestFault("not one ExecStart: \(unit)") }
      return CommandLines.words(String(lines[0].dropFirst("ExecStart=".count)))
    }

    static func expectRight(_ words: [String], in place: String) async throws {
      let name = words[0].split(separator: "/").last.map(String.init) ?? ""
      guard Programs.names.contains(name) else {
        Issue.record("\(place): \(words[0]) is no program of ours")
        return
      }
      let complaint = try await HelpDump.of(name).complaint(about: words)
      #expect(complaint == nil, "\(place): \(words.joined(separator: " ")): \(complaint ?? "")")
    }

    @Test func `every sample is one that a test reads`() throws {
      let names = try FileManager.default.contentsOfDirectory(atPath: Self.samples.path)
      let known = Self.units + Self.manifests + Self.proxies + ["alerts.yaml"]
      #expect(names.sorted() == known.sorted())
    }

    @Test func `systemd takes every unit without a remark`() async throws {
      try await Stage.play { stage in
        for name in Self.units {
          var unit = try Self.text(name)
          for program in Programs.names {
            unit = unit.split(separator: "/usr/bin/\(program) ", omittingEmptySubsequences: false)
              .joined(separator: "\(try Programs.path(program)) ")
          }
          try stage.write(name, unit)
        }
        let outcome = try await stage.run(
          "systemd-analyze", ["verify", "--man=no"] + Self.units.map { stage.path($0) })
        #expect(
          outcome.status == 0 && outcome.output.isEmpty && outcome.errors.isEmpty,
          "\(outcome.said)")
        let path = Self.units[0]
        try stage.write(path, try stage.text(path) + "\n[Service]\nProtectSystm=strict\n")
        let misspelt = try await stage.run(
          "systemd-analyze", ["verify", "--man=no", stage.path(path)])
        #expect(misspelt.errors.contains("ProtectSystm"), "the check itself: \(misspelt.said)")
      }
    }

    @Test func `the units start programs with flags that exist`() async throws {
      for name in Self.units where name.hasSuffix(".service") {
        let words = try Self.execStart(try Self.text(name))
        #expect(words[0].hasPrefix("/usr/bin/tally"))
        try await Self.expectRight(words, in: name)
      }
    }

    @Test func `the Kubernetes manifests are whole, and start programs with flags that exist`()
      async throws
    {
      try await Stage.play { stage in
        let outcome = try await stage.run(
          try Programs.python(),
          [Programs.script("kubernetes_samples.py")]
            + Self.manifests.map { Self.samples.appending(path: $0).path })
        #expect(outcome.status == 0, "\(outcome.said)")
        let lines = outcome.output.split(separator: "\n").map(String.init)
        #expect(lines.count >= 3, "\(outcome.said)")
        for line in lines {
          let words = try JSONDecoder().decode([String].self, from: Data(line.utf8))
          try await Self.expectRight(words, in: line)
        }
      }
    }

    @Test func `the alerts ask for metrics that the programs have`() async throws {
      let outcome = try await Command.run(
        try Programs.python(),
        [Programs.script("alert_samples.py"), Self.samples.appending(path: "alerts.yaml").path],
        in: Programs.package)
      #expect(outcome.status == 0, "\(outcome.said)")
      let asked = Set(outcome.output.split(separator: "\n").map(String.init))
      #expect(asked.count >= 9, "\(asked)")
      try await Stage.play { stage in
        let site = try await Site.open(on: stage)
        let gateway = try await site.startGateway()
        try await site.install(gateway: gateway.port)
        let verifier = try await site.startVerifier()
        var known: Set<String> = []
        for daemon in [gateway, verifier] {
          known.formUnion(try await Self.metrics(of: daemon))
        }
        #expect(asked.subtracting(known).isEmpty, "no such metric: \(asked.subtracting(known))")
      }
    }

    /// The names that a daemon's exposition declares.
    static func metrics(of daemon: Daemon) async throws -> [String] {
      let answer = try await HTTP.get("\(daemon.address)/metrics")
      #expect(answer.status == 200)
      return answer.body.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }
        .map { String($0.split(separator: " ")[2]) }
    }
  }
}
