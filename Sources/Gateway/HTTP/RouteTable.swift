internal import HTTPTypes
internal import Hummingbird
internal import Reporting
internal import Serving

/// The paths of the gateway. Every path answers every method: those that it does not take with a problem
/// that names those that it does (RFC 9110 section 15.5.6).
struct RouteTable {
  typealias Context = PeerContext
  typealias Handler = @Sendable (Request, Context) async throws -> Response

  /// QUERY is the one that HTTP got last; it has no name in the library.
  private static let methods: [HTTPRequest.Method] =
    [.get, .head, .post, .put, .patch, .delete, .options, .trace]
    + [HTTPRequest.Method("QUERY")].compactMap(\.self)

  private let router: Router<Context>

  init(_ router: Router<Context>) { self.router = router }

  /// Declares the one method of a path.
  func on(
    _ path: RouterPath, _ method: HTTPRequest.Method, _ handler: @escaping Handler
  ) {
    on(path, [(method, handler)])
  }

  /// Declares the methods of a path.
  func on(_ path: RouterPath, _ methods: [(method: HTTPRequest.Method, handler: Handler)]) {
    var taken: Set<HTTPRequest.Method> = []
    for (method, handler) in methods {
      router.on(path, method: method, use: handler)
      taken.insert(method)
      guard method == .get else { continue }
      router.on(path, method: .head) { request, context in
        try await handler(request, context).createHeadResponse()
      }
      taken.insert(.head)
    }
    let allow = taken.map(\.rawValue).sorted().joined(separator: ", ")
    for other in Self.methods where !taken.contains(other) {
      router.on(path, method: other) { _, _ in
        var response = Response(
          Problem(.methodNotAllowed, "this path takes \(allow): use that method"))
        response.headers[.allow] = allow
        return response
      }
    }
  }
}
