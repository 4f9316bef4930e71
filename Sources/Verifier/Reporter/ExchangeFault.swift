internal import AsyncHTTPClient
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Serving

/// Why an exchange with a gateway brought no answer: the step at which it ended, and what happened.
package struct ExchangeFault: Error, Sendable, Equatable, CustomStringConvertible {
  /// The steps of an exchange, in their order.
  package enum Step: String, Sendable, CaseIterable {
    /// The name of the gateway or proxy has no address.
    case name = "DNS"
    /// Nothing listens there, or nothing comes back.
    case connection = "TCP"
    /// The proxy does not open a tunnel.
    case proxy = "PROXY"
    /// The certificate is not believed, or no TLS is spoken.
    case tls = "TLS"
    /// The connection stands, but no whole answer came.
    case answer = "HTTP"
  }

  package let step: Step
  package let description: String

  package init(_ step: Step, _ description: String) {
    self.step = step
    self.description = description
  }

  /// - Parameters:
  ///   - gateway: whom the exchange was with.
  ///   - proxy: the proxy between, nil where there was none.
  init(_ error: any Error, gateway: GatewayAddress, proxy: ProxyAddress?) {
    let dialled = proxy.map { "proxy \($0)" } ?? "\(gateway.host):\(gateway.dialledPort)"
    switch error {
    case is Deadline.Exceeded: self.init(.answer, "no whole answer in time")
    case is NIOTooManyBytesError: self.init(.answer, "the answer is too large to be a gateway's")
    case let error as HTTPClientError: self.init(error, dialled)
    case let error as NIOConnectionError: self.init(error, dialled)
    case let error as NIOSSLError: self.init(.tls, Self.words(error))
    case is NIOSSLExtraError:
      self.init(.tls, "the certificate is not for \(gateway.host): check the address")
    case is BoringSSLError: self.init(.tls, "\(error)")
    case let error as IOError:
      self.init(.connection, "\(dialled): \(error.description)")
    case is ChannelError: self.init(.connection, "\(dialled): \(error)")
    default: self.init(.connection, "\(dialled): no connection (\(type(of: error)))")
    }
  }

  private init(_ error: HTTPClientError, _ dialled: String) {
    switch error {
    case .connectTimeout, .getConnectionFromPoolTimeout:
      self.init(.connection, "\(dialled) does not take the connection in time")
    case .proxyAuthenticationRequired:
      self.init(
        .proxy, "\(dialled) asks for a user and password (407): put them into the proxy's address")
    case .invalidProxyResponse:
      self.init(.proxy, "\(dialled) opens no tunnel to the gateway: ask whoever runs it")
    case .httpProxyHandshakeTimeout:
      self.init(.proxy, "\(dialled) does not open the tunnel in time")
    case .tlsHandshakeTimeout:
      self.init(.tls, "the TLS handshake does not end in time")
    case .remoteConnectionClosed:
      self.init(.answer, "\(dialled) closed the connection without an answer")
    default: self.init(.answer, error.shortDescription)
    }
  }

  private init(_ error: NIOConnectionError, _ dialled: String) {
    if let failure = error.connectionErrors.first {
      let words = (failure.error as? IOError)?.description ?? "\(failure.error)"
      self.init(.connection, "\(dialled): \(words)")
    } else if error.dnsAError != nil || error.dnsAAAAError != nil {
      self.init(.name, "the name \(error.host) has no address: check it, and the name server")
    } else {
      self.init(.connection, "\(dialled) does not take the connection in time")
    }
  }

  private static func words(_ error: NIOSSLError) -> String {
    let text = "\(error)"
    if text.contains("CERTIFICATE_VERIFY_FAILED") {
      return "the certificate is of no authority that is trusted here: name the authority's "
        + "certificate with the setting gateway-ca"
    }
    if text.contains("WRONG_VERSION_NUMBER") {
      return "what answers there speaks no TLS: check address and port"
    }
    switch error {
    case .uncleanShutdown, .shutdownFailed: return "the connection was cut within TLS"
    default: return "the TLS handshake fails: \(text.prefix(200))"
    }
  }
}
