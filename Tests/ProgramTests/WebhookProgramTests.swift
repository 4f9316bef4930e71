import Foundation
import Testing

extension ProgramTests {
  /// Signed events from the gateway to a receiver that checks them as the manual says.
  @Suite(.serialized) struct WebhookTests {
    struct Added: Decodable {
      let id: String
      let secret: String
    }

    struct Delivery: Decodable {
      let event: String
      let type: String
      let state: String
    }

    struct Trial: Decodable {
      let delivered: Bool
      let error: String?
    }

    static func startReceiver(_ stage: Stage, port: String = "0") async throws -> Daemon {
      try await stage.start(
        try Programs.path("python3"),
        [
          Programs.script("webhook_receiver.py"), "--port", port, "--manual",
          Programs.package.appending(path: "Docs/Operations.md").path, "--secret",
          stage.path("secret"), "--seen", stage.path("seen-events"),
        ])
    }

    static func webhook(_ stage: Stage, _ words: [String]) async throws -> Outcome {
      try await stage.run(
        "tally-gateway", ["webhook"] + words + ["--state", "gateway", "--format", "json"])
    }

    /// What arrived, verified: `TYPE ID`.
    static func seen(_ stage: Stage) -> [String] {
      Command.read(stage.path("seen-events")).split(separator: "\n").map(String.init)
    }

    @Test
    func `an event of a gateway that is killed before it is sent arrives once it is up again`()
      async throws
    {
      try await Stage.play { stage in
        let site = try await Site.open(on: stage)
        let first = try await site.startGateway()
        try await site.install(gateway: first.port)
        // The receiver's port is known, and nobody is there.
        let absent = try await Self.startReceiver(stage)
        let port = absent.port
        await absent.kill()
        let added = try await Self.webhook(
          stage, ["add", "http://127.0.0.1:\(port)/hook?key=in-the-url"])
        #expect(added.status == 0, "\(added.said)")
        let webhook = try added.json(Added.self)
        try stage.write("secret", webhook.secret)
        let untaken = try await Self.webhook(stage, ["test", webhook.id])
        #expect(try untaken.json(Trial.self).delivered == false && untaken.status == 1)

        let activated = try await site.verifier(["activate"])
        #expect(activated.status == 0, "\(activated.said)")
        await first.kill()
        let receiver = try await Self.startReceiver(stage, port: port)
        let second = try await site.startGateway(port: first.port)
        try await eventually("the activation is told") {
          Self.seen(stage).count >= 2
        }
        let kinds = Set(Self.seen(stage).compactMap { $0.split(separator: " ").first })
        #expect(kinds == ["installation.activated", "license.seats_exhausted"])
        try await eventually("the deliveries are kept") {
          try await Self.webhook(stage, ["deliveries", webhook.id, "--waiting"])
            .json([Delivery].self).isEmpty
        }
        try await Self.expectRotated(stage, webhook)

        for daemon in [first, second] {
          for secret in ["whsec_", "in-the-url", String(webhook.secret.dropFirst(6))] {
            #expect(!daemon.output.contains(secret) && !daemon.errors.contains(secret))
          }
        }
        #expect(try await second.stop() == 0)
        await receiver.kill()
      }
    }

    /// The former secret verifies beside the new one, a replay brings the same event again, and what is
    /// removed is sent nothing.
    private static func expectRotated(_ stage: Stage, _ webhook: Added) async throws {
      let rotated = try await Self.webhook(stage, ["rotate", webhook.id])
      #expect(rotated.status == 0, "\(rotated.said)")
      let taken = try await Self.webhook(stage, ["test", webhook.id])
      #expect(try taken.json(Trial.self).delivered && taken.status == 0, "\(taken.said)")
      try stage.write("secret", try rotated.json(Added.self).secret)
      let all = try await Self.webhook(stage, ["deliveries", webhook.id]).json([Delivery].self)
      #expect(all.map(\.state) == ["delivered", "delivered"])
      let event = try #require(all.last)
      let before = Self.seen(stage).count
      let replay = try await Self.webhook(
        stage, ["replay", webhook.id, "--event", event.event])
      #expect(replay.status == 0, "\(replay.said)")
      try await eventually("the replayed event") { Self.seen(stage).count == before + 1 }
      #expect(Self.seen(stage).last == "\(event.type) \(event.event)")
      #expect(!Self.seen(stage).contains { $0.hasPrefix("REFUSED") })
      // A receiver with another secret refuses.
      try stage.write("secret", "whsec_" + Data(repeating: 1, count: 32).base64EncodedString())
      let refused = try await Self.webhook(stage, ["test", webhook.id])
      #expect(try refused.json(Trial.self).error == "it answered 400")
      #expect(Self.seen(stage).last?.hasPrefix("REFUSED") == true)
      let list = try await Self.webhook(stage, ["list"])
      #expect(list.output.contains(webhook.id) && !list.output.contains("whsec_"))
      let removed = try await Self.webhook(stage, ["remove", webhook.id])
      #expect(removed.status == 0, "\(removed.said)")
      let again = try await Self.webhook(stage, ["remove", webhook.id])
      #expect(again.status == 1, "\(again.said)")
    }

    @Test func `a certificate of no authority that is known here is refused`() async throws {
      try await Stage.play { stage in
        let site = try await Site.open(on: stage)
        try await EdgeProgramTests.makeCertificates(on: stage)
        try await stage.done("chmod", ["600", "server.key"])
        let gateway = try await EdgeProgramTests.start(
          site, ["--tls-certificate", "server.pem", "--tls-key", "server.key"])
        let added = try await Self.webhook(
          stage, ["add", "https://localhost:\(gateway.port)/healthz"])
        let id = try added.json(Added.self).id
        let refused = try await Self.webhook(stage, ["test", id])
        #expect(refused.status == 1)
        #expect(try refused.json(Trial.self).error?.hasPrefix("TLS fails") == true)
        #expect(try await gateway.stop() == 0)
      }
    }

    @Test func `an address that is not allowed is refused, and nothing is added`() async throws {
      try await Stage.play { stage in
        let site = try await Site.open(on: stage)
        let gateway = try await site.startGateway()
        for url in ["http://10.0.0.1/", "https://user:password@h.example/", "ftp://h.example/"] {
          let outcome = try await Self.webhook(stage, ["add", url])
          #expect(outcome.status == 1 && outcome.output.isEmpty, "\(outcome.said)")
          #expect(outcome.errors.contains("the URL is refused"))
        }
        let list = try await Self.webhook(stage, ["list"])
        #expect(list.output.trimmingCharacters(in: .whitespacesAndNewlines) == "[]")
        #expect(try await gateway.stop() == 0)
      }
    }
  }
}
