internal import Reporting
internal import Sealing

// Events, and where they are sent.
extension APIOperations {
  private static let webhook = APIOperation.Parameter(
    "webhook", in: .path, "An endpoint's name.",
    APISchema.pattern("^whk_[0-9a-f]{16}$", "whk_0f3a9c5d17e2b684"))

  private static func json(_ schema: JSONValue) -> [(type: String, schema: JSONValue)] {
    [("application/json", schema)]
  }

  private static let withSecret: JSONValue = [
    "allOf": [
      APISchema.named("Webhook"),
      APISchema.object([("secret", APISchema.pattern("^whsec_", "whsec_…"))]),
    ]
  ]

  static var telling: [APIOperation] {
    [
      APIOperation(
        .get, "/v1/events", "listEvents",
        "Lists events in the order in which they were announced, a page at a time.",
        by: .token(.read),
        parameters: [
          .init("after", "The `next` of the page before.", APISchema.count),
          .init("type", "Only those of this type.", APISchema.choice(EventType.allCases)),
        ],
        answers: json(
          APISchema.object(
            [("events", APISchema.list(APISchema.named("Event")))],
            optional: [("next", APISchema.count)]))),
      APIOperation(
        .get, "/v1/webhooks", "listWebhooks", "Lists the endpoints that are told of events.",
        by: .token(.webhooks),
        answers: json(
          APISchema.object([("webhooks", APISchema.list(APISchema.named("Webhook")))]))),
      adding,
    ] + changing
  }

  private static var adding: APIOperation {
    APIOperation(
      .post, "/v1/webhooks", "addWebhook",
      "Adds an endpoint, and shows its secret, this once.", by: .token(.webhooks),
      body: APIOperation.Body(
        schema: APISchema.object(
          [
            (
              "url",
              [
                "type": "string", "pattern": "^[hH][tT][tT][pP][sS]?://[!-~]+$",
                "maxLength": .integer(WebhookAddress.maximumLength),
                "examples": ["https://hooks.vendor.example/tally"],
                "description": .string(
                  "https, or http on the gateway's own machine; no user, password or fragment."),
              ]
            )
          ],
          optional: [
            (
              "types",
              [
                "type": "array", "items": APISchema.choice(EventType.allCases), "minItems": 1,
                "uniqueItems": true, "maxItems": .integer(EventType.allCases.count),
              ]
            ),
            (
              "note",
              [
                "type": "string", "maxLength": .integer(WebhookService.noteLimit),
                "description": .string(
                  "At most \(WebhookService.noteLimit) bytes of UTF-8, no control characters."),
              ]
            ),
          ], closed: true), limit: WebhookRoutes.limit), answers: json(withSecret),
      codes: [.conflict])
  }

  private static func act(
    _ verb: String, _ id: String, _ summary: String, body: JSONValue? = nil, answer: JSONValue,
    codes: [Problem.Code] = []
  ) -> APIOperation {
    APIOperation(
      .post, "/v1/webhooks/{webhook}/\(verb)", id, summary, by: .token(.webhooks),
      parameters: [webhook],
      body: body.map { APIOperation.Body(schema: $0, limit: WebhookRoutes.limit) },
      answers: json(answer), codes: [.notFound] + codes)
  }

  private static var changing: [APIOperation] {
    let hours = WebhookService.keepHours
    return [
      act(
        "remove", "removeWebhook", "Removes an endpoint; what waits for it is given up.",
        answer: APISchema.object([("id", APISchema.text), ("removed", APISchema.flag)])),
      act(
        "rotate", "rotateWebhook",
        "Makes a new secret, and shows it, this once; the former one signs beside it for a while.",
        body: APISchema.object(
          [],
          optional: [
            (
              "hours",
              [
                "type": "integer", "minimum": .integer(hours.lowerBound),
                "maximum": .integer(hours.upperBound),
              ]
            )
          ], closed: true), answer: withSecret, codes: [.conflict]),
      act(
        "test", "testWebhook",
        "Sends an event of type webhook.test at once, and says what was answered.",
        answer: APISchema.object(
          [("delivered", APISchema.flag)],
          optional: [("status", APISchema.count), ("error", APISchema.text)])),
      act(
        "replay", "replayWebhook", "Sends kept events anew: one, or all since an instant.",
        body: APISchema.object(
          [],
          optional: [
            (
              "event",
              APISchema.pattern("^evt_[0-9a-f]{32}$", "evt_0123456789abcdef0123456789abcdef")
            ),
            ("since", APISchema.count),
          ], closed: true),
        answer: APISchema.object([("queued", APISchema.count)]), codes: [.conflict]),
      APIOperation(
        .get, "/v1/webhooks/{webhook}/deliveries", "listDeliveries",
        "Lists what was sent to an endpoint, the latest event first, a page at a time.",
        by: .token(.webhooks),
        parameters: [
          webhook, .init("before", "The `next` of the page before.", APISchema.count),
          .init(
            "state", "Only those in this state.", APISchema.choice(WebhookDelivery.State.allCases)),
        ],
        answers: json(
          APISchema.object(
            [("deliveries", APISchema.list(APISchema.named("Delivery")))],
            optional: [("next", APISchema.count)])), codes: [.notFound]),
    ]
  }
}

extension APISchema {
  static var webhook: JSONValue {
    object(
      [
        ("id", text), ("url", text), ("types", list(choice(EventType.allCases))), ("note", text),
        ("created_at", count),
      ], optional: [("former_secret_until", count), ("disabled_at", count)])
  }

  static var delivery: JSONValue {
    object(
      [
        ("event", text), ("position", count), ("type", text),
        ("state", choice(WebhookDelivery.State.allCases)), ("attempts", count), ("begun_at", count),
      ],
      optional: [
        ("next_at", count), ("tried_at", count), ("status", count), ("error", text),
        ("delivered_at", count), ("given_up_at", count),
      ])
  }

  static var event: JSONValue {
    object(
      [
        ("position", count), ("id", text), ("type", text), ("at", count), ("data", anyObject),
      ], optional: [("line", line), ("installation", thumbprint)])
  }
}
