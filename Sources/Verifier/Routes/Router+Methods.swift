internal import HTTPTypes
internal import Hummingbird
internal import Reporting
internal import Serving

extension Router<PeerContext> {
  /// Every method that the server reads from the wire.
  static var everyMethod: [HTTPRequest.Method] {
    let names = [
      "ACL", "BIND", "CHECKOUT", "CONNECT", "COPY", "DELETE", "GET", "HEAD", "LINK", "LOCK",
      "M-SEARCH", "MERGE", "MKACTIVITY", "MKCALENDAR", "MKCOL", "MOVE", "NOTIFY", "OPTIONS",
      "PATCH", "POST", "PROPFIND", "PROPPATCH", "PURGE", "PUT", "REBIND", "REPORT", "SEARCH",
      "SOURCE", "SUBSCRIBE", "TRACE", "UNBIND", "UNLINK", "UNLOCK", "UNSUBSCRIBE",
    ]
    return names.compactMap { HTTPRequest.Method($0) }
  }

  /// Declares the one method of a path; with GET goes HEAD (RFC 9110 section 9.3.2). Any other is
  /// answered by a problem that names those that are taken (section 15.5.6).
  func only(
    _ method: HTTPRequest.Method, _ path: RouterPath,
    _ handler: @escaping @Sendable (Request, PeerContext) async throws -> Response
  ) {
    on(path, method: method, use: handler)
    if method == .get {
      on(path, method: .head) { request, context in
        try await handler(request, context).createHeadResponse()
      }
    }
    let taken: [HTTPRequest.Method] = method == .get ? [.get, .head] : [method]
    let allow = taken.map(\.rawValue).joined(separator: ", ")
    for other in Self.everyMethod where !taken.contains(other) {
      on(path, method: other) { _, _ in
        var response = Response(
          Problem(.methodNotAllowed, "this path takes \(allow): use that method"))
        response.headers[.allow] = allow
        return response
      }
    }
  }
}
