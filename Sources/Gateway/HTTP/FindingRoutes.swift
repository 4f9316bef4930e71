internal import HTTPTypes
internal import Hummingbird
internal import Licensing
internal import Reporting
internal import Sealing
internal import Serving

/// What the vendor's staff see of findings (scope `read`), and do about them (scope `decide`).
struct FindingRoutes {
  let gateway: Gateway

  func add(to table: RouteTable) {
    table.on("v1/findings", .get) { request, _ in
      try await gateway.tokens.require(.read, of: request.bearerToken())
      let (filter, cursor) = try Self.filter(request)
      let (page, next) = try await gateway.findings.page(filter, after: cursor)
      var members = [JSONMember("findings", .array(page))]
      if let next { members.append(JSONMember("next", next.json)) }
      return Response(json: .object(members))
    }
    table.on("v1/findings/:finding", .get) { request, context in
      try await gateway.tokens.require(.read, of: request.bearerToken())
      _ = try Query(request, allowing: [])
      return Response(json: try await gateway.findings.show(try Self.finding(context)))
    }
    act("acknowledge", in: table) { id, word, reader in
      let owner = try reader.optionalString("owner", maximum: 1024)
      let note = try reader.optionalString("note", maximum: 8192)
      try reader.end()
      return try await gateway.findings.acknowledge(id, owner: owner, note: note, word)
    }
    act("resolve", in: table) { id, word, reader in
      let resolution: LedgerFinding.Resolution = try reader.choice("resolution")
      try reader.end()
      return try await gateway.findings.resolve(id, as: resolution, word)
    }
    act("reopen", in: table) { id, word, reader in
      try reader.end()
      return try await gateway.findings.reopen(id, word)
    }
  }

  private static func filter(
    _ request: Request
  ) throws(Problem) -> (FindingFilter, FindingID?) {
    let query = try Query(request, allowing: ["state", "code", "line", "installation", "after"])
    let states = LedgerFinding.State.allCases.map(\.rawValue).joined(separator: ", ")
    let filter = FindingFilter(
      state: try query.parsed("state", "one of \(states)") { LedgerFinding.State(rawValue: $0) },
      code: try query.parsed("code", "a finding's code such as SILENT") {
        LedgerFinding.Code(rawValue: $0)
      },
      line: try query.parsed("line", "a line such as lin_…") { LineID($0) },
      installation: try query.parsed("installation", "an installation's thumbprint") {
        Thumbprint($0)
      })
    return (filter, try query.parsed("after", "a finding such as fnd_7") { FindingID($0) })
  }

  private func act(
    _ verb: String, in table: RouteTable,
    _ body:
      @escaping @Sendable (FindingID, StaffWord, inout ObjectReader) async throws -> FindingAnswer
  ) {
    table.on("v1/findings/:finding/\(verb)", .post) { request, context in
      try await gateway.tokens.require(.decide, of: request.bearerToken())
      let id = try Self.finding(context)
      return Response(
        json: try await StaffWord.read(request) { word, reader in
          try await body(id, word, &reader).json
        })
    }
  }

  private static func finding(_ context: RouteTable.Context) throws -> FindingID {
    guard let id = context.parameters.get("finding").flatMap({ FindingID($0) }) else {
      throw Problem(.notFound, "a finding's name is such as fnd_7: list them")
    }
    return id
  }
}
