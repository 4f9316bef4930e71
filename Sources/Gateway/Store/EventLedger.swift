/// Looking at events and at the endpoints that are told of them.
package protocol EventReading {
  /// A page of events in order of position, all or those of one type.
  func events(after position: Int64, type: EventType?, limit: Int) throws -> [StoredEvent]
  /// Whether the fact was announced.
  func isAnnounced(_ event: GatewayEvent) throws -> Bool
  /// The places of events that are older and nobody waits for any more, the oldest first.
  func forgettableEvents(before instant: Int64, limit: Int) throws -> [Int64]

  /// The endpoints that stand, in order of creation.
  func webhooks() throws -> [Webhook]
  /// Nil for one that does not stand.
  func webhook(_ id: String) throws -> Webhook?
  /// A page of an endpoint's deliveries, the latest event first.
  /// - Parameter position: only events before it.
  func deliveries(
    of webhook: String, before position: Int64?, state: WebhookDelivery.State?, limit: Int
  ) throws -> [WebhookDelivery]
  /// The endpoints that something is due for.
  func dueWebhooks(at now: Int64) throws -> [String]
  /// What is due for an endpoint, the longest due first.
  func dueDeliveries(of webhook: String, at now: Int64, limit: Int) throws -> [WebhookDelivery]
  /// Since when the longest waiting delivery waits, nil where none does.
  func oldestDelivery() throws -> Int64?
}

/// Announcing events, and telling endpoints of them.
package protocol EventWriting: EventReading {
  /// Keeps the event, and a delivery for each endpoint that is told of its type; nothing where the same
  /// fact was announced before.
  /// - Returns: whether it is new.
  @discardableResult
  func announce(_ event: GatewayEvent, at now: Int64) throws -> Bool
  /// Deletes events and their deliveries.
  func forgetEvents(_ positions: [Int64]) throws

  func add(_ webhook: Webhook) throws
  /// Keeps the secrets of an endpoint as they are given.
  func setSecrets(of webhook: Webhook) throws
  /// Takes an endpoint away: its secrets are overwritten, what waits is given up.
  /// - Returns: whether it stood.
  func removeWebhook(_ id: String, at now: Int64) throws -> Bool
  /// Sends an endpoint nothing any more, and gives up what waits.
  func disableWebhook(_ id: String, at now: Int64) throws
  func enableWebhook(_ id: String) throws
  /// Begins deliveries of kept events anew, or for the first time.
  /// - Parameters:
  ///   - event: the one event; nil takes those of the endpoint's types from `since` on.
  ///   - limit: the most that are begun, the earliest first.
  /// - Returns: how many were.
  func replay(
    to webhook: Webhook, event: String?, since: Int64, at now: Int64, limit: Int
  ) throws -> Int

  /// Leaves a delivery to this process until an instant.
  /// - Returns: false where another has it, or it is done.
  func claim(_ delivery: WebhookDelivery, until: Int64) throws -> Bool
  /// Keeps what a try came to.
  /// - Returns: false where the claim had ended: another tries, or has.
  @discardableResult
  func settle(_ claimed: WebhookDelivery, _ outcome: DeliveryOutcome, at now: Int64) throws -> Bool
}
