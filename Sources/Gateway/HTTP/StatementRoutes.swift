internal import Billing
internal import HTTPTypes
internal import Hummingbird
internal import Licensing
internal import Platform
internal import Reporting
internal import Sealing
internal import Serving

/// Statements: for the vendor's staff with a bearer token, for an installation by its own seal.
struct StatementRoutes {
  static let fetchLimit = 128 * 1024

  let gateway: Gateway

  func add(to table: RouteTable) {
    table.on("v1/statements", .get) { request, _ in
      try await gateway.tokens.require(.read, of: request.bearerToken())
      let query = try Query(request, allowing: ["license", "line", "month", "format"])
      let month = try StaffRoutes.month(query)
      let format = try query.parsed("format", "json, csv, focus or jws") {
        StatementFormat(rawValue: $0)
      }
      let shown = try await gateway.statements.shown(of: try await line(query), in: month)
      return try answer(shown, as: format ?? .json)
    }
    table.on("v1/statements/final", .post) { request, _ in
      try await gateway.tokens.require(.decide, of: request.bearerToken())
      let query = try Query(request, allowing: ["license", "line", "month"])
      let month = try StaffRoutes.month(query)
      let final = try await gateway.statements.makeFinal(of: try await line(query), in: month)
      return Response(json: final.json)
    }
    table.on("v1/statements/fetch", .post) { request, _ in
      let asked = try StatementRequest(try await request.bytes(upTo: Self.fetchLimit))
      return Response(json: try await gateway.counter.fetch(asked).json)
    }
  }

  /// Tables are not sealed, and need no key for it.
  private func answer(_ shown: ShownStatement, as format: StatementFormat) throws -> Response {
    switch format {
    case .json: return Response(json: try shown.sealed(by: gateway).json)
    case .jws:
      let sealed = try shown.sealed(by: gateway).sealed ?? ""
      return Response(bytes: Array(sealed.utf8), type: "application/jose")
    case .csv: return Response(bytes: shown.statement.csv, type: Self.table)
    case .focus:
      let zone = try ZoneFiles.load(shown.statement.zone)
      return Response(bytes: shown.statement.focus(in: zone), type: Self.table)
    }
  }

  private static let table = "text/csv; charset=utf-8; header=present"

  private func line(_ query: Query) async throws -> LineID {
    let license = try query.parsed("license", "a license such as lic_…") { LicenseID($0) }
    let line = try query.parsed("line", "a line such as lin_…") { LineID($0) }
    switch (license, line) {
    case (let license?, nil): return try await gateway.statements.line(of: license)
    case (nil, let line?): return line
    case (let license?, let line?):
      guard try await gateway.statements.line(of: license) == line else {
        throw Problem(.notFound, "license \(license) is not of line \(line)")
      }
      return line
    case (nil, nil):
      throw Problem(.malformed, "give one of the query parameters license and line")
    }
  }
}
