import Foundation
import Testing

extension ProgramTests {
  /// Reports by TLS under a firm's own authority and through an HTTP proxy, with a real server and proxy.
  @Suite(.serialized) struct SecureReportTests {
    @Test func `through a proxy that asks for a password, under an authority of one's own`()
      async throws
    {
      try await Stage.play { stage in
        let secure = try await SecureSite.open(on: stage)
        try secure.site.behave("login")
        try stage.write("login", "jane:s3cret@:/x")
        let verifier = try await stage.start(
          "tally-verifier",
          [
            "serve", "--state", "state", "--listen", "127.0.0.1:0", "--gather-seconds", "0",
            "--report-seconds", "1", "--gateway-ca", "ca.pem", "--log-level", "trace",
          ] + secure.site.office.trust,
          environment: [
            "TALLY_VERIFIER_PROXY": "http://jane:s3cret%40%3a%2Fx@127.0.0.1:\(secure.proxy.port)"
          ])
        try await HTTP.usageTrace("web-1", cores: 3, to: verifier.address)
        try await eventually("the peak at the gateway") {
          try await secure.site.installations().first?.peak == 3
        }
        #expect(Set(secure.tunnels) == ["CONNECT \(SecureSite.host):443 HTTP/1.1"])
        // Another password, and the tunnel is cut: the step is named, and no text has one.
        try stage.write("login", "jane:other")
        try secure.site.behave("hangup")
        try await eventually("the tunnel is cut") {
          try await secure.site.verifier(["status"]).output.contains("HTTP: ")
        }
        try secure.site.behave("login")
        try await eventually("the proxy asks for another password") {
          let status = try await secure.site.verifier(["status"])
          return status.output.contains("PROXY: proxy …@127.0.0.1:\(secure.proxy.port)")
            && status.output.contains("407")
        }
        let status = try await secure.site.verifier(["status", "--format", "json"])
        #expect(try await verifier.stop() == 0)
        for text in [verifier.errors, verifier.output, status.output] {
          #expect(!text.contains("s3cret") && !text.contains("jane"), "\(text)")
        }
      }
    }

    @Test func `the environment names the proxy, and what is reached without it`() async throws {
      try await Stage.play { stage in
        let secure = try await SecureSite.open(on: stage)
        let ca = ["--gateway-ca", "ca.pem"]
        let proxy = ["HTTPS_PROXY": "http://127.0.0.1:\(secure.proxy.port)"]
        let through = try await secure.report(ca, environment: proxy)
        #expect(through.status == 0, "\(through.said)")
        // Statements go the same way.
        let before = secure.tunnels.count
        let month = ["--month", String(Day.today().prefix(7))]
        let fetched = try await secure.ask(
          ["statement", "fetch"], month + ca, environment: proxy)
        #expect(fetched.status == 0, "\(fetched.said)")
        let count = secure.tunnels.count
        #expect(before >= 1 && count > before)
        let exempt = try await secure.report(
          ca, environment: proxy.merging(["NO_PROXY": "test"]) { $1 })
        #expect(exempt.status == 2 && exempt.errors.contains("DNS: "), "\(exempt.said)")
        let none = try await secure.report(ca + ["--proxy", "none"], environment: proxy)
        #expect(none.status == 2 && none.errors.contains("DNS: "), "\(none.said)")
        #expect(secure.tunnels.count == count)
        // This machine is reached straight, whatever the environment says.
        let straight = try await secure.report(
          ca + ["--gateway", "https://localhost:\(try secure.tlsPort)"], environment: proxy)
        #expect(straight.status == 0, "\(straight.said)")
        #expect(secure.tunnels.count == count)
      }
    }

    @Test func `without the authority's certificate nothing is sent`() async throws {
      try await Stage.play { stage in
        let secure = try await SecureSite.open(on: stage)
        let url = "https://localhost:\(try secure.tlsPort)"
        let before = try await secure.site.installations().count
        let strange = try await secure.report(["--gateway", url])
        #expect(strange.status == 2, "\(strange.said)")
        #expect(
          strange.errors.contains("TLS: ") && strange.errors.contains("gateway-ca"),
          "\(strange.said)")
        let blind = try await secure.ask(
          ["statement", "fetch"],
          ["--month", String(Day.today().prefix(7)), "--gateway", url, "--out", "x.tally"])
        #expect(blind.status == 2 && blind.errors.contains("TLS: "), "\(blind.said)")
        #expect(!FileManager.default.fileExists(atPath: stage.path("x.tally")))
        #expect(try await secure.site.installations().count == before)
        // A certificate for another name, under the right authority.
        let other = try await secure.report([
          "--gateway", "https://127.0.0.1:\(try secure.tlsPort)", "--gateway-ca", "ca.pem",
        ])
        #expect(other.status == 2 && other.errors.contains("TLS: "), "\(other.said)")
        #expect(try await secure.site.installations().count == before)
        let trusted = try await secure.report(["--gateway", url, "--gateway-ca", "ca.pem"])
        #expect(trusted.status == 0, "\(trusted.said)")
      }
    }

    @Test func `a malformed proxy or bundle stops the start and is named`() async throws {
      try await Stage.play { stage in
        let office = try await VendorOffice.shared()
        try stage.write("empty.pem", "")
        try stage.write(
          "broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        let cases: [([String], [String: String], String)] = [
          (["--gateway-ca", "empty.pem"], [:], "gateway-ca"),
          (["--gateway-ca", "broken.pem"], [:], "gateway-ca"),
          ([], ["TALLY_VERIFIER_PROXY": "https://p:1"], "setting proxy"),
          ([], ["TALLY_VERIFIER_PROXY": "http://u:s3cret@p:0"], "setting proxy"),
          ([], ["HTTPS_PROXY": "http://u:s3cret@p:x"], "HTTPS_PROXY"),
          ([], ["HTTPS_PROXY": "http://p:1", "https_proxy": "http://q:1"], "https_proxy"),
          ([], ["HTTPS_PROXY": "http://p:1", "NO_PROXY": "a b/c"], "NO_PROXY"),
        ]
        for (flags, environment, name) in cases {
          let outcome = try await stage.run(
            "tally-verifier", DaemonStartTests.serve(office, state: "state") + flags,
            environment: environment)
          #expect(outcome.status == 64, "\(name): \(outcome.said)")
          #expect(outcome.errors.contains(name), "\(outcome.said)")
          #expect(!outcome.errors.contains("s3cret"), "\(outcome.said)")
        }
        let missing = try await stage.run(
          "tally-verifier",
          DaemonStartTests.serve(office, state: "state") + ["--gateway-ca", "none.pem"])
        #expect(missing.status == 2 && missing.errors.contains("none.pem"), "\(missing.said)")
        #expect(!FileManager.default.fileExists(atPath: stage.path("state")))
      }
    }
  }
}
