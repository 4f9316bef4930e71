import Gateway
import HTTPTypes
import Logging
import Reporting
import Sealing
import Testing
import TestSupport

/// Events on their way to endpoints that take them, fail, hang, lie or go.
@Suite(.everyStore, .serialized) struct WebhookCourierTests {
  static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  /// A site, a receiver, and an endpoint of the site there.
  struct Play: Sendable {
    let site: TestSite
    let receiver: WebhookReceiver
    let webhook: Webhook
    let url: String

    func deliver(_ gateway: Gateway? = nil, deadline: Duration = .seconds(10)) async throws {
      try await (gateway ?? site.gateway).lendCourier(
        logger: WebhookCourierTests.logger, deadline: deadline
      ) { try await $0.deliverDue() }
    }

    func deliveries() async throws -> [WebhookDelivery] {
      try await site.gateway.webhooks.deliveries(of: webhook.id, before: nil, state: nil).page
    }

    func announce(_ numbers: ClosedRange<Int64>) async throws {
      let now = try site.clock.now()
      try await site.store.change { ledger in
        for number in numbers { try ledger.announce(EventStoreTests.event(number), at: now) }
      }
    }
  }

  static func play(_ body: @escaping @Sendable (Play) async throws -> Void) async throws {
    try await TestSite.play { site in
      let receiver = WebhookReceiver()
      let still = site
      try await receiver.play { url in
        let webhook = try await still.gateway.webhooks.add(url + "/hook", types: nil, note: "")
        try await body(Play(site: still, receiver: receiver, webhook: webhook, url: url))
      }
    }
  }

  @Test func `what is announced arrives, signed, and is not sent again`() async throws {
    try await Self.play { play in
      let installation = try await play.site.activated()
      try await play.deliver()
      try await play.deliver()
      let messages = play.receiver.messages
      #expect(messages.count == 2 && messages.allSatisfy { $0.path == "/hook" })
      let events = try await EventTests.events(play.site)
      #expect(Set(messages.map(\.id)) == Set(events.map(\.id)))
      let first = try TestSite.some(messages.first { $0.id == events[0].id })
      #expect(first.timestamp == String(TestSite.noon))
      let body = try JSONScanner.scan(Array(first.body.utf8), maximumDepth: 8)
      #expect(body["type"] == "installation.activated")
      #expect(body["timestamp"] == "2026-11-21T12:00:00Z")
      #expect(body["data"]?["installation"]?.string == installation.thumbprint.text)
      let expected = WebhookMessage(id: first.id, body: Array(first.body.utf8))
        .headers(signedBy: [play.webhook.secret], at: TestSite.noon)
      #expect(first.signature == expected[2].value)
      #expect(try await play.deliveries().map(\.state) == [.delivered, .delivered])
    }
  }

  @Test func `what fails is tried again with growing pauses, until it comes back`() async throws {
    try await Self.play { play in
      try await play.announce(1...1)
      play.receiver.behave(.answer(500))
      for attempt in 1...6 as ClosedRange<Int64> {
        try await play.deliver()
        #expect(play.receiver.messages.count == Int(attempt))
        let delivery = try await play.deliveries()[0]
        #expect(delivery.state == .waiting && delivery.attempts == attempt)
        #expect(delivery.status == 500 && delivery.error == "it answered 500")
        let pause = delivery.nextAt - (try play.site.clock.now())
        let usual = Int64(5) << (attempt - 1)
        #expect((usual / 2...usual * 3 / 2).contains(pause), "\(attempt): \(pause)")
        play.site.clock.advance(pause - 1)
        try await play.deliver()
        #expect(play.receiver.messages.count == Int(attempt), "not before its time")
        play.site.clock.advance(1)
      }
      play.receiver.behave(.answer(200))
      try await play.deliver()
      #expect(try await play.deliveries()[0].state == .delivered)
      let messages = play.receiver.messages
      #expect(Set(messages.map(\.id)).count == 1 && Set(messages.map(\.body)).count == 1)
      #expect(Set(messages.map(\.timestamp)).count == 7, "each try has its own time")
    }
  }

  @Test func `after 24 h it is given up, and a replay begins it anew`() async throws {
    try await Self.play { play in
      try await play.announce(1...1)
      play.receiver.behave(.answer(503))
      var tries = 0
      while try await play.deliveries()[0].state == .waiting, tries < 100 {
        play.site.clock.set(max(try await play.deliveries()[0].nextAt, try play.site.clock.now()))
        try await play.deliver()
        tries += 1
      }
      let ended = try await play.deliveries()[0]
      #expect(ended.state == .givenUp && ended.givenUpAt == TestSite.noon + 86_400)
      #expect((20...60).contains(tries), "\(tries)")
      play.receiver.behave(.answer(200))
      play.site.clock.advance(86_400)
      try await play.deliver()
      #expect(play.receiver.messages.count == tries)
      let id = ended.event.id
      #expect(
        try await play.site.gateway.webhooks.replay(to: play.webhook.id, event: id, since: 0) == 1)
      try await play.deliver()
      #expect(play.receiver.messages.count == tries + 1)
      #expect(try await play.deliveries()[0].state == .delivered)
      let unknown = try await problem {
        try await play.site.gateway.webhooks.replay(to: play.webhook.id, event: "evt_x", since: 0)
      }
      #expect(unknown.code == .notFound)
    }
  }

  @Test func `Retry-After is respected`() async throws {
    try await Self.play { play in
      try await play.announce(1...1)
      play.receiver.behave(.answer(429, retryAfter: "900"))
      try await play.deliver()
      #expect(try await play.deliveries()[0].nextAt == TestSite.noon + 900)
    }
  }

  @Test func `no redirect is followed`() async throws {
    try await Self.play { play in
      try await play.announce(1...1)
      play.receiver.behave(.redirect)
      try await play.deliver()
      #expect(play.receiver.messages.map(\.path) == ["/hook"])
      let delivery = try await play.deliveries()[0]
      #expect(delivery.state == .waiting && delivery.status == 307)
    }
  }

  @Test func `an endpoint that is slow holds no other`() async throws {
    try await Self.play { play in
      let quick = WebhookReceiver()
      // The slow one answers when the quick one has everything: held by it, it never would in time.
      play.receiver.behave(.waits { quick.messages.count == 2 })
      try await quick.play { url in
        _ = try await play.site.gateway.webhooks.add(url + "/quick", types: nil, note: "quick")
        try await play.announce(1...2)
        try await play.deliver()
      }
      #expect(play.receiver.messages.count == 2)
      #expect(try await play.deliveries().allSatisfy { $0.state == .delivered })
    }
  }

  @Test func `an answer that does not come ends in time`() async throws {
    try await Self.play { play in
      try await play.announce(1...2)
      play.receiver.behave(.hang)
      try await play.deliver(deadline: .milliseconds(300))
      let deliveries = try await play.deliveries()
      #expect(deliveries.count == 2)
      #expect(deliveries.allSatisfy { $0.state == .waiting && $0.attempts == 1 })
      #expect(deliveries.allSatisfy { $0.error == "no answer in time" && $0.status == nil })
    }
  }

  @Test func `a body that does not end changes nothing in the answer`() async throws {
    try await Self.play { play in
      try await play.announce(1...1)
      play.receiver.behave(.endless)
      try await play.deliver()
      #expect(try await play.deliveries()[0].state == .delivered)
    }
  }

  @Test func `where nothing listens it is tried again`() async throws {
    try await TestSite.play { site in
      let receiver = WebhookReceiver()
      let still = site
      let webhooks = site.gateway.webhooks
      let url = try await receiver.play { $0 }
      let webhook = try await webhooks.add(url, types: nil, note: "")
      _ = try await still.activated()
      try await still.gateway.lendCourier(logger: Self.logger) { try await $0.deliverDue() }
      let page = try await webhooks.deliveries(of: webhook.id, before: nil, state: .waiting).page
      #expect(page.count == 2 && page.allSatisfy { $0.error == "nothing takes the connection" })
    }
  }

  @Test func `410 disables the endpoint, a test that is taken enables it again`() async throws {
    try await Self.play { play in
      let webhooks = play.site.gateway.webhooks
      try await play.announce(1...9)
      play.receiver.behave(.answer(410))
      try await play.deliver()
      #expect(play.receiver.messages.count <= WebhookCourier.atOnce)
      #expect(try await webhooks.list()[0].disabledAt == TestSite.noon)
      #expect(try await play.deliveries().allSatisfy { $0.state == .givenUp })
      try await play.announce(10...10)
      try await play.deliver()
      #expect(try await play.deliveries().count == 9)
      let refused = try await problem {
        try await webhooks.replay(to: play.webhook.id, event: nil, since: 0)
      }
      #expect(refused.code == .conflict)
      #expect(try await webhooks.test(play.webhook.id).status == 410)
      #expect(try await webhooks.list()[0].disabledAt != nil)
      play.receiver.behave(.answer(202))
      #expect(try await webhooks.test(play.webhook.id).isDelivered)
      #expect(play.receiver.messages.last?.body.contains("\"type\":\"webhook.test\"") == true)
      #expect(try await webhooks.list()[0].disabledAt == nil)
      #expect(try await webhooks.replay(to: play.webhook.id, event: nil, since: 0) == 10)
      try await play.deliver()
      #expect(try await play.deliveries().allSatisfy { $0.state == .delivered })
    }
  }

  @Test func `while a secret is rotated both sign, then the new one alone`() async throws {
    try await Self.play { play in
      let webhooks = play.site.gateway.webhooks
      let rotated = try await webhooks.rotate(play.webhook.id, keeping: 24)
      #expect(rotated.secret != play.webhook.secret)
      try await play.announce(1...1)
      try await play.deliver()
      play.site.clock.advance(24 * 3600)
      try await play.announce(2...2)
      try await play.deliver()
      let messages = play.receiver.messages
      func signature(_ message: WebhookReceiver.Message, _ secrets: [WebhookSecret]) -> String {
        WebhookMessage(id: message.id, body: Array(message.body.utf8))
          .headers(signedBy: secrets, at: Int64(message.timestamp) ?? 0)[2].value
      }
      #expect(
        messages[0].signature == signature(messages[0], [rotated.secret, play.webhook.secret]))
      #expect(messages[1].signature == signature(messages[1], [rotated.secret]))
      _ = try await webhooks.rotate(play.webhook.id, keeping: 24)
      // The receiver may have any of two; a third would end the first.
      let refused = try await problem {
        try await webhooks.rotate(play.webhook.id, keeping: 24)
      }
      #expect(refused.code == .conflict && refused.detail.contains("86400 s"))
      let now = try await webhooks.rotate(play.webhook.id, keeping: 0)
      #expect(now.secrets(at: try play.site.clock.now()) == [now.secret])
    }
  }

  @Test func `several gateways on one store send each event once`() async throws {
    try await Self.play { play in
      try await play.announce(1...60)
      // Of a shared store each has its own connection; the embedded one is one process's.
      let isShared = play.site.store is any SharedLedgerStore
      let stores = try await Self.stores(play.site, isShared ? 3 : 0)
      let gateways = try (stores + (isShared ? [] : [play.site.store, play.site.store])).map {
        Gateway(
          store: $0, trust: try GatewayTrust(play.site.vendor.trust, revocations: nil),
          key: try play.site.vendor.key(.gateway), clock: play.site.clock)
      }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for gateway in gateways { group.addTask { try await play.deliver(gateway) } }
        try await group.waitForAll()
      }
      for store in stores { await store.close() }
      try await play.deliver()
      let ids = play.receiver.messages.map(\.id)
      #expect(ids.count == 60 && Set(ids).count == 60)
    }
  }

  static func stores(_ site: TestSite, _ count: Int) async throws -> [any LedgerStore] {
    var stores: [any LedgerStore] = []
    for _ in 0..<count { stores.append(try await StoreKind.current.open(site.folder)) }
    return stores
  }

  @Test func `what a gateway had claimed when it died is sent by the next, half a minute later`()
    async throws
  {
    try await Self.play { play in
      try await play.announce(1...1)
      let due = try await play.deliveries()[0]
      let until = TestSite.noon + WebhookCourier.lease
      #expect(try await play.site.store.change { try $0.claim(due, until: until) })
      play.site.clock.advance(WebhookCourier.lease - 1)
      try await play.deliver()
      #expect(play.receiver.messages.isEmpty)
      play.site.clock.advance(1)
      try await play.deliver()
      #expect(play.receiver.messages.count == 1)
      #expect(try await play.deliveries()[0].attempts == 2)
    }
  }

  @Test func `rounds send what is due each second, and metrics count it`() async throws {
    try await Self.play { play in
      try await play.announce(1...3)
      play.site.clock.advance(7)
      let time = ClosingRoundsTests.ToldClock(allowed: 2) { _ in }
      try await WebhookRounds(gateway: play.site.gateway, time: time, logger: Self.logger).run()
      #expect(time.told == Array(repeating: .seconds(1), count: 3))
      #expect(play.receiver.messages.count == 3)
      let metrics = try await play.site.send(.get, "/metrics").text
      #expect(metrics.contains("tally_gateway_webhook_deliveries_total{outcome=\"delivered\"} 3"))
      #expect(metrics.contains("tally_gateway_webhook_oldest_seconds "))
      play.receiver.behave(.answer(500))
      try await play.announce(4...4)
      try await play.deliver()
      play.site.clock.advance(60)
      try await play.deliver()
      let failing = try await play.site.send(.get, "/metrics").text
      #expect(failing.contains("tally_gateway_webhook_deliveries_total{outcome=\"failed\"} 2"))
      #expect(failing.contains("tally_gateway_webhook_oldest_seconds 60"))
    }
  }

  @Test func `a store that fails does not end the rounds`() async throws {
    try await Self.play { play in
      await play.site.store.close()
      let time = ClosingRoundsTests.ToldClock(allowed: 2) { _ in }
      try await WebhookRounds(gateway: play.site.gateway, time: time, logger: Self.logger).run()
      #expect(time.told.count == 3)
      let hourly = ClosingRoundsTests.ToldClock(allowed: 2) { _ in }
      try await Rounds.announcing(gateway: play.site.gateway, time: hourly, logger: Self.logger)
        .run()
      #expect(hourly.told == Array(repeating: .seconds(3600), count: 3))
    }
  }
}
