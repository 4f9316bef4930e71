internal import Libcrypto
package import Logging
package import Platform
internal import Sealing
internal import ServiceLifecycle
internal import Storage

/// Brings endpoints what is due for them.
///
/// Rules:
/// 1. A delivery is claimed by one conditional change before it is tried, and left to whoever claimed it
///    for 30 s: several gateways on one store do not send the same at once, and what a process that died
///    had claimed is sent by the next. So each event comes at least once, perhaps more often.
/// 2. 2xx delivers. 410 disables the endpoint. Everything else is tried again, see ``RetrySchedule``.
/// 3. Of one endpoint a few are tried at once; no endpoint waits for another.
/// 4. No order is kept: receivers look at the time of the event.
package struct WebhookCourier: Sendable {
  /// The most requests to one endpoint at a time.
  package static let atOnce = 4
  /// For how long a delivery is left to one process, in seconds: more than a try can take.
  package static let lease: Int64 = 30

  private let store: any LedgerStore
  private let clock: any WallClock
  private let metrics: GatewayMetrics
  private let sender: WebhookSender
  private let logger: Logger
  /// 0 to 999.
  private let share: @Sendable () -> Int64

  package init(
    store: any LedgerStore, clock: any WallClock, metrics: GatewayMetrics, sender: WebhookSender,
    logger: Logger, share: @escaping @Sendable () -> Int64 = { Int64.random(in: 0..<1000) }
  ) {
    self.store = store
    self.clock = clock
    self.metrics = metrics
    self.sender = sender
    self.logger = logger
    self.share = share
  }

  /// The endpoints that something is due for; tells the metrics how long the oldest waits.
  package func due() async throws -> [String] {
    let now = try clock.now()
    let (due, oldest) = try await store.read {
      (try $0.dueWebhooks(at: now), try $0.oldestDelivery())
    }
    metrics.oldestDelivery(oldest.map { max(0, now - $0) } ?? 0)
    return due
  }

  /// Tries everything that is due at present, of every endpoint at once.
  package func deliverDue() async throws {
    let due = try await due()
    await withDiscardingTaskGroup { group in
      for webhook in due { group.addTask { await deliver(to: webhook) } }
    }
  }

  /// Tries what is due for an endpoint until nothing is. A store that fails is told to the log.
  package func deliver(to webhook: String) async {
    do {
      while !Task.isCancelled, !Task.isShuttingDownGracefully {
        guard try await deliverSome(to: webhook) else { return }
      }
    } catch let error as StorageError {
      logger.error("store: \(error.message)", metadata: ["code": "\(error.code.rawValue)"])
    } catch is CancellationError {
      // The process is ending: what was not sent stays due.
    } catch {
      logger.error("webhooks: the machine is at fault")
    }
  }

  /// - Returns: whether there may be more.
  private func deliverSome(to id: String) async throws -> Bool {
    let now = try clock.now()
    let (webhook, due) = try await store.read {
      (
        try $0.webhook(id), try $0.dueDeliveries(of: id, at: now, limit: Self.atOnce)
      )
    }
    guard let webhook, webhook.disabledAt == nil, !due.isEmpty else { return false }
    let until = now + Self.lease
    let claimed = try await store.change { ledger in
      try due.filter { try ledger.claim($0, until: until) }.map { $0.claimed(until: until) }
    }
    guard !claimed.isEmpty else { return false }
    try await withThrowingDiscardingTaskGroup { group in
      for delivery in claimed { group.addTask { try await attempt(delivery, at: webhook) } }
    }
    return true
  }

  private func attempt(_ delivery: WebhookDelivery, at webhook: Webhook) async throws {
    let answer = await sender.send(
      WebhookMessage(delivery.event), to: webhook.url,
      signedBy: webhook.secrets(at: try clock.now()))
    let now = try clock.now()
    let outcome = outcome(of: answer, delivery, now)
    let isGone = outcome.status == 410
    let isKept = try await store.change { ledger in
      let isKept = try ledger.settle(delivery, outcome, at: now)
      if isGone { try ledger.disableWebhook(webhook.id, at: now) }
      return isKept
    }
    if isKept { tell(outcome, delivery, webhook) }
  }

  private func outcome(
    of answer: WebhookAnswer, _ delivery: WebhookDelivery, _ now: Int64
  ) -> DeliveryOutcome {
    switch answer {
    case .brokenOff:
      return DeliveryOutcome(.undone, error: "the gateway was stopped")
    case .status(let status, _) where (200..<300).contains(status):
      return DeliveryOutcome(.delivered, status: status)
    case .status(410, _):
      return DeliveryOutcome(.givenUp, status: 410, error: "the endpoint answered that it is gone")
    case .status(let status, let retryAfter):
      return failed(delivery, now, "it answered \(status)", status, retryAfter)
    case .none(let why):
      return failed(delivery, now, why)
    }
  }

  private func failed(
    _ delivery: WebhookDelivery, _ now: Int64, _ why: String, _ status: Int64? = nil,
    _ retryAfter: Int64? = nil
  ) -> DeliveryOutcome {
    let next = RetrySchedule.next(
      after: delivery.attempts, begunAt: delivery.begunAt, now: now, retryAfter: retryAfter,
      share: share())
    return DeliveryOutcome(next.map { .again($0) } ?? .givenUp, status: status, error: why)
  }

  private func tell(_ outcome: DeliveryOutcome, _ delivery: WebhookDelivery, _ webhook: Webhook) {
    let why = outcome.error ?? ""
    let names: Logger.Metadata = [
      "webhook": "\(webhook.id)", "event": "\(delivery.event.id)",
      "attempts": "\(delivery.attempts)",
    ]
    switch outcome.fate {
    case .delivered: metrics.webhook(.delivered)
    case .undone: break
    case .again:
      metrics.webhook(.failed)
      logger.debug("webhook: \(why)", metadata: names)
    case .givenUp where outcome.status == 410:
      metrics.webhook(.givenUp)
      logger.warning("a webhook is disabled: \(why)", metadata: names)
    case .givenUp:
      metrics.webhook(.givenUp)
      logger.warning("a webhook is given up after 24 h: \(why)", metadata: names)
    }
  }
}
