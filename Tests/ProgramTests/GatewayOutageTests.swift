import Foundation
import Testing

extension ProgramTests {
  /// Whatever the gateway does, no record is lost and none is counted twice.
  @Suite(.serialized) struct GatewayOutageTests {
    /// Everything that the misbehaving gateway can do.
    static let behaviours = [
      "reset", "silent", "garbage", "html", "page502", "empty", "half", "cut",
    ]

    @Test func `a gateway that misbehaves in any way costs no record`() async throws {
      try await Stage.play { stage in
        let site = try await Site.open(on: stage)
        let between = try await site.startBadGateway()
        _ = try await site.startGateway()
        try await site.install(gateway: between.port)
        let verifier = try await site.startVerifier()
        try await eventually("the activation") {
          try await site.verifier(["activate"]).status == 0
        }
        #expect(Self.behaviours.count == 8)
        for (round, behaviour) in Self.behaviours.enumerated() {
          try await Self.play(behaviour, round: round, site, verifier)
        }
        #expect(try await verifier.stop() == 0)
      }
    }

    /// One outage: usage goes on, the gateway comes back, everything is receipted.
    static func play(
      _ behaviour: String, round: Int, _ site: Site, _ verifier: Daemon
    ) async throws {
      let before = site.seen(behaviour)
      try site.behave(behaviour)
      for collector in 0...round {
        try await HTTP.usageTrace("web-\(round)-\(collector)", cores: 2, to: verifier.address)
      }
      let peak = (1...round + 1).reduce(0, +) * 2
      try await eventually("the peak at the verifier in \(behaviour)") {
        try await site.usage().peak == peak
      }
      try await eventually("the gateway was asked and did \(behaviour)") {
        site.seen(behaviour) > before || site.seen("\(behaviour)-began") > 0
      }
      if behaviour != "silent" {
        let report = try await site.verifier(["report"])
        #expect(report.status == 2, "\(behaviour): \(report.said)")
        #expect(!report.errors.isEmpty, "\(behaviour): \(report.said)")
      }
      try site.behave("pass")
      try await expectAllReceipted(site, peak: peak, after: behaviour)
    }

    /// What the verifier sealed is at the gateway, each record once.
    static func expectAllReceipted(_ site: Site, peak: Int, after: String) async throws {
      try await eventually("everything is receipted after \(after)") {
        guard try await site.verifier(["report"]).status == 0 else { return false }
        let ledger = try await site.status().ledger
        let there = try await site.installations()
        return ledger.receipted == ledger.seq && there.first?.seq == ledger.seq
          && there.first?.peak == peak
      }
      let there = try await site.installations()
      #expect(there.count == 1)
      #expect(there.first?.records == there.first?.seq, "\(after)")
    }

    @Test func `a gateway that is down, and a killed verifier, cost no record`() async throws {
      try await Stage.play { stage in
        let site = try await Site.open(on: stage)
        var gateway = try await site.startGateway()
        let port = gateway.port
        try await site.install(gateway: port)
        var verifier = try await site.startVerifier()
        try await eventually("the activation") {
          try await site.verifier(["activate"]).status == 0
        }
        try await HTTP.usageTrace("web-1", cores: 3, to: verifier.address)
        try await eventually("the peak at the gateway") {
          try await site.installations().first?.peak == 3
        }
        await gateway.kill()
        try await HTTP.usageTrace("web-2", cores: 4, to: verifier.address)
        try await eventually("the peak at the verifier") { try await site.usage().peak == 7 }
        let report = try await site.verifier(["report"])
        #expect(report.status == 2, "\(report.said)")
        #expect(report.errors.contains("127.0.0.1:\(port)"), "\(report.said)")
        let sealed = try await site.status().ledger.seq
        await verifier.kill()
        verifier = try await site.startVerifier()
        #expect(try await site.usage().peak == 7)
        #expect(try await site.status().ledger.seq >= sealed)
        gateway = try await site.startGateway(port: port)
        try await Self.expectAllReceipted(site, peak: 7, after: "the outage")
        #expect(try await verifier.stop() == 0)
        #expect(try await gateway.stop() == 0)
      }
    }
  }

  /// What Docs/Operations.md says of folders that were restored from a copy.
  @Suite(.serialized) struct RestoreTests {
    /// A site with three collectors reported, and a copy of a folder made before the last one came.
    static func site(
      on stage: Stage, copying folder: String
    ) async throws -> (site: Site, gateway: Daemon, verifier: Daemon) {
      let site = try await Site.open(on: stage)
      var gateway = try await site.startGateway()
      let port = gateway.port
      try await site.install(gateway: port)
      var verifier = try await site.startVerifier()
      try await eventually("the activation") {
        try await site.verifier(["activate"]).status == 0
      }
      try await HTTP.usageTrace("web-1", cores: 3, to: verifier.address)
      try await GatewayOutageTests.expectAllReceipted(site, peak: 3, after: "the first")
      #expect(try await verifier.stop() == 0)
      #expect(try await gateway.stop() == 0)
      try FileManager.default.copyItem(
        atPath: stage.path(folder), toPath: stage.path("\(folder)-copy"))
      gateway = try await site.startGateway(port: port)
      verifier = try await site.startVerifier()
      try await HTTP.usageTrace("web-2", cores: 4, to: verifier.address)
      try await GatewayOutageTests.expectAllReceipted(site, peak: 7, after: "the second")
      return (site, gateway, verifier)
    }

    static func restore(_ folder: String, on stage: Stage) throws {
      try FileManager.default.moveItem(
        atPath: stage.path(folder), toPath: stage.path("\(folder)-lost"))
      guard FileManager.default.fileExists(atPath: stage.path("\(folder)-copy")) else { return }
      try FileManager.default.copyItem(
        atPath: stage.path("\(folder)-copy"), toPath: stage.path(folder))
    }

    @Test func `a gateway restored from a copy, or begun anew, gets everything again`()
      async throws
    {
      for isCopied in [true, false] {
        try await Stage.play { stage in
          let (site, old, verifier) = try await Self.site(on: stage, copying: "gateway")
          let port = old.port
          #expect(try await old.stop() == 0)
          if !isCopied { try FileManager.default.removeItem(atPath: stage.path("gateway-copy")) }
          try Self.restore("gateway", on: stage)
          let gateway = try await site.startGateway(port: port)
          #expect(try await site.installations().first?.peak == (isCopied ? 3 : nil))
          try await GatewayOutageTests.expectAllReceipted(site, peak: 7, after: "the restore")
          #expect(try await verifier.stop() == 0)
          #expect(try await gateway.stop() == 0)
        }
      }
    }

    @Test func `a verifier restored from a copy heals by itself, without a second history`()
      async throws
    {
      try await Stage.play { stage in
        let (site, _, old) = try await Self.site(on: stage, copying: "state")
        let before = try await ReplaceTests.listed(site)
        let name = try #require(before.first?.installation)
        #expect(try await old.stop() == 0)
        try Self.restore("state", on: stage)
        let verifier = try await site.startVerifier()
        try await HTTP.usageTrace("web-9", cores: 5, to: verifier.address)
        let copy = CloneTests.Copy(site: site, state: "state")
        let new = try await CloneTests.successor(of: name, copy)
        try await CloneTests.expectPeak(8, of: new, site)
        let after = try await ReplaceTests.listed(site)
        #expect(after.count == 2)
        let kept = try #require(after.first { $0.installation == name })
        #expect(kept.seq == before.first?.seq && kept.peak == 7 && kept.replaced_by == new)
        let report = try await site.verifier(["report"])
        #expect(report.status == 0, "\(report.said)")
        let status = try await site.verifier(["status", "--format", "json"])
        #expect(!status.output.contains("LEDGER_DAMAGED"), "\(status.said)")
        #expect(status.output.contains("REPLACED"), "\(status.said)")
        let whole = try await site.verifier(["usage", "verify"])
        #expect(whole.status == 0, "\(whole.said)")
        #expect(try await verifier.stop() == 0)
      }
    }
  }
}
