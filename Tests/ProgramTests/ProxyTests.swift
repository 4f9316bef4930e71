import Foundation
import Testing

extension ProgramTests {
  /// Real collectors push through real proxies, which ask the verifier.
  @Suite(.serialized) struct ProxyTests {
    static let rules =
      "datakit-agent,header:X-Collector=otel,query:collector=prometheus,basic-user=prometheus"

    static func startPrometheus(
      _ name: String, _ gateway: DataGateway, target: Daemon, query: String = "",
      user: String? = nil
    ) async throws {
      _ = try await gateway.stage.start(
        try Programs.python(),
        [
          Programs.script("run_prometheus.py"), "--folder", gateway.stage.path(name), "--target",
          "127.0.0.1:\(target.port)", "--url", "\(gateway.address)/api/v1/write\(query)",
        ] + (user.map { ["--user", $0] } ?? []))
    }

    @Test func `collectors of every make are counted once each through nginx as it is shipped`()
      async throws
    {
      try await Stage.play { stage in
        let site = try await Site.open(on: stage)
        try await site.install(gateway: "9")
        let verifier = try await site.startVerifier(["--identity", Self.rules])
        let gateway = try await DataGateway.open(on: stage, verifier: verifier.port)
        for (name, user) in [("a", "edge-1"), ("b", "edge-2"), ("c", "edge-1")] {
          try await Self.startPrometheus(name, gateway, target: verifier, user: user)
        }
        try await Self.startPrometheus("d", gateway, target: verifier, query: "?collector=edge-3")
        #expect(try await gateway.send("usage_trace").status == 200)
        #expect(try await gateway.send("push").status == 200)
        for name in ["checkout", "billing", "checkout"] {
          let exported = try await stage.done(
            try Programs.python(),
            [
              Programs.script("otlp_push.py"), "--gateway", gateway.address, "--collector", name,
            ])
          #expect(exported == "exported\n")
        }
        for path in ["/loki/api/v1/push", "/api/v2/spans", "/api/v1/remote/write"] {
          let url = "\(gateway.address)\(path)?collector=agent-1"
          #expect(try await HTTP.post(url, "{}").status == 200, "\(path)")
        }
        let everybody = [
          "datakit/web-01", "otel/billing", "otel/checkout", "prometheus/agent-1",
          "prometheus/edge-1", "prometheus/edge-2", "prometheus/edge-3",
        ]
        try await eventually("everybody is counted") {
          try await site.online(verifier).names == everybody
        }
        let before = try gateway.count("/api/v1/write")
        try await eventually("everybody has pushed again") {
          try gateway.count("/api/v1/write") >= before + 8
        }
        #expect(try await site.online(verifier).names == everybody)
        let usage = try await site.usage()
        #expect(usage.distinct == everybody.count && usage.peak == everybody.count, "\(usage)")
        try await Self.expectWhole(site, verifier, gateway)
        #expect(try await verifier.stop() == 0, "\(verifier.errors)")
      }
    }

    /// The platform got everything, and each collector is shown as it is.
    static func expectWhole(_ site: Site, _ verifier: Daemon, _ gateway: DataGateway) async throws {
      let paths = [
        "/v1/datakit/usage_trace", "/v1/write/metric", "/v1/traces", "/v1/metrics",
        "/loki/api/v1/push", "/api/v2/spans", "/api/v1/remote/write",
      ]
      for path in paths { #expect(try gateway.count(path) >= 1, "\(path)") }
      #expect(try gateway.count("/v1/admit") == 0)
      let trace = try #require(
        try gateway.seen().first { $0.path.hasPrefix("/v1/datakit/usage_trace") })
      #expect(trace.length == 273 && trace.path.contains("token=tkn_"))
      let list = try await site.online(verifier).collectors
      let dataKit = try #require(list.first { $0.kind == "datakit" })
      #expect(dataKit.version == "1.80.0" && dataKit.host == "web-01" && dataKit.weight == 1)
      let edge = try #require(list.first { $0.identity == "edge-2" })
      #expect(edge.version?.hasPrefix("Prometheus/2.") == true)
      let shown = try await site.verifier([
        "collectors", "--kind", "otel", "--online", "--format", "json",
      ]).json(CollectorList.self)
      #expect(shown.names == ["otel/billing", "otel/checkout"])
      let outcome = try await site.verifier(["collectors", "--limit", "1"])
      #expect(outcome.output.contains("datakit  web-01"), "\(outcome.said)")
      #expect(outcome.output.contains("more: --after"))
      let status = try await site.verifier(["status", "--format", "json"])
      #expect(status.output.contains("datakit:hostname;admit:datakit-agent,header:x-collector=o"))
    }

    /// The value of one series, nil while it is not shown.
    static func metric(_ series: String, _ verifier: Daemon) async throws -> Int? {
      let lines = try await HTTP.get("\(verifier.address)/metrics").body.split(separator: "\n")
      return lines.first { $0.hasPrefix("\(series) ") }?.split(separator: " ").last
        .flatMap { Int($0) }
    }

    @Test func `above the limit a DataKit is told so, and the platform still gets its trace`()
      async throws
    {
      try await Stage.play { stage in
        let site = try await Site.open(on: stage)
        try await site.install(limit: 2)
        let verifier = try await site.startVerifier([])
        let gateway = try await DataGateway.open(on: stage, verifier: verifier.port)
        for host in ["web-01", "web-02"] {
          #expect(try await gateway.send("push", host: host).status == 200)
        }
        let pushes = try gateway.count("/v1/write/metric")
        let refused = try await gateway.send("push", host: "web-03")
        #expect(refused.status == 403)
        #expect(refused.body == #"{"error_code":"kodo.beyondDataUsage"}"#)
        #expect(try gateway.count("/v1/write/metric") == pushes)
        #expect(try await gateway.send("usage_trace", host: "web-03").status == 200)
        try await eventually("the platform has the trace") {
          try gateway.seen().contains { $0.path.hasPrefix("/v1/datakit/usage_trace") }
        }
        #expect(try await gateway.send("push", host: "web-01").status == 200)
        try await eventually("the copy of the trace came too") {
          try await Self.metric("tally_beats_total{way=\"usage_trace\"}", verifier) == 1
        }
        #expect(try await Self.metric("tally_beats_refused_total", verifier) == 2)
        #expect(try await Self.metric("tally_beats_total{way=\"admit\"}", verifier) == 4)
        try await eventually("those within the limit are there, and nobody else") {
          try await site.online(verifier).names == ["datakit/web-01", "datakit/web-02"]
        }
      }
    }

    @Test(arguments: [("admit", 200), ("hold", 503)])
    func `while the verifier does not answer, pushes pass or are held, as the file says`(
      unanswered: String, status: Int
    ) async throws {
      try await Stage.play { stage in
        let site = try await Site.open(on: stage)
        try await site.install(limit: 2)
        var verifier = try await site.startVerifier([])
        let gateway = try await DataGateway.open(
          on: stage, verifier: verifier.port, unanswered: unanswered)
        #expect(try await gateway.send("push").status == 200)
        let port = verifier.port
        #expect(try await verifier.stop() == 0, "\(verifier.errors)")
        let answer = try await gateway.send("push", host: "web-02")
        #expect(answer.status == status, "\(answer)")
        #expect(try await gateway.send("usage_trace").status == 200)
        #expect(try gateway.count("/v1/write/metric") == (unanswered == "admit" ? 2 : 1))
        // The same address again: nothing about the outage is remembered.
        verifier = try await site.startVerifier(listen: "127.0.0.1:\(port)")
        #expect(try await gateway.send("push", host: "web-02").status == 200)
        try await eventually("it is counted again") {
          try await site.online(verifier).names == ["datakit/web-01", "datakit/web-02"]
        }
      }
    }

    @Test func `Caddy as it is shipped counts, and hands the refusal on`() async throws {
      try await Stage.play { stage in
        let site = try await Site.open(on: stage)
        try await site.install(limit: 1)
        let verifier = try await site.startVerifier(["--identity", "datakit-agent,query:collector"])
        let platform = try await DataGateway.startPlatform(on: stage)
        let caddy = try await stage.start(
          try Programs.python(),
          [
            Programs.script("run_caddy.py"), "--folder", stage.folder.path, "--conf",
            SampleTests.samples.appending(path: "data-gateway.Caddyfile").path, "--verifier",
            verifier.port, "--platform", platform.port,
          ])
        let gateway = DataGateway(stage: stage, address: caddy.address)
        let url = "\(gateway.address)/api/v1/write?collector=edge"
        #expect(try await HTTP.post("\(url)-1", "x").status == 200)
        let refused = try await HTTP.post("\(url)-2", "x")
        #expect(refused.status == 403)
        #expect(refused.body == #"{"error_code":"kodo.beyondDataUsage"}"#)
        #expect(try await HTTP.get("\(gateway.address)/login").status == 200)
        #expect(try gateway.count("/api/v1/write") == 1)
        try await eventually("who passed is counted") {
          try await site.online(verifier).names == ["collector/edge-1"]
        }
      }
    }

    @Test func `every sample for a proxy asks about the same paths`() async throws {
      let outcome = try await Command.run(
        try Programs.python(),
        [Programs.script("proxy_samples.py"), SampleTests.samples.path], in: Programs.package)
      #expect(outcome.status == 0, "\(outcome.said)")
      let told = outcome.output.split(separator: "\n").compactMap { $0.split(separator: " ").first }
      #expect(told.map(String.init).sorted() == SampleTests.proxies, "\(outcome.said)")
    }

    @Test func `nginx and Caddy take their samples without a remark`() async throws {
      try await Stage.play { stage in
        let nginx = try await stage.run(
          try Programs.python(),
          [Programs.script("run_nginx.py"), "--test"] + DataGateway.arguments(on: stage))
        #expect(nginx.status == 0, "\(nginx.said)")
        #expect(!nginx.errors.contains("[warn]") && !nginx.errors.contains("[emerg]"))
        let file = SampleTests.samples.appending(path: "data-gateway.Caddyfile").path
        let caddy = try await stage.run("caddy", ["fmt", file])
        #expect(caddy.output == (try SampleTests.text("data-gateway.Caddyfile")))
        let adapted = try await stage.run(
          "caddy", ["adapt", "--adapter", "caddyfile", "--config", file, "--validate"])
        #expect(adapted.status == 0 && !adapted.errors.contains("warn"), "\(adapted.said)")
        try stage.write("wrong.conf", "server { listen 9529; auth_request_set; }")
        let wrong = try await stage.run(
          try Programs.python(),
          [
            Programs.script("run_nginx.py"), "--test", "--folder", stage.folder.path, "--conf",
            stage.path("wrong.conf"), "--listen", "9529",
          ])
        #expect(wrong.status == 1, "the check itself: \(wrong.said)")
      }
    }
  }
}
