import Foundation
import Testing

extension ProgramTests {
  /// `tally-verifier doctor` names what is wrong, and what to do about it.
  @Suite(.serialized) struct DoctorTests {
    struct Report: Decodable {
      struct Check: Decodable {
        let check: String
        let state: String
        let what: String
        let cure: String?
      }
      let checks: [Check]

      func of(_ name: String) throws -> Check {
        guard let found = checks.first(where: { $0.check == name }) else {
          throw TestFault("doctor says nothing of \(name)")
        }
        return found
      }
    }

    static let subjects = [
      "folder", "secrets", "disk", "serve", "clock", "zone", "license", "activation", "gateway",
      "lease", "reports", "standing",
    ]

    static func run(
      _ site: Site, _ more: [String] = [], environment: [String: String] = [:]
    ) async throws -> (outcome: Outcome, report: Report) {
      let outcome = try await site.stage.run(
        "tally-verifier",
        [
          "doctor", "--state", "state", "--format", "json", "--release", site.office.release,
          "--running", VendorOffice.version,
        ] + more + site.office.trust, environment: environment)
      return (outcome, try outcome.json(Report.self))
    }

    @Test func `where nothing is wrong it says so of everything`() async throws {
      try await Stage.play { stage in
        let (site, verifier, _) = try await ReplaceTests.counting(stage, peak: 2)
        let (outcome, report) = try await Self.run(site)
        #expect(outcome.status == 0, "\(outcome.said)")
        #expect(report.checks.map(\.check) == Self.subjects)
        for check in report.checks { #expect(check.state == "ok" && check.cure == nil, "\(check)") }
        let text = try await site.verifier(["doctor"])
        #expect(text.status == 0, "\(text.said)")
        #expect(text.output.split(separator: "\n").count == Self.subjects.count, "\(text.said)")
        let chinese = try await site.verifier(["doctor", "--lang", "zh"])
        #expect(chinese.output.contains("状态目录") && chinese.output.contains("网关"))
        #expect(try await verifier.stop() == 0)
        let (stopped, after) = try await Self.run(site)
        #expect(stopped.status == 0, "\(stopped.said)")
        #expect(try after.of("serve").state == "warn")
      }
    }

    @Test func `that it is not known what runs is a fault where the intake is to enforce it`()
      async throws
    {
      for (enforce, state, status) in [("start", "warn", 0), ("intake", "fail", 1)] {
        try await Stage.play { stage in
          let site = try await Site.open(on: stage)
          try await site.office.issue(
            .subscription, to: stage.path("own.license"),
            Edition.subscription.terms + ["--enforce", enforce])
          try await stage.done(
            "tally-verifier",
            ["license", "install", "own.license", "--state", "state"] + site.office.trust)
          let outcome = try await site.verifier(["doctor", "--format", "json"])
          #expect(outcome.status == Int32(status), "\(outcome.said)")
          let check = try outcome.json(Report.self).of("license")
          #expect(check.state == state && check.what.hasPrefix("RELEASE_UNKNOWN: "), "\(check)")
          #expect(try await Self.run(site).report.of("license").state == "ok")
        }
      }
    }

    @Test func `it names the step at which a gateway is lost`() async throws {
      try await Stage.play { stage in
        let secure = try await SecureSite.open(on: stage)
        let port = try secure.tlsPort
        let proxy = ["HTTPS_PROXY": "http://127.0.0.1:\(secure.proxy.port)"]
        let ca = ["--gateway-ca", "ca.pem"]
        let cases: [(String, String, [String], [String: String])] = [
          ("DNS", "pass", ca, [:]),
          ("TCP", "pass", ca + ["--gateway", "https://127.0.0.1:1"], [:]),
          ("TCP", "pass", ca, ["HTTPS_PROXY": "http://127.0.0.1:1"]),
          ("PROXY", "refuse", ca, proxy), ("PROXY", "login", ca, proxy),
          ("TLS", "pass", [], proxy),
          ("TLS", "pass", ca + ["--gateway", "https://127.0.0.1:\(secure.gateway.port)"], [:]),
          ("HTTP", "hangup", ca + ["--gateway", "https://localhost:\(port)"], [:]),
        ]
        try stage.write("login", "jane:other")
        for (step, behaviour, flags, environment) in cases {
          try secure.site.behave(behaviour)
          let (outcome, report) = try await Self.run(
            secure.site, flags, environment: environment)
          let check = try report.of("gateway")
          #expect(outcome.status == 1, "\(step) \(flags): \(outcome.said)")
          #expect(
            check.state == "fail" && check.what.hasPrefix("\(step): "), "\(step) \(flags): \(check)"
          )
          #expect(check.cure?.isEmpty == false)
        }
        try secure.site.behave("pass")
        let (_, well) = try await Self.run(secure.site, ca, environment: proxy)
        #expect(try well.of("gateway").state == "ok", "\(well)")
        #expect(try well.of("gateway").what.contains("through the proxy"))
        let (_, page) = try await Self.run(
          secure.site, ca + ["--gateway", "https://localhost:\(port)/elsewhere"])
        #expect(try page.of("gateway").state == "warn", "\(page)")
        #expect(try await secure.site.installations().isEmpty)
      }
    }

    @Test func `it finds what a customer gets wrong on the machine`() async throws {
      try await Stage.play { stage in
        let (site, verifier, gateway) = try await ReplaceTests.counting(stage, peak: 2)
        #expect(try await verifier.stop() == 0)
        let files = FileManager.default
        func mode(_ name: String, _ mode: Int) throws {
          try files.setAttributes([.posixPermissions: mode], ofItemAtPath: stage.path(name))
        }
        try mode("state", 0o755)
        #expect(try await Self.run(site).report.of("folder").state == "warn")
        for (bits, state) in [(0o777, "fail"), (0o770, "warn")] {
          try mode("state", bits)
          let folder = try await Self.run(site).report.of("folder")
          #expect(folder.state == state && folder.what.contains("may put files"), "\(folder)")
          #expect(folder.cure?.hasPrefix("chmod 750 ") == true, "\(folder)")
        }
        try mode("state", 0o700)
        let user = "nobody"
        let (closed, report) = try await Self.run(site, ["--platform-user", user])
        #expect(closed.status == 1, "\(closed.said)")
        #expect(try report.of("standing").state == "fail", "\(report)")
        #expect(try report.of("standing").what.contains(stage.folder.path))
        let unknown = try await site.verifier(["doctor", "--platform-user", "no-such-user"])
        #expect(unknown.status == 64, "\(unknown.said)")
        try mode("state/token", 0o644)
        let (open, loose) = try await Self.run(site)
        #expect(open.status == 1, "\(open.said)")
        #expect(try loose.of("secrets").cure?.contains("chmod 600") == true, "\(loose)")
        try mode("state/token", 0o600)
        try stage.write("state/standing", "{\"half\":")
        #expect(try await Self.run(site).report.of("standing").state == "fail")
        _ = try await gateway.stop()
        let (down, lost) = try await Self.run(site)
        #expect(down.status == 1, "\(down.said)")
        #expect(try lost.of("gateway").what.hasPrefix("TCP: "), "\(lost)")
        let (nowhere, none) = try await Self.run(site, ["--state", "nowhere"])
        #expect(nowhere.status == 1, "\(nowhere.said)")
        #expect(try none.of("folder").state == "fail")
        #expect(!files.fileExists(atPath: stage.path("nowhere")))
      }
    }
  }
}
