internal import Hummingbird
package import HummingbirdCore
internal import Logging
package import NIOCore
internal import NIOSSL

/// What a server that the whole world can reach lets a client take.
package struct EdgeLimits: Sendable {
  /// How long a connection may say nothing, within a request or between two.
  package var idle = TimeAmount.seconds(20)
  /// Until a request's head is whole, from the connection's start or from the answer before.
  package var head = TimeAmount.seconds(20)
  /// Until a request is whole, from its head.
  package var body = TimeAmount.seconds(120)
  /// Bytes of all header fields of a request.
  package var headers = 16 * 1024
  /// Connections of one address at a time.
  package var connections = 256
  /// Whose connections are many clients'.
  package var proxies = PeerList.thisMachine

  package init() {}
}

/// HTTP/1.1 with the limits of an edge, under TLS where there is an identity.
struct EdgeChannel: ServerChildChannel {
  private let channel: HTTP1Channel
  private let tls: TLSIdentity?
  private let count: ConnectionCount

  init(
    _ responder: @escaping HTTPChannelHandler.Responder, _ limits: EdgeLimits, _ tls: TLSIdentity?
  ) {
    self.tls = tls
    count = ConnectionCount(most: limits.connections, proxies: limits.proxies)
    channel = HTTP1Channel(
      responder: responder,
      configuration: HTTP1Channel.Configuration(
        additionalChannelHandlers: [RequestDeadline(head: limits.head, body: limits.body)],
        idleTimeout: limits.idle,
        httpDecoderConfiguration: .init(
          maxHeaderFieldSize: limits.headers, maxHeaderListSize: limits.headers,
          maxHeaderFieldCount: 100)))
  }

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
    guard count.enter(channel) else {
      return channel.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
    }
    guard let tls else { return self.channel.setup(channel: channel, logger: logger) }
    return channel.eventLoop.makeCompletedFuture {
      try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls.context))
    }.flatMap { self.channel.setup(channel: channel, logger: logger) }
  }

  func handle(value: HTTP1Channel.Value, logger: Logger) async {
    await channel.handle(value: value, logger: logger)
  }
}

extension HTTPServerBuilder {
  /// A server at the edge.
  /// - Parameter tls: what it shows of itself; nil speaks plain HTTP.
  package static func edge(_ limits: EdgeLimits, tls: TLSIdentity?) -> HTTPServerBuilder {
    HTTPServerBuilder { responder in EdgeChannel(responder, limits, tls) }
  }
}
