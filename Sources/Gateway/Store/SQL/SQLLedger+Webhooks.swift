internal import Licensing
internal import Sealing

// The endpoints that are told of events.
extension SQLLedger {
  private static var webhookColumns: String {
    "id, url, types, secret, former_secret, former_until, note, created_at, disabled_at"
  }

  func webhooks() throws -> [Webhook] {
    try rows(
      """
      SELECT \(Self.webhookColumns) FROM webhooks WHERE removed_at IS NULL
      ORDER BY created_at, id
      """
    ).map { try $0.webhook() }
  }

  func webhook(_ id: String) throws -> Webhook? {
    try firstRow(
      "SELECT \(Self.webhookColumns) FROM webhooks WHERE id = $1 AND removed_at IS NULL", [id]
    ).map { try $0.webhook() }
  }

  func add(_ webhook: Webhook) throws {
    try execute(
      """
      INSERT INTO webhooks (id, url, types, secret, former_secret, former_until, note, created_at,
        disabled_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
      """,
      [
        webhook.id, webhook.url, webhook.typesText, webhook.secret.text, webhook.former?.text,
        webhook.formerUntil, webhook.note, webhook.createdAt, webhook.disabledAt,
      ])
  }

  func setSecrets(of webhook: Webhook) throws {
    try execute(
      "UPDATE webhooks SET secret = $1, former_secret = $2, former_until = $3 WHERE id = $4",
      [webhook.secret.text, webhook.former?.text, webhook.formerUntil, webhook.id])
  }

  func removeWebhook(_ id: String, at now: Int64) throws -> Bool {
    let removed = try execute(
      """
      UPDATE webhooks SET removed_at = $1, secret = '', former_secret = NULL, former_until = NULL
      WHERE id = $2 AND removed_at IS NULL
      """, [now, id])
    try giveUpWaiting(of: id, at: now, "the endpoint was removed")
    return removed > 0
  }

  func disableWebhook(_ id: String, at now: Int64) throws {
    try execute(
      "UPDATE webhooks SET disabled_at = $1 WHERE id = $2 AND disabled_at IS NULL", [now, id])
    try giveUpWaiting(of: id, at: now, "the endpoint answered that it is gone")
  }

  func enableWebhook(_ id: String) throws {
    try execute("UPDATE webhooks SET disabled_at = NULL WHERE id = $1", [id])
  }

  private func giveUpWaiting(of webhook: String, at now: Int64, _ why: String) throws {
    try execute(
      """
      UPDATE deliveries SET given_up_at = $1, error = $2
      WHERE webhook = $3 AND delivered_at IS NULL AND given_up_at IS NULL
      """, [now, why, webhook])
  }
}

extension LedgerRow {
  func event() throws -> StoredEvent {
    let data = try? JSONScanner.scan(Array(try text("data").utf8), maximumDepth: 8)
    return StoredEvent(
      position: try number("position"), id: try text("id"), type: try text("type"),
      line: try optionalText("line").map { try sound(LineID($0)) },
      installation: try optionalThumbprint("installation"), data: try sound(data),
      at: try number("at"))
  }

  func delivery() throws -> WebhookDelivery {
    WebhookDelivery(
      webhook: try text("webhook"), event: try event(), attempts: try number("attempts"),
      nextAt: try number("next_at"), begunAt: try number("begun_at"),
      triedAt: try optionalNumber("tried_at"), status: try optionalNumber("status"),
      error: try optionalText("error"), deliveredAt: try optionalNumber("delivered_at"),
      givenUpAt: try optionalNumber("given_up_at"))
  }

  func webhook() throws -> Webhook {
    Webhook(
      id: try text("id"), url: try text("url"),
      types: try sound(Webhook.types(try text("types"))),
      secret: try sound(WebhookSecret(try text("secret"))),
      former: try optionalText("former_secret").map { try sound(WebhookSecret($0)) },
      formerUntil: try optionalNumber("former_until"), note: try text("note"),
      createdAt: try number("created_at"), disabledAt: try optionalNumber("disabled_at"))
  }
}
