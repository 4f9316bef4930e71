internal import HTTPTypes
internal import Hummingbird
internal import Reporting
internal import Sealing
internal import Serving

/// Where events are sent, and what became of them: for the vendor's staff, with a bearer token of scope
/// `webhooks`; the events themselves with one of scope `read`.
struct WebhookRoutes {
  static let limit = 16 * 1024

  let gateway: Gateway

  func add(to table: RouteTable) {
    table.on("v1/webhooks", [(.get, list), (.post, create)])
    act("remove", in: table) { id in
      try await gateway.webhooks.remove(id)
      return ["id": .string(id), "removed": true]
    }
    read("rotate", in: table) { id, reader in
      let hours = try reader.optionalInteger("hours", in: WebhookService.keepHours)
      try reader.end()
      return try await gateway.webhooks.rotate(
        id, keeping: hours ?? WebhookService.usualKeepHours
      ).jsonWithSecret
    }
    act("test", in: table) { try await gateway.webhooks.test($0).json }
    read("replay", in: table) { id, reader in
      let event = try reader.optionalString("event", maximum: 64)
      let since = try reader.optionalInstant("since")
      try reader.end()
      guard (event == nil) != (since == nil) else {
        throw Problem(.malformed, "give one of event and since")
      }
      let count = try await gateway.webhooks.replay(to: id, event: event, since: since ?? 0)
      return ["queued": .integer(count)]
    }
    table.on("v1/webhooks/:webhook/deliveries", .get, deliveries)
    table.on("v1/events", .get, events)
  }

  private func list(_ request: Request, _ context: RouteTable.Context) async throws -> Response {
    try await gateway.tokens.require(.webhooks, of: request.bearerToken())
    _ = try Query(request, allowing: [])
    return Response(json: ["webhooks": .array(try await gateway.webhooks.list().map(\.json))])
  }

  private func create(_ request: Request, _ context: RouteTable.Context) async throws -> Response {
    try await gateway.tokens.require(.webhooks, of: request.bearerToken())
    let bytes = try await request.bytes(upTo: Self.limit)
    do {
      var reader = try ObjectReader(try JSONScanner.scan(bytes, maximumDepth: 3))
      try reader.requireDistinctNames()
      let url = try reader.string("url", maximum: WebhookAddress.maximumLength)
      let note = try reader.optionalString("note", maximum: WebhookService.noteLimit)
      let types = try Self.types(reader.optional("types"))
      try reader.end()
      let webhook = try await gateway.webhooks.add(url, types: types, note: note ?? "")
      return Response(json: webhook.jsonWithSecret)
    } catch let refusal as Refusal { throw Problem(refusal) }
  }

  private static func types(_ value: JSONValue?) throws(Problem) -> Set<EventType>? {
    guard let value else { return nil }
    guard case .array(let names) = value else {
      throw Problem(.malformed, "types must be an array of types of events")
    }
    let types = names.compactMap { $0.string.flatMap { EventType(rawValue: $0) } }
    guard types.count == names.count, Set(types).count == types.count, !types.isEmpty else {
      throw Problem(
        .malformed,
        "types must be some of " + EventType.allCases.map(\.rawValue).joined(separator: ", ")
          + ", each once")
    }
    return Set(types)
  }

  private func act(
    _ verb: String, in table: RouteTable,
    _ body: @escaping @Sendable (String) async throws -> JSONValue
  ) {
    table.on("v1/webhooks/:webhook/\(verb)", .post) { request, context in
      try await gateway.tokens.require(.webhooks, of: request.bearerToken())
      return Response(json: try await body(Self.webhook(context)))
    }
  }

  /// The same with a JSON body.
  private func read(
    _ verb: String, in table: RouteTable,
    _ body: @escaping @Sendable (String, inout ObjectReader) async throws -> JSONValue
  ) {
    table.on("v1/webhooks/:webhook/\(verb)", .post) { request, context in
      try await gateway.tokens.require(.webhooks, of: request.bearerToken())
      let bytes = try await request.bytes(upTo: Self.limit)
      do {
        var reader = try ObjectReader(try JSONScanner.scan(bytes, maximumDepth: 2))
        try reader.requireDistinctNames()
        return Response(json: try await body(Self.webhook(context), &reader))
      } catch let refusal as Refusal { throw Problem(refusal) }
    }
  }

  private static func webhook(_ context: RouteTable.Context) -> String {
    context.parameters.get("webhook") ?? ""
  }

  private func deliveries(
    _ request: Request, _ context: RouteTable.Context
  ) async throws -> Response {
    try await gateway.tokens.require(.webhooks, of: request.bearerToken())
    let query = try Query(request, allowing: ["before", "state"])
    let position = try query.parsed("before", "the next of the page before", Self.position)
    let state = try query.parsed("state", "waiting, delivered or given_up") {
      WebhookDelivery.State(rawValue: $0)
    }
    let (page, next) = try await gateway.webhooks.deliveries(
      of: Self.webhook(context), before: position, state: state)
    return Self.page("deliveries", page.map(\.json), next)
  }

  private func events(_ request: Request, _ context: RouteTable.Context) async throws -> Response {
    try await gateway.tokens.require(.read, of: request.bearerToken())
    let query = try Query(request, allowing: ["after", "type"])
    let position = try query.parsed("after", "the next of the page before", Self.position)
    let type = try query.parsed("type", "a type of event such as installation.activated") {
      EventType(rawValue: $0)
    }
    let (page, next) = try await gateway.webhooks.events(after: position ?? 0, type: type)
    return Self.page("events", page.map(\.json), next)
  }

  private static func position(_ text: String) -> Int64? {
    guard let value = JSONValue.number(text).integer, SealedLimits.counts.contains(value) else {
      return nil
    }
    return value
  }

  private static func page(_ name: String, _ page: [JSONValue], _ next: Int64?) -> Response {
    var members = [JSONMember(name, .array(page))]
    if let next { members.append(JSONMember("next", .integer(next))) }
    return Response(json: .object(members))
  }
}
