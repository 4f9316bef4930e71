internal import HTTPTypes
package import Hummingbird
internal import Metering
internal import Reporting
package import Sealing
package import Serving

/// Who is there, for whoever has the installation's token, and for whoever can open the socket.
package struct CollectorRoutes: Sendable {
  private let desk: ControlDesk

  package init(_ desk: ControlDesk) {
    self.desk = desk
  }

  package func add(to router: Router<PeerContext>) {
    router.only(.get, "/v1/collectors") { request, _ in
      try requireToken(request, desk)
      return try await page(request)
    }
  }

  package func addControl(to router: Router<PeerContext>) {
    router.only(.get, "/v1/control/collectors") { request, _ in try await page(request) }
  }

  private func page(_ request: Request) async throws -> Response {
    let query: InventoryQuery
    do throws(Refusal) { query = try InventoryQuery(reading: request.uri.query ?? "") } catch {
      throw Problem(error)
    }
    do throws(VerifierError) {
      return Response(
        json: try await desk.steadily { () async throws(VerifierError) in
          try await desk.collectors(query)
        })
    } catch { throw Problem(error) }
  }
}

extension InventoryQuery {
  /// Reads `kind`, `host`, `prefix`, `online`, `limit` and `after` of a URI's query.
  /// - Throws: ``Refusal`` `MALFORMED` for any other parameter, one that stands twice, and a value of
  ///   the wrong form: what was not asked for must not look like an answer.
  package init(reading text: String) throws(Refusal) {
    self.init()
    var seen: Set<String> = []
    for pair in text.utf8.split(separator: UInt8(ascii: "&")) {
      let parts = pair.split(
        separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = OriginalURI.decoded(parts[0]),
        let value = OriginalURI.decoded(parts.count > 1 ? parts[1] : ""[...].utf8)
      else { throw .malformed("the query is wrongly escaped") }
      guard seen.insert(name).inserted else {
        throw .malformed("\(name.prefix(32)) stands twice: give it once")
      }
      try take(name, value)
    }
  }

  /// Goes on where a page ended.
  /// - Returns: false for a text that no page ended with.
  package mutating func go(behind cursor: String?) -> Bool {
    guard let cursor else { return true }
    after = CollectorIdentity(cursor: cursor)
    return after != nil
  }

  /// The query that ``init(reading:)`` reads.
  var text: String {
    var pairs = ["limit=\(limit)"]
    if let kind { pairs.append("kind=\(ControlClient.escaped(kind))") }
    if let host { pairs.append("host=\(ControlClient.escaped(host))") }
    if !prefix.isEmpty { pairs.append("prefix=\(ControlClient.escaped(prefix))") }
    if let isOnline { pairs.append("online=\(isOnline)") }
    if let after { pairs.append("after=\(after.cursor)") }
    return pairs.joined(separator: "&")
  }

  private mutating func take(_ name: String, _ value: String) throws(Refusal) {
    switch name {
    case "kind": kind = value
    case "host": host = value
    case "prefix": prefix = value
    case "online":
      guard value == "true" || value == "false" else {
        throw .malformed("online must be true or false")
      }
      isOnline = value == "true"
    case "limit":
      guard let number = Int(value), (1...Self.most).contains(number) else {
        throw .malformed("limit must be a number from 1 to \(Self.most)")
      }
      limit = number
    case "after":
      guard go(behind: value) else {
        throw .malformed("after must be the member next of the page before")
      }
    default:
      throw .malformed(
        "there is no parameter \(name.prefix(32)): they are kind, host, prefix, online, limit, after"
      )
    }
  }
}
