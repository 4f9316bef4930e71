import AsyncHTTPClient
import NIOCore
import NIOPosix
import Reporting
import Sealing
import Testing
import Verifier

@Suite struct HTTPGatewayClientTests {
  /// Answers whatever it is sent with a head and half a body, and then says nothing more.
  private final class HalfAnswer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let answer = ByteBuffer(
        string: "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
      context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a gateway that stops within its answer is given up`() async throws {
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(HalfAnswer())
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let port = try #require(server.localAddress?.port)
    let transport = GatewayTransport(.direct)
    let client = HTTPGatewayClient(transport, deadline: .milliseconds(300))
    let gateway = try #require(GatewayAddress("http://127.0.0.1:\(port)"))
    let reply = await client.activate(
      ActivationRequest(license: "a.b.c", enrolment: "a.b.c"), at: gateway)
    #expect(
      reply
        == .unreachable("\(gateway.url("/v1/activations")): HTTP: no whole answer in time"))
    await transport.shutdown()
    try await server.close()
  }

  @Test func `a connection that says nothing within an answer is bounded too`() {
    #expect(HTTPGatewayClient.configuration.timeout.read == .seconds(90))
  }
}
