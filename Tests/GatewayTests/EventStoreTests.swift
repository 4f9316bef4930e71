import Gateway
import Licensing
import Sealing
import Storage
import Testing

/// What every store does with events and the endpoints that are told of them.
@Suite struct EventStoreTests {
  typealias Stage = StoreContractTests.Stage

  static func event(
    _ subject: Int64, _ type: EventType = .licenseExpiring
  ) -> GatewayEvent {
    GatewayEvent(type, subject: [.integer(subject)], data: [JSONMember("n", .integer(subject))])
  }

  static func webhook(
    _ id: String, _ types: Set<EventType>? = nil, at now: Int64 = 1
  ) throws -> Webhook {
    Webhook(
      id: id, url: "https://hooks.example/\(id)", types: types, secret: try secret(1), note: "n",
      createdAt: now)
  }

  static func secret(_ byte: UInt8) throws -> WebhookSecret {
    let key = Base64.encode([UInt8](repeating: byte, count: 32), .standard)
    return try TestInstallation.some(WebhookSecret("whsec_" + key))
  }

  @Test(arguments: StoreKind.all)
  func `a fact is announced once, and only if its change holds`(_ kind: StoreKind) async throws {
    try await StoreContractTests.play(kind) { stage in
      let store = stage.store
      await #expect(throws: StoreContractTests.Undone.self) {
        try await store.change { ledger in
          try ledger.announce(Self.event(1), at: 5)
          throw StoreContractTests.Undone()
        }
      }
      #expect(try await store.read { try $0.events(after: 0, type: nil, limit: 9) }.isEmpty)
      let outcomes = try await withThrowingTaskGroup(of: Bool.self) { group in
        for index in 0..<40 {
          group.addTask {
            try await store.change { try $0.announce(Self.event(Int64(index % 2)), at: 5) }
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(outcomes.count { $0 } == 2)
      try await stage.reopen()
      #expect(try await stage.store.change { try $0.announce(Self.event(1), at: 9) } == false)
      let events = try await stage.store.read { try $0.events(after: 0, type: nil, limit: 9) }
      #expect(Set(events.map(\.id)) == [Self.event(0).id, Self.event(1).id])
      #expect(events.map(\.at) == [5, 5])
      #expect(try await stage.store.read { try $0.isAnnounced(Self.event(1)) })
      #expect(try await stage.store.read { try $0.isAnnounced(Self.event(2)) } == false)
    }
  }

  @Test(arguments: StoreKind.all)
  func `endpoints that stand are told of their types, from then on`(_ kind: StoreKind) async throws
  {
    try await StoreContractTests.play(kind) { stage in
      let store = stage.store
      let all = [
        try Self.webhook("whk_all"),
        try Self.webhook("whk_some", [.statementFinal, .findingOpened]),
        try Self.webhook("whk_gone"), try Self.webhook("whk_off"),
      ]
      try await store.change { ledger in
        try ledger.announce(Self.event(1), at: 2)
        for webhook in all { try ledger.add(webhook) }
        #expect(try ledger.removeWebhook("whk_gone", at: 3))
        #expect(try ledger.removeWebhook("whk_gone", at: 3) == false)
        try ledger.disableWebhook("whk_off", at: 3)
        try ledger.announce(Self.event(2), at: 4)
        try ledger.announce(Self.event(3, .findingOpened), at: 5)
      }
      try await store.read { ledger throws in
        #expect(try ledger.webhooks().map(\.id) == ["whk_all", "whk_off", "whk_some"])
        #expect(try ledger.webhook("whk_gone") == nil)
        #expect(try ledger.dueWebhooks(at: 3) == [])
        #expect(try ledger.dueWebhooks(at: 5) == ["whk_all", "whk_some"])
        let due = try ledger.dueDeliveries(of: "whk_all", at: 5, limit: 9)
        #expect(due.map(\.event.id) == [Self.event(2).id, Self.event(3, .findingOpened).id])
        #expect(
          try ledger.dueDeliveries(of: "whk_some", at: 5, limit: 9).map(\.event.type) == [
            "finding.opened"
          ])
        #expect(try ledger.oldestDelivery() == 4)
      }
      try await store.change { try $0.enableWebhook("whk_off") }
      #expect(try await store.read { try $0.webhook("whk_off")?.disabledAt } == nil)
    }
  }

  @Test(arguments: StoreKind.all)
  func `a delivery is claimed by one, and told once`(_ kind: StoreKind) async throws {
    try await StoreContractTests.play(kind) { stage in
      let store = stage.store
      let webhook = try Self.webhook("whk_1")
      try await store.change { ledger in
        try ledger.add(webhook)
        try ledger.announce(Self.event(1), at: 10)
      }
      let due = try await store.read { try $0.dueDeliveries(of: "whk_1", at: 10, limit: 9)[0] }
      let claims = try await withThrowingTaskGroup(of: Bool.self) { group in
        for _ in 0..<8 { group.addTask { try await store.change { try $0.claim(due, until: 40) } } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(claims.count { $0 } == 1)
      #expect(try await store.read { try $0.dueWebhooks(at: 39) } == [])
      let again = try await store.read { try $0.dueDeliveries(of: "whk_1", at: 40, limit: 9)[0] }
      #expect(again.attempts == 1 && again.nextAt == 40)
      // Its owner did not come back in time; another tries, and the first one's word is too late.
      #expect(try await store.change { try $0.claim(again, until: 70) })
      @Sendable func claimed(_ attempts: Int64, _ until: Int64) -> WebhookDelivery {
        WebhookDelivery(
          webhook: "whk_1", event: due.event, attempts: attempts, nextAt: until, begunAt: 10)
      }
      let delivered = DeliveryOutcome(.delivered, status: 204)
      #expect(try await store.change { try $0.settle(claimed(1, 40), delivered, at: 41) } == false)
      let failed = DeliveryOutcome(.again(99), status: 500, error: "it answered 500")
      #expect(try await store.change { try $0.settle(claimed(2, 70), failed, at: 42) })
      let waiting = try await store.read { try $0.dueDeliveries(of: "whk_1", at: 99, limit: 9)[0] }
      #expect(waiting.status == 500 && waiting.error == "it answered 500" && waiting.triedAt == 42)
      #expect(waiting.attempts == 2 && waiting.begunAt == 10 && waiting.state == .waiting)
      #expect(try await store.change { try $0.claim(waiting, until: 129) })
      let undone = DeliveryOutcome(.undone, error: "stopped")
      #expect(try await store.change { try $0.settle(claimed(3, 129), undone, at: 100) })
      let last = try await store.read { try $0.dueDeliveries(of: "whk_1", at: 100, limit: 9)[0] }
      #expect(last.attempts == 2 && last.nextAt == 100)
      #expect(try await store.change { try $0.claim(last, until: 130) })
      #expect(try await store.change { try $0.settle(claimed(3, 130), delivered, at: 101) })
      #expect(try await store.change { try $0.settle(claimed(3, 130), failed, at: 102) } == false)
      #expect(try await store.read { try $0.dueWebhooks(at: 1_000_000) } == [])
      #expect(try await store.read { try $0.oldestDelivery() } == nil)
      let all = try await store.read {
        try $0.deliveries(of: "whk_1", before: nil, state: nil, limit: 9)
      }
      #expect(all.map(\.state) == [.delivered] && all[0].deliveredAt == 101)
    }
  }

  @Test(arguments: StoreKind.all)
  func `what waits ends with its endpoint, and is begun anew by a replay`(_ kind: StoreKind)
    async throws
  {
    try await StoreContractTests.play(kind) { stage in
      let store = stage.store
      let webhook = try Self.webhook("whk_1", [.licenseExpiring])
      try await store.change { ledger in
        for index in 1...5 as ClosedRange<Int64> {
          try ledger.announce(Self.event(index), at: index * 10)
        }
        try ledger.announce(Self.event(6, .findingOpened), at: 60)
        try ledger.add(webhook)
        try ledger.announce(Self.event(7), at: 70)
        try ledger.disableWebhook("whk_1", at: 71)
        try ledger.enableWebhook("whk_1")
      }
      #expect(try await store.read { try $0.dueWebhooks(at: 99) } == [])
      let since = try await store.change {
        try $0.replay(to: webhook, event: nil, since: 30, at: 80, limit: 100)
      }
      #expect(since == 4, "those of its type from 30 on")
      let due = try await store.read { try $0.dueDeliveries(of: "whk_1", at: 80, limit: 99) }
      #expect(due.map(\.event.at) == [30, 40, 50, 70])
      #expect(due.allSatisfy { $0.attempts == 0 && $0.begunAt == 80 })
      let bounded = try await store.change {
        try $0.replay(to: webhook, event: nil, since: 0, at: 90, limit: 2)
      }
      #expect(bounded == 2)
      // One that is named is sent whatever its type.
      let id = Self.event(6, .findingOpened).id
      #expect(
        try await store.change {
          try $0.replay(to: webhook, event: id, since: 0, at: 90, limit: 100)
        } == 1)
      #expect(
        try await store.change {
          try $0.replay(to: webhook, event: "evt_none", since: 0, at: 90, limit: 100)
        } == 0)
      let page = try await store.read {
        try $0.deliveries(of: "whk_1", before: due[3].event.position, state: .waiting, limit: 3)
      }
      #expect(page.map(\.event.at) == [60, 50, 40])
    }
  }

  @Test(arguments: StoreKind.all)
  func `events are forgotten when they are old and nobody waits, and places are given once`(
    _ kind: StoreKind
  ) async throws {
    try await StoreContractTests.play(kind) { stage in
      let store = stage.store
      let webhook = try Self.webhook("whk_1", [.findingOpened])
      try await store.change { ledger in
        try ledger.add(webhook)
        try ledger.announce(Self.event(1), at: 10)
        try ledger.announce(Self.event(2, .findingOpened), at: 20)
        try ledger.announce(Self.event(3), at: 30)
      }
      let places = try await store.read { try $0.events(after: 0, type: nil, limit: 9) }
        .map(\.position)
      #expect(
        try await store.read { try $0.forgettableEvents(before: 30, limit: 9) } == [places[0]])
      #expect(
        try await store.read { try $0.forgettableEvents(before: 99, limit: 1) } == [places[0]])
      try await store.change { ledger in
        #expect(try ledger.removeWebhook("whk_1", at: 40))
        try ledger.forgetEvents(try ledger.forgettableEvents(before: 99, limit: 9))
        #expect(try ledger.events(after: 0, type: nil, limit: 9).isEmpty)
        try ledger.announce(Self.event(4), at: 50)
      }
      let next = try await store.read { try $0.events(after: places[2], type: nil, limit: 9) }
      #expect(next.map(\.id) == [Self.event(4).id])
    }
  }

  @Test(arguments: StoreKind.all)
  func `secrets are kept as they were set, and gone with the endpoint`(_ kind: StoreKind)
    async throws
  {
    try await StoreContractTests.play(kind) { stage in
      var webhook = try Self.webhook("whk_1", [.statementFinal])
      let added = webhook
      try await stage.store.change { try $0.add(added) }
      #expect(try await stage.store.read { try $0.webhook("whk_1") } == added)
      webhook.former = webhook.secret
      webhook.formerUntil = 500
      webhook.secret = try Self.secret(2)
      let rotated = webhook
      try await stage.store.change { try $0.setSecrets(of: rotated) }
      try await stage.reopen()
      #expect(try await stage.store.read { try $0.webhook("whk_1") } == rotated)
      #expect(rotated.secrets(at: 499) == [try Self.secret(2), try Self.secret(1)])
      #expect(rotated.secrets(at: 500) == [try Self.secret(2)])
      #expect(!rotated.json.text.contains("whsec_"))
      #expect(rotated.jsonWithSecret["secret"]?.string == rotated.secret.text)
      #expect(try await stage.store.change { try $0.removeWebhook("whk_1", at: 9) })
      #expect(try await stage.store.read { try $0.webhooks() } == [])
    }
  }

  @Test(arguments: StoreKind.all)
  func `lines are listed in pages`(_ kind: StoreKind) async throws {
    try await StoreContractTests.play(kind) { stage in
      try await stage.store.change { ledger in
        for index in 2...5 {
          try ledger.put(
            Stage.license("lic_\(index)", revision: 1, isPublished: true, line: "lin_\(index)"),
            at: 1)
        }
        try ledger.put(Stage.license("lic_9", revision: 2, isPublished: true, line: "lin_3"), at: 1)
      }
      let first = try await stage.store.read { try $0.lines(after: nil, limit: 3) }
      #expect(first.map(\.text) == ["lin_1", "lin_2", "lin_3"])
      let rest = try await stage.store.read { try $0.lines(after: first.last, limit: 3) }
      #expect(rest.map(\.text) == ["lin_4", "lin_5"])
    }
  }
}
