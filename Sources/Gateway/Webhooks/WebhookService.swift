internal import Libcrypto
package import Platform
internal import Reporting
package import Sealing

/// The endpoints that the vendor's staff have told of, and what they are told.
package struct WebhookService: Sendable {
  /// The most endpoints that stand at a time.
  package static let maximum = 64
  /// The most deliveries that one replay begins.
  package static let replayLimit = 10_000
  package static let pageSize = 100
  /// How long a former secret may go on signing, in hours.
  package static let keepHours: ClosedRange<Int64> = 0...168
  package static let usualKeepHours: Int64 = 24
  package static let noteLimit = 256

  private let store: any LedgerStore
  private let clock: any WallClock

  package init(store: any LedgerStore, clock: any WallClock) {
    self.store = store
    self.clock = clock
  }

  /// The endpoints that stand.
  package func list() async throws -> [Webhook] { try await store.read { try $0.webhooks() } }

  /// Adds an endpoint, which is told of what is announced from now on.
  /// - Parameter types: nil for all.
  /// - Returns: the endpoint with its secret.
  /// - Throws: ``Problem`` `MALFORMED`, `CONFLICT` where there are too many.
  package func add(
    _ url: String, types: Set<EventType>?, note: String
  ) async throws -> Webhook {
    let address = try WebhookAddress(url)
    guard note.utf8.count <= Self.noteLimit,
      note.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
    else {
      throw Problem(
        .malformed, "note must have at most \(Self.noteLimit) bytes and no control characters")
    }
    guard types?.isEmpty != true else {
      throw Problem(.malformed, "name at least one type of event, or leave types out for all")
    }
    let webhook = Webhook(
      id: "whk_" + Hexadecimal.encode(try SecureRandom.bytes(8)), url: address.url, types: types,
      secret: try .random(), note: note, createdAt: try clock.now())
    try await store.change { ledger in
      guard try ledger.webhooks().count < Self.maximum else {
        throw Problem(
          .conflict, "there are \(Self.maximum) webhooks already: remove one that is not needed")
      }
      try ledger.add(webhook)
    }
    return webhook
  }

  /// - Throws: ``Problem`` `NOT_FOUND`.
  package func remove(_ id: String) async throws {
    let now = try clock.now()
    let isRemoved = try await store.change { try $0.removeWebhook(id, at: now) }
    guard isRemoved else { throw Self.notFound(id) }
  }

  /// Makes a new secret; the former one goes on signing beside it for a while.
  /// - Parameter hours: for how long; 0 ends every former secret at once.
  /// - Returns: the endpoint with its new secret.
  /// - Throws: ``Problem`` `NOT_FOUND`, `MALFORMED`; `CONFLICT` while a former secret signs, which may be the
  ///   one that the receiver has.
  package func rotate(_ id: String, keeping hours: Int64) async throws -> Webhook {
    guard Self.keepHours.contains(hours) else {
      throw Problem(
        .malformed,
        "hours must be from \(Self.keepHours.lowerBound) to \(Self.keepHours.upperBound)")
    }
    let now = try clock.now()
    let secret = try WebhookSecret.random()
    return try await store.change { ledger in
      guard var webhook = try ledger.webhook(id) else { throw Self.notFound(id) }
      if hours > 0, webhook.secrets(at: now).count > 1, let until = webhook.formerUntil {
        throw Problem(
          .conflict,
          "a former secret signs for \(until - now) s more: rotate again after that, or with hours 0, "
            + "which ends it and the present one at once")
      }
      webhook.former = hours > 0 ? webhook.secret : nil
      webhook.formerUntil = hours > 0 ? now + hours * 3600 : nil
      webhook.secret = secret
      try ledger.setSecrets(of: webhook)
      return webhook
    }
  }

  /// Sends an event of type `webhook.test`, which is kept nowhere, and says what was answered. Where that is
  /// 2xx, an endpoint that was disabled is told of events again.
  /// - Throws: ``Problem`` `NOT_FOUND`.
  package func test(_ id: String) async throws -> WebhookTrial {
    guard let webhook = try await store.read({ try $0.webhook(id) }) else {
      throw Self.notFound(id)
    }
    let now = try clock.now()
    let message = WebhookMessage(
      id: "evt_" + Hexadecimal.encode(try SecureRandom.bytes(16)), type: "webhook.test", at: now,
      data: ["webhook": .string(id)])
    let answer = try await WebhookSender.lend(clock: clock) { sender in
      await sender.send(message, to: webhook.url, signedBy: webhook.secrets(at: now))
    }
    let trial = WebhookTrial(answer)
    if trial.isDelivered, webhook.disabledAt != nil {
      try await store.change { try $0.enableWebhook(id) }
    }
    return trial
  }

  /// Sends kept events anew, or for the first time, whatever became of them.
  /// - Parameters:
  ///   - event: the one; nil takes all of the endpoint's types that were announced from `since` on.
  /// - Returns: how many were put in line, ``replayLimit`` at most.
  /// - Throws: ``Problem`` `NOT_FOUND`, `CONFLICT` for an endpoint that is disabled.
  package func replay(to id: String, event: String?, since: Int64) async throws -> Int {
    let now = try clock.now()
    return try await store.change { ledger in
      guard let webhook = try ledger.webhook(id) else { throw Self.notFound(id) }
      guard webhook.disabledAt == nil else {
        throw Problem(
          .conflict, "webhook \(id) is disabled, it answered that it is gone: test it first")
      }
      let count = try ledger.replay(
        to: webhook, event: event, since: since, at: now, limit: Self.replayLimit)
      if let event, count == 0 {
        throw Problem(
          .notFound, "there is no event \(event.prefix(64)): events are kept for 90 days, list them"
        )
      }
      return count
    }
  }

  /// A page of an endpoint's deliveries, the latest event first, and where the next page begins.
  /// - Throws: ``Problem`` `NOT_FOUND`.
  package func deliveries(
    of id: String, before position: Int64?, state: WebhookDelivery.State?
  ) async throws -> (page: [WebhookDelivery], next: Int64?) {
    let found = try await store.read { ledger in
      guard try ledger.webhook(id) != nil else { throw Self.notFound(id) }
      return try ledger.deliveries(
        of: id, before: position, state: state, limit: Self.pageSize + 1)
    }
    let page = Array(found.prefix(Self.pageSize))
    return (page, found.count > page.count ? page.last?.event.position : nil)
  }

  /// A page of events in the order in which they were announced, and where the next page begins.
  package func events(
    after position: Int64, type: EventType?
  ) async throws -> (page: [StoredEvent], next: Int64?) {
    let found = try await store.read {
      try $0.events(after: position, type: type, limit: Self.pageSize + 1)
    }
    let page = Array(found.prefix(Self.pageSize))
    return (page, found.count > page.count ? page.last?.position : nil)
  }

  private static func notFound(_ id: String) -> Problem {
    Problem(.notFound, "there is no webhook \(id.prefix(64)): list them")
  }
}

/// What an endpoint answered to a test.
package struct WebhookTrial: Sendable, Equatable {
  package let isDelivered: Bool
  package let status: Int64?
  package let error: String?

  init(_ answer: WebhookAnswer) {
    switch answer {
    case .status(let status, _):
      isDelivered = (200..<300).contains(status)
      self.status = status
      error = isDelivered ? nil : "it answered \(status)"
    case .none(let why):
      isDelivered = false
      status = nil
      error = why
    case .brokenOff:
      isDelivered = false
      status = nil
      error = "the gateway was stopped"
    }
  }

  package var json: JSONValue {
    var members = [JSONMember("delivered", .bool(isDelivered))]
    if let status { members.append(JSONMember("status", .integer(status))) }
    if let error { members.append(JSONMember("error", .string(error))) }
    return .object(members)
  }
}
