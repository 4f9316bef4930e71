import Gateway
import HTTPTypes
import Reporting
import Sealing
import Testing
import TestSupport

/// Endpoints and events over HTTP.
@Suite(.everyStore) struct WebhookRouteTests {
  static func post(
    _ site: TestSite, _ path: String, _ body: JSONValue, token: String
  ) async throws -> Answer {
    try await site.send(.post, path, token: token, body.serialized)
  }

  @Test func `an endpoint is added, seen without its secret, changed and removed`() async throws {
    try await TestSite.play { site in
      let token = try await site.token([.webhooks])
      let added = try await Self.post(
        site, "/v1/webhooks",
        [
          "url": "https://hooks.example/a?key=1", "types": ["finding.opened"], "note": "on call",
        ], token: token)
      #expect(added.status == 200)
      let id = try TestSite.some(added.json?["id"]?.string)
      let secret = try TestSite.some(added.json?["secret"]?.string)
      #expect(WebhookSecret(secret) != nil && added.json?["types"] == ["finding.opened"])
      let list = try await site.send(.get, "/v1/webhooks", token: token)
      guard case .array(let all)? = list.json?["webhooks"] else {
        throw TestInstallation.Missing()
      }
      #expect(all.map { $0["id"]?.string } == [id])
      #expect(!list.text.contains("whsec_") && !list.text.contains(secret))
      let rotated = try await Self.post(
        site, "/v1/webhooks/\(id)/rotate", ["hours": 1], token: token)
      #expect(rotated.json?["former_secret_until"] == .integer(TestSite.noon + 3600))
      #expect(rotated.json?["secret"]?.string != secret)
      let replayed = try await Self.post(
        site, "/v1/webhooks/\(id)/replay", ["since": 0], token: token)
      #expect(replayed.json == ["queued": 0])
      let removed = try await Self.post(site, "/v1/webhooks/\(id)/remove", [:], token: token)
      #expect(removed.json == ["id": .string(id), "removed": true])
      for verb in ["remove", "test"] {
        let gone = try await Self.post(site, "/v1/webhooks/\(id)/\(verb)", [:], token: token)
        #expect(gone.problem?.code == .notFound)
      }
      let none = try await site.send(.get, "/v1/webhooks/\(id)/deliveries", token: token)
      #expect(none.problem?.code == .notFound)
    }
  }

  @Test func `what is not in order is refused`() async throws {
    try await TestSite.play { site in
      let token = try await site.token([.webhooks])
      let good: JSONValue = ["url": "https://hooks.example/a"]
      let id = try TestSite.some(
        try await Self.post(site, "/v1/webhooks", good, token: token).json?["id"]?.string)
      let cases: [(String, JSONValue)] = [
        ("/v1/webhooks", [:]), ("/v1/webhooks", ["url": "http://10.0.0.1/"]),
        ("/v1/webhooks", ["url": "https://a@b.example/"]),
        ("/v1/webhooks", ["url": "https://h.example/", "types": []]),
        ("/v1/webhooks", ["url": "https://h.example/", "types": ["finding.closed"]]),
        ("/v1/webhooks", ["url": "https://h.example/", "types": "finding.opened"]),
        (
          "/v1/webhooks",
          ["url": "https://h.example/", "types": ["finding.opened", "finding.opened"]]
        ),
        ("/v1/webhooks", ["url": "https://h.example/", "note": "a\nb"]),
        ("/v1/webhooks", ["url": "https://h.example/", "secret": "whsec_mine"]),
        ("/v1/webhooks/\(id)/rotate", ["hours": 169]), ("/v1/webhooks/\(id)/rotate", ["hours": -1]),
        ("/v1/webhooks/\(id)/replay", [:]),
        ("/v1/webhooks/\(id)/replay", ["since": 0, "event": "evt_1"]),
      ]
      for (path, body) in cases {
        let answer = try await Self.post(site, path, body, token: token)
        #expect(answer.problem?.code == .malformed, "\(path) \(body.text)")
      }
      for query in ["before=x", "state=open", "limit=5"] {
        let answer = try await site.send(
          .get, "/v1/webhooks/\(id)/deliveries?\(query)", token: token)
        #expect(answer.problem?.code == .malformed)
      }
      #expect(try await site.gateway.webhooks.list().count == 1)
    }
  }

  @Test func `there are 64 endpoints at most`() async throws {
    try await TestSite.play { site in
      for index in 0..<WebhookService.maximum {
        _ = try await site.gateway.webhooks.add("https://h.example/\(index)", types: nil, note: "")
      }
      let refused = try await problem {
        try await site.gateway.webhooks.add("https://h.example/x", types: nil, note: "")
      }
      #expect(refused.code == .conflict)
    }
  }

  @Test func `pages of events and deliveries are stable while more come`() async throws {
    try await TestSite.play { site in
      let webhook = try await site.gateway.webhooks.add(
        "https://h.example/", types: nil, note: "")
      func announce(_ numbers: ClosedRange<Int64>) async throws {
        try await site.store.change { ledger in
          for number in numbers {
            try ledger.announce(EventStoreTests.event(number), at: TestSite.noon)
          }
        }
      }
      try await announce(1...250)
      let reader = try await site.token([.read])
      var seen: [Int64] = []
      var path = "/v1/events"
      for round in 0..<4 {
        let page = try await site.send(.get, path, token: reader).json
        guard case .array(let events)? = page?["events"] else { throw TestInstallation.Missing() }
        seen += events.compactMap { $0["data"]?["n"]?.integer }
        guard let next = page?["next"]?.integer else { break }
        path = "/v1/events?after=\(next)&type=license.expiring"
        if round == 0 { try await announce(251...260) }
      }
      #expect(seen == Array(1...260))
      let (first, next) = try await site.gateway.webhooks.deliveries(
        of: webhook.id, before: nil, state: .waiting)
      try await announce(261...270)
      let (second, _) = try await site.gateway.webhooks.deliveries(
        of: webhook.id, before: next, state: .waiting)
      #expect(first.count == 100 && second.count == 100)
      #expect(first.last.map { $0.event.position - 1 } == second.first?.event.position)
      let none = try await site.send(.get, "/v1/events?type=statement.final", token: reader)
      #expect(none.json == ["events": []])
      let other = try await site.send(.get, "/v1/webhooks", token: reader)
      #expect(other.problem?.code == .forbidden)
    }
  }
}
