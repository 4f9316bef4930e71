import Foundation
import Testing

extension ProgramTests {
  /// The gateway as the world meets it: TLS of its own, client certificates, limits.
  @Suite(.serialized) struct EdgeProgramTests {
    /// An authority with a certificate for `localhost` and one for a client.
    static func makeCertificates(on stage: Stage) async throws {
      let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
      for authority in ["ca", "other"] {
        try await stage.done(
          "openssl",
          ["req", "-x509"] + curve + [
            "-keyout", "\(authority).key", "-out", "\(authority).pem", "-days", "2", "-subj",
            "/CN=\(authority)",
          ])
      }
      try stage.write("san.ext", "subjectAltName=DNS:localhost,IP:127.0.0.1\n")
      for (name, authority) in [
        ("server", "ca"), ("renewed", "ca"), ("client", "ca"), ("stranger", "other"),
      ] {
        try await stage.done(
          "openssl",
          ["req"] + curve + [
            "-keyout", "\(name).key", "-out", "\(name).csr", "-subj", "/CN=\(name)",
          ])
        try await stage.done(
          "openssl",
          [
            "x509", "-req", "-in", "\(name).csr", "-CA", "\(authority).pem", "-CAkey",
            "\(authority).key", "-CAcreateserial", "-days", "2", "-extfile", "san.ext", "-out",
            "\(name).pem",
          ])
      }
    }

    static func start(_ site: Site, _ more: [String]) async throws -> Daemon {
      try await site.stage.start(
        "tally-gateway",
        [
          "serve", "--state", "gateway", "--listen", "127.0.0.1:0", "--key",
          site.office.pem("gateway"), "--passphrase-file", site.office.passphraseFile, "--keyset",
          "keyset.tally",
        ] + more + site.office.trust)
    }

    /// Asks by curl; `status` is what it ended with, `output` the HTTP status and the body.
    static func curl(_ url: String, _ more: [String] = [], _ stage: Stage) async throws -> Outcome {
      try await stage.run(
        "curl",
        ["--silent", "--show-error", "--max-time", "20", "--write-out", " %{http_code}"] + more + [
          url
        ])
    }

    /// The name in the certificate that is shown.
    static func shown(_ port: String, _ stage: Stage) async throws -> String {
      let outcome = try await stage.run(
        "bash",
        [
          "-c",
          "openssl s_client -connect 127.0.0.1:\(port) -servername localhost </dev/null 2>/dev/null "
            + "| openssl x509 -noout -subject",
        ])
      return outcome.output
    }

    @Test func `it speaks TLS, lets in known clients alone, and takes a renewed certificate`()
      async throws
    {
      try await Stage.play { stage in
        let site = try await Site.open(on: stage)
        try await Self.makeCertificates(on: stage)
        try stage.write("tls.pem", try stage.text("server.pem"))
        try stage.write("tls.key", try stage.text("server.key"))
        try await stage.done("chmod", ["600", "tls.key", "client.key", "stranger.key"])
        let tls = ["--tls-certificate", "tls.pem", "--tls-key", "tls.key", "--client-ca", "ca.pem"]
        let gateway = try await Self.start(site, tls)
        #expect(gateway.address.hasPrefix("https://127.0.0.1:"), "\(gateway.address)")
        let url = "https://localhost:\(gateway.port)"
        let known = ["--cacert", "ca.pem", "--cert", "client.pem", "--key", "client.key"]
        let well = try await Self.curl("\(url)/healthz", known, stage)
        #expect(well.output.hasSuffix(" 200"), "\(well.said)")
        for wrong in [
          ["--cacert", "ca.pem"],
          ["--cacert", "ca.pem", "--cert", "stranger.pem", "--key", "stranger.key"],
          known + ["--tls-max", "1.1"],
        ] {
          let outcome = try await Self.curl("\(url)/healthz", wrong, stage)
          #expect(
            outcome.status != 0 && outcome.output.hasSuffix(" 000"), "\(wrong): \(outcome.said)")
        }
        // A verifier activates and reports through it.
        try await site.office.issue(
          .payg, to: stage.path("payg.license"),
          ["--from", Day.today(-2), "--years", "1"] + Edition.usage(gateway: url))
        try await stage.done(
          "tally-verifier",
          ["license", "install", "payg.license", "--state", "state"] + site.office.trust)
        let bare = try await site.verifier(["activate", "--gateway-ca", "ca.pem"])
        #expect(bare.status != 0, "\(bare.said)")
        let certificate = [
          "--gateway-ca", "ca.pem", "--gateway-certificate", "client.pem", "--gateway-key",
          "client.key",
        ]
        let activated = try await site.verifier(["activate"] + certificate)
        #expect(activated.status == 0, "\(activated.said)")
        // A damaged renewal changes nothing; a good one holds for the next connection.
        #expect(try await Self.shown(gateway.port, stage).contains("CN = server"))
        try stage.write("tls.pem", try stage.text("renewed.pem"))
        gateway.signal(SIGHUP)
        try await eventually("the refusal is logged") {
          gateway.errors.contains("the certificate is refused, the one before stays")
        }
        #expect(try await Self.shown(gateway.port, stage).contains("CN = server"))
        try stage.write("tls.key", try stage.text("renewed.key"))
        try await stage.done("chmod", ["600", "tls.key"])
        gateway.signal(SIGHUP)
        try await eventually("the renewed certificate is shown") {
          try await Self.shown(gateway.port, stage).contains("CN = renewed")
        }
        let metrics = try await Self.curl("\(url)/metrics", known, stage)
        let line = metrics.output.split(separator: "\n").first {
          $0.hasPrefix("tally_gateway_tls_expiry_seconds ")
        }
        let seconds = line?.split(separator: " ").last.flatMap { Int($0) } ?? -1
        #expect((86_400...2 * 86_400).contains(seconds), "\(metrics.said)")
        // Programs of this machine need no certificate.
        let socket = try await Self.curl(
          "http://localhost/readyz", ["--unix-socket", "gateway/tally-gateway.sock"], stage)
        #expect(socket.output.hasSuffix(" 200"), "\(socket.said)")
        #expect(try await gateway.stop() == 0)
      }
    }

    @Test func `files of TLS that cannot be used stop the start and are named`() async throws {
      try await Stage.play { stage in
        let site = try await Site.open(on: stage)
        try await Self.makeCertificates(on: stage)
        try await stage.done("chmod", ["600", "server.key", "client.key"])
        try await stage.done("cp", ["client.key", "loose.key"])
        try await stage.done("chmod", ["644", "loose.key"])
        let cases: [(certificate: [String], status: Int32, word: String)] = [
          (["--tls-certificate", "server.pem"], 64, "go together"),
          (["--tls-key", "server.key"], 64, "go together"),
          (["--client-ca", "ca.pem"], 64, "go together"),
          (["--tls-certificate", "none.pem", "--tls-key", "server.key"], 2, "none.pem"),
          (["--tls-certificate", "server.pem", "--tls-key", "client.key"], 2, "belong together"),
          (["--tls-certificate", "server.key", "--tls-key", "server.key"], 2, "server.key"),
          (["--tls-certificate", "client.pem", "--tls-key", "loose.key"], 2, "loose.key"),
        ]
        for (flags, status, word) in cases {
          let outcome = try await stage.run(
            "tally-gateway",
            [
              "serve", "--state", "gateway", "--listen", "127.0.0.1:0", "--key",
              site.office.pem("gateway"), "--passphrase-file", site.office.passphraseFile,
              "--keyset", "keyset.tally",
            ] + flags + site.office.trust)
          #expect(
            outcome.status == status && outcome.said.contains(word), "\(flags): \(outcome.said)")
        }
      }
    }

    @Test func `an address and an installation have their rates, and waiting as told is enough`()
      async throws
    {
      try await Stage.play { stage in
        let site = try await Site.open(on: stage)
        let gateway = try await Self.start(
          site, ["--address-rate", "6", "--installation-rate", "2"])
        let url = "\(gateway.address)/v1/installations"
        func ask(_ address: String, _ path: String = "") async throws -> Outcome {
          try await Self.curl(
            path.isEmpty ? url : gateway.address + path,
            ["--include", "--header", "X-Forwarded-For: \(address)"], stage)
        }
        for _ in 0..<6 { #expect(try await ask("192.0.2.1").output.hasSuffix(" 401")) }
        let over = try await ask("192.0.2.1")
        #expect(
          over.output.hasSuffix(" 429") && over.output.contains("RATE_LIMITED"), "\(over.said)")
        #expect(over.output.lowercased().contains("retry-after: 10\r\n"), "\(over.said)")
        #expect(try await ask("192.0.2.2").output.hasSuffix(" 401"))
        #expect(try await ask("192.0.2.1", "/healthz").output.hasSuffix(" 200"))
        // One IPv6 network is one address; who names nobody is a program of this machine.
        for _ in 0..<6 { #expect(try await ask("2001:db8::1").output.hasSuffix(" 401")) }
        #expect(try await ask("2001:db8::2").output.hasSuffix(" 429"))
        for _ in 0..<8 { #expect(try await Self.curl(url, [], stage).output.hasSuffix(" 401")) }
        // Metrics are for this machine.
        for path in ["/metrics", "/readyz"] {
          #expect(try await ask("192.0.2.9", path).output.hasSuffix(" 403"))
          #expect(try await Self.curl(gateway.address + path, [], stage).output.hasSuffix(" 200"))
        }
        // An installation's third report within a minute waits, and loses nothing.
        try await site.install(gateway: gateway.port)
        let activated = try await site.verifier(["activate"])
        #expect(activated.status == 0, "\(activated.said)")
        var outcomes: [Outcome] = []
        for _ in 0..<3 { outcomes.append(try await site.verifier(["report"])) }
        #expect(outcomes[0].status == 0 && outcomes[1].status == 0, "\(outcomes.map(\.said))")
        #expect(
          outcomes[2].status != 0 && outcomes[2].said.contains("RATE_LIMITED"),
          "\(outcomes[2].said)")
        let long = String(repeating: "h", count: 17 * 1024)
        let header = try await Self.curl(
          gateway.address + "/healthz", ["--header", "X-Long: \(long)"], stage)
        #expect(!header.output.hasSuffix(" 200"), "\(header.said)")
        #expect(try await gateway.stop() == 0)
      }
    }
  }
}
