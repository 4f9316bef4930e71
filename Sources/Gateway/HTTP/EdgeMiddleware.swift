internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Reporting
internal import Sealing
internal import Serving

/// What the world is let do: how often an address may ask, and who sees how the process does.
package struct Edge: Sendable {
  /// Paths that tell of the process, for its own machine and for whoever watches it.
  static let ofProcess: Set<String> = ["/metrics", "/readyz"]
  /// Paths that any balancer asks, at no cost.
  static let free: Set<String> = ["/healthz"]

  private let proxies: PeerList
  private let monitors: PeerList
  private let addresses: RateLimiter<String>?

  package init(_ settings: EdgeSettings = EdgeSettings()) {
    proxies = settings.proxies
    monitors = settings.monitors
    addresses = settings.perAddress > 0 ? RateLimiter(perMinute: settings.perAddress) : nil
  }

  /// - Throws: ``Problem`` `FORBIDDEN`, `RATE_LIMITED`.
  func require(_ headers: HTTPFields, of peer: Peer, at path: String) throws(Problem) {
    guard !Self.free.contains(path) else { return }
    let client = ClientAddress(headers, peer: peer, proxies: proxies)
    guard !Self.ofProcess.contains(path) else { return try requireMonitor(client) }
    guard let addresses, let key = key(client, peer) else { return }
    guard let seconds = addresses.wait(of: key, at: Self.microseconds) else { return }
    throw .tooFast("requests from this address", seconds)
  }

  private func requireMonitor(_ client: ClientAddress) throws(Problem) {
    switch client {
    case .absent: return
    case .address(let text) where monitors.admits(.address(text)): return
    case .address, .malformed:
      throw Problem(
        .forbidden,
        "this path is for this machine and for peers that the setting metrics-from lists")
    }
  }

  /// Who has one allowance: an IPv4 address, or the /64 of an IPv6 one, of which everyone has many. Nil
  /// for this machine and for listed proxies that name nobody.
  private func key(_ client: ClientAddress, _ peer: Peer) -> String? {
    switch client {
    case .absent: nil
    case .malformed: "malformed"
    case .address(let text):
      proxies.lists(.address(text)) ? nil : ClientAddress.network(text)
    }
  }

  /// Of a clock that never goes back.
  static var microseconds: Int64 { Int64(NIODeadline.now().uptimeNanoseconds / 1000) }
}

extension Problem {
  /// - Parameters:
  ///   - what: what there is too much of, in the plural.
  ///   - seconds: after which one more is let through.
  static func tooFast(_ what: String, _ seconds: Int64) -> Problem {
    Problem(
      .rateLimited, "too many \(what): try again in \(seconds) s",
      facts: [JSONMember("retry_after", .integer(seconds))])
  }
}

/// Asks the edge before anything is read of a request's body.
struct EdgeMiddleware: RouterMiddleware {
  let edge: Edge

  func handle(
    _ request: Request, context: PeerContext,
    next: (Request, PeerContext) async throws -> Response
  ) async throws -> Response {
    try edge.require(request.headers, of: context.peer, at: request.uri.path)
    return try await next(request, context)
  }
}
