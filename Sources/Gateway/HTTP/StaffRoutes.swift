internal import Billing
internal import CivilTime
internal import HTTPTypes
internal import Hummingbird
internal import Licensing
internal import Reporting
internal import Sealing
internal import Serving

/// What the vendor's staff and programs ask, each with a bearer token.
struct StaffRoutes {
  static let publicationLimit = 16 * 1024 * 1024

  let gateway: Gateway

  func add(to table: RouteTable) {
    table.on("v1/publications", .put) { request, _ in
      try await gateway.tokens.require(.publish, of: request.bearerToken())
      let publication = try Publication(
        try await request.bytes(upTo: Self.publicationLimit))
      return Response(json: try await gateway.publications.publish(publication).json)
    }
    read("v1/installations", in: table) { request, _ in
      let query = try Query(request, allowing: ["line", "after"])
      let line = try query.parsed("line", "a line such as lin_…") { LineID($0) }
      let cursor = try query.parsed("after", "an installation's thumbprint") { Thumbprint($0) }
      let (page, next) = try await gateway.installations.page(line: line, after: cursor)
      var members = [JSONMember("installations", .array(page))]
      if let next { members.append(JSONMember("next", next.json)) }
      return .object(members)
    }
    read("v1/installations/:thumbprint", in: table) { request, context in
      _ = try Query(request, allowing: [])
      return try await gateway.installations.show(try Self.installation(context))
    }
    read("v1/installations/:thumbprint/days", in: table) { request, context in
      let query = try Query(request, allowing: ["month"])
      return try await gateway.installations.days(
        of: try Self.installation(context), in: try Self.month(query))
    }
    read("v1/installations/:thumbprint/days/:date", in: table) { request, context in
      _ = try Query(request, allowing: [])
      return try await gateway.statements.explain(
        try Self.installation(context), on: try Self.date(context)
      ).json
    }
  }

  private func read(
    _ path: RouterPath, in table: RouteTable,
    _ handler: @escaping @Sendable (Request, RouteTable.Context) async throws -> JSONValue
  ) {
    table.on(path, .get) { request, context in
      try await gateway.tokens.require(.read, of: request.bearerToken())
      return Response(json: try await handler(request, context))
    }
  }

  static func month(_ query: Query) throws -> Month {
    guard let month = try query.parsed("month", "a month such as 2026-11", { Month($0) }) else {
      throw Problem(.malformed, "query parameter month is missing, such as month=2026-11")
    }
    return month
  }

  private static func date(_ context: RouteTable.Context) throws -> CivilDate {
    guard let date = context.parameters.get("date").flatMap({ CivilDate($0) }) else {
      throw Problem(.notFound, "a date is written as 2026-11-21")
    }
    return date
  }

  static func installation(_ context: RouteTable.Context) throws -> Thumbprint {
    guard let thumbprint = context.parameters.get("thumbprint").flatMap({ Thumbprint($0) }) else {
      throw Problem(.notFound, "an installation's name has 43 characters: list them")
    }
    return thumbprint
  }
}
