internal import Licensing
internal import Sealing

// Events and who is told of them.
extension SQLLedger {
  private static var eventColumns: String {
    "position, events.id, type, line, installation, data, events.at"
  }

  func events(after position: Int64, type: EventType?, limit: Int) throws -> [StoredEvent] {
    try rows(
      """
      SELECT \(Self.eventColumns) FROM events
      WHERE position > $1 AND (CAST($2 AS text) IS NULL OR type = $2) ORDER BY position LIMIT $3
      """, [position, type?.rawValue, limit]
    ).map { try $0.event() }
  }

  func isAnnounced(_ event: GatewayEvent) throws -> Bool {
    try firstRow("SELECT position FROM events WHERE key = $1", [event.key]) != nil
  }

  func forgettableEvents(before instant: Int64, limit: Int) throws -> [Int64] {
    try rows(
      """
      SELECT position FROM events WHERE at < $1 AND NOT EXISTS (
        SELECT 1 FROM deliveries WHERE event = events.position
          AND delivered_at IS NULL AND given_up_at IS NULL)
      ORDER BY at, position LIMIT $2
      """, [instant, limit]
    ).map { try $0.number("position") }
  }

  @discardableResult
  func announce(_ event: GatewayEvent, at now: Int64) throws -> Bool {
    let added = try execute(
      """
      INSERT INTO events (id, key, type, line, installation, data, at)
      VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (key) DO NOTHING
      """,
      [
        event.id, event.key, event.type.rawValue, event.line?.text, event.installation?.text,
        JSONValue.object(event.data).text, now,
      ])
    guard added > 0 else { return false }
    try execute(
      """
      INSERT INTO deliveries (webhook, event, attempts, next_at, begun_at)
      SELECT webhooks.id, events.position, 0, events.at, events.at FROM webhooks, events
      WHERE events.key = $1 AND removed_at IS NULL AND disabled_at IS NULL
        AND (types = '*' OR ',' || types || ',' LIKE '%,' || events.type || ',%')
      """, [event.key])
    return true
  }

  func forgetEvents(_ positions: [Int64]) throws {
    for position in positions {
      try execute("DELETE FROM deliveries WHERE event = $1", [position])
      try execute("DELETE FROM events WHERE position = $1", [position])
    }
  }

  // MARK: Deliveries

  private static var deliveryColumns: String {
    """
    \(eventColumns), webhook, attempts, next_at, begun_at, tried_at, status, error, delivered_at,
    given_up_at
    """
  }
  private static var deliveryTables: String {
    "deliveries JOIN events ON events.position = deliveries.event"
  }
  private static var waiting: String { "delivered_at IS NULL AND given_up_at IS NULL" }

  func deliveries(
    of webhook: String, before position: Int64?, state: WebhookDelivery.State?, limit: Int
  ) throws -> [WebhookDelivery] {
    let condition =
      switch state {
      case nil: ""
      case .waiting: "AND \(Self.waiting)"
      case .delivered: "AND delivered_at IS NOT NULL"
      case .givenUp: "AND given_up_at IS NOT NULL"
      }
    return try rows(
      """
      SELECT \(Self.deliveryColumns) FROM \(Self.deliveryTables)
      WHERE webhook = $1 AND event < $2 \(condition) ORDER BY event DESC LIMIT $3
      """, [webhook, position ?? Int64.max, limit]
    ).map { try $0.delivery() }
  }

  func dueWebhooks(at now: Int64) throws -> [String] {
    try rows(
      """
      SELECT id FROM webhooks WHERE removed_at IS NULL AND disabled_at IS NULL AND EXISTS (
        SELECT 1 FROM deliveries WHERE webhook = webhooks.id AND next_at <= $1
          AND \(Self.waiting))
      ORDER BY id
      """, [now]
    ).map { try $0.text("id") }
  }

  func dueDeliveries(of webhook: String, at now: Int64, limit: Int) throws -> [WebhookDelivery] {
    try rows(
      """
      SELECT \(Self.deliveryColumns) FROM \(Self.deliveryTables)
      WHERE webhook = $1 AND next_at <= $2 AND \(Self.waiting)
      ORDER BY next_at, event LIMIT $3
      """, [webhook, now, limit]
    ).map { try $0.delivery() }
  }

  func oldestDelivery() throws -> Int64? {
    try firstRow("SELECT min(begun_at) AS begun_at FROM deliveries WHERE \(Self.waiting)")
      .flatMap { try $0.optionalNumber("begun_at") }
  }

  func claim(_ delivery: WebhookDelivery, until: Int64) throws -> Bool {
    try execute(
      """
      UPDATE deliveries SET next_at = $1, attempts = attempts + 1
      WHERE webhook = $2 AND event = $3 AND next_at = $4 AND attempts = $5 AND \(Self.waiting)
      """,
      [until, delivery.webhook, delivery.event.position, delivery.nextAt, delivery.attempts]) > 0
  }

  @discardableResult
  func settle(_ claimed: WebhookDelivery, _ outcome: DeliveryOutcome, at now: Int64) throws -> Bool
  {
    let isDelivered = outcome.fate == .delivered
    let isGivenUp = outcome.fate == .givenUp
    var (nextAt, attempts) = (claimed.nextAt, claimed.attempts)
    switch outcome.fate {
    case .delivered, .givenUp: break
    case .again(let instant): nextAt = instant
    case .undone: (nextAt, attempts) = (now, attempts - 1)
    }
    return try execute(
      """
      UPDATE deliveries SET tried_at = $1, status = $2, error = $3, delivered_at = $4,
        given_up_at = $5, next_at = $6, attempts = $7
      WHERE webhook = $8 AND event = $9 AND next_at = $10 AND attempts = $11 AND \(Self.waiting)
      """,
      [
        now, outcome.status, outcome.error, isDelivered ? now : nil, isGivenUp ? now : nil, nextAt,
        attempts, claimed.webhook, claimed.event.position, claimed.nextAt, claimed.attempts,
      ]) > 0
  }

  func replay(
    to webhook: Webhook, event: String?, since: Int64, at now: Int64, limit: Int
  ) throws -> Int {
    try execute(
      """
      INSERT INTO deliveries (webhook, event, attempts, next_at, begun_at)
      SELECT CAST($1 AS text), position, 0, CAST($2 AS bigint), CAST($2 AS bigint) FROM events
      WHERE ((CAST($3 AS text) IS NULL AND events.at >= $4
          AND ($5 = '*' OR ',' || $5 || ',' LIKE '%,' || type || ',%'))
        OR id = $3) ORDER BY position LIMIT $6
      ON CONFLICT (webhook, event) DO UPDATE SET attempts = 0, next_at = excluded.next_at,
        begun_at = excluded.begun_at, delivered_at = NULL, given_up_at = NULL
      """, [webhook.id, now, event, since, webhook.typesText, limit])
  }
}
