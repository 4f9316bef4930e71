internal import AsyncHTTPClient
internal import Synchronization

/// The HTTP clients by which gateways are reached; which one, the egress says.
package final class GatewayTransport: Sendable {
  private struct State {
    var egress: Egress
    var direct: HTTPClient
    var proxied: HTTPClient?
    /// Clients of ways that are not gone any more; what is in flight by them ends by itself.
    var retired: [HTTPClient] = []
  }

  private let state: Mutex<State>

  package init(_ egress: Egress) {
    state = Mutex(Self.state(egress))
  }

  private static func state(_ egress: Egress) -> State {
    State(
      egress: egress, direct: client(egress, proxied: false),
      proxied: egress.proxy == nil ? nil : client(egress, proxied: true))
  }

  private static func client(_ egress: Egress, proxied: Bool) -> HTTPClient {
    HTTPClient(
      eventLoopGroupProvider: .singleton, configuration: egress.configuration(proxied: proxied))
  }

  /// The way from now on; an exchange that has begun ends as it began.
  package func use(_ egress: Egress) {
    state.withLock { state in
      guard egress != state.egress else { return }
      let retired = state.retired + [state.direct] + [state.proxied].compactMap { $0 }
      state = Self.state(egress)
      state.retired = retired
    }
  }

  /// The client for a gateway, and the proxy that it asks.
  func route(to gateway: GatewayAddress) -> (client: HTTPClient, proxy: ProxyAddress?) {
    state.withLock { state in
      let proxy = state.egress.proxy(for: gateway)
      return (proxy == nil ? state.direct : state.proxied ?? state.direct, proxy)
    }
  }

  /// Closes every connection; nothing can be sent any more.
  package func shutdown() async {
    let clients = state.withLock { state in
      state.retired + [state.direct] + [state.proxied].compactMap { $0 }
    }
    for client in clients { try? await client.shutdown() }
  }
}
