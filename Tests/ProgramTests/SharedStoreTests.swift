import Foundation
import TestServers
import Testing

extension ProgramTests {
  /// Two gateways on one PostgreSQL database, behind nginx; and what the command line says of databases.
  @Suite(.serialized) struct SharedStoreTests {
    /// Sends each request to one of two gateways, whether it lives or not.
    static func nginx(_ ports: [String]) -> String {
      """
      upstream gateways { \(ports.map { "server 127.0.0.1:\($0) max_fails=0;" }.joined(separator: " ")) }
      server {
        listen here;
        client_max_body_size 16m;
        location / {
          proxy_pass http://gateways;
          proxy_next_upstream off;
          proxy_set_header X-Forwarded-For $remote_addr;
        }
      }
      """
    }

    static func startGateway(
      _ site: Site, _ state: String, _ store: String, port: String = "0"
    ) async throws -> Daemon {
      try await site.stage.start(
        "tally-gateway",
        [
          "serve", "--state", state, "--store", store, "--listen", "127.0.0.1:\(port)", "--key",
          site.office.pem("gateway"), "--passphrase-file", site.office.passphraseFile, "--keyset",
          "keyset.tally",
        ] + site.office.trust)
    }

    static func startNginx(_ stage: Stage, _ ports: [String]) async throws -> Daemon {
      try stage.write("gateways.conf", nginx(ports))
      return try await stage.start(
        try Programs.path("python3"),
        [
          Programs.script("run_nginx.py"), "--folder", stage.folder.path, "--conf",
          stage.path("gateways.conf"), "--listen", "here",
        ])
    }

    static func installations(_ stage: Stage, _ store: String) async throws -> [Site.Installation] {
      try await stage.run(
        "tally-gateway", ["installation", "list", "--store", store, "--format", "json"]
      ).json([Site.Installation].self)
    }

    @Test func `two gateways on one database, one of them killed again and again, lose nothing`()
      async throws
    {
      let cluster = try PostgresCluster()
      try cluster.makeDatabase("tally")
      let store = cluster.uri("tally")
      try await Stage.play { stage in
        let site = try await Site.open(on: stage)
        var gateways = [
          try await Self.startGateway(site, "gateway-a", store),
          try await Self.startGateway(site, "gateway-b", store),
        ]
        let ports = gateways.map(\.port)
        let nginx = try await Self.startNginx(stage, ports)
        try await site.install(gateway: nginx.port)
        let verifier = try await site.startVerifier()
        try await eventually("the activation") {
          try await site.verifier(["activate"]).status == 0
        }
        for round in 1...6 {
          let victim = round % 2
          await gateways[victim].kill()
          try await HTTP.usageTrace("web-\(round)", cores: 2, to: verifier.address)
          try await eventually("the record of round \(round) has its receipt") {
            guard try await site.verifier(["report"]).status == 0 else { return false }
            let ledger = try await site.status().ledger
            let usage = try await site.usage()
            return usage.peak == 2 * round && ledger.seq == ledger.receipted && ledger.seq >= round
          }
          let there = try await Self.installations(stage, store)
          let ledger = try await site.status().ledger
          #expect(there.count == 1 && there.first?.records == ledger.receipted)
          #expect(there.first?.seq == ledger.receipted && there.first?.peak == 2 * round)
          gateways[victim] = try await Self.startGateway(
            site, victim == 0 ? "gateway-a" : "gateway-b", store, port: ports[victim])
        }
        #expect(try await verifier.stop() == 0)
        for gateway in gateways { #expect(try await gateway.stop() == 0) }
      }
    }

    @Test func `every command on the ledger takes the database, and none a password in the open`()
      async throws
    {
      let cluster = try PostgresCluster()
      try cluster.makeDatabase("tally")
      let store = cluster.uri("tally")
      try await Stage.play { stage in
        func gateway(_ words: [String], _ store: String) async throws -> Outcome {
          try await stage.run("tally-gateway", words + ["--store", store])
        }
        let made = try await gateway(["token", "new", "--scope", "read"], store)
        #expect(made.status == 0, "\(made.said)")
        let listed = try await stage.run(
          "tally-gateway", ["token", "list"], environment: ["TALLY_GATEWAY_STORE": store])
        #expect(listed.status == 0 && listed.output.contains("read"), "\(listed.said)")
        let open = try await gateway(["token", "list"], "postgres://tally:geheim@db.example/tally")
        #expect(open.status == 64 && open.errors.contains("PGPASSFILE"), "\(open.said)")
        #expect(!open.said.contains("geheim"))
        let other = try await gateway(["token", "list"], "mysql://db.example/tally")
        #expect(other.status == 64 && other.errors.contains("store"), "\(other.said)")
        try cluster.alter("synchronous_commit = off")
        let weak = try await gateway(["token", "list"], store)
        #expect(
          weak.status == 2 && weak.errors.contains("synchronous_commit = off"), "\(weak.said)")
        try cluster.alter("synchronous_commit = on")
        try cluster.stop()
        let away = try await gateway(["token", "list"], store)
        #expect(away.status == 2 && away.errors.contains("cannot be reached"), "\(away.said)")
      }
    }
  }
}
