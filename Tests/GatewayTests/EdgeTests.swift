import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import Serving
import Testing

/// Limits of connections and of the time that requests take to arrive.
@Suite struct EdgeTests {
  private struct Line {
    let loop = EmbeddedEventLoop()
    let channel: EmbeddedChannel

    init() throws {
      channel = EmbeddedChannel(
        handler: RequestDeadline(head: .seconds(20), body: .seconds(120)), loop: loop)
      try channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 1)).wait()
    }

    func head() throws {
      let request = HTTPRequest(method: .post, scheme: "http", authority: "a", path: "/")
      try channel.writeInbound(HTTPRequestPart.head(request))
    }

    func end() throws { try channel.writeInbound(HTTPRequestPart.end(nil)) }

    func answer() throws {
      try channel.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: .ok)))
      try channel.writeOutbound(HTTPResponsePart.end(nil))
    }

    func pass(_ seconds: Int64) { loop.advanceTime(by: .seconds(seconds)) }
  }

  @Test func `a head that does not come ends the connection`() throws {
    let line = try Line()
    line.pass(19)
    #expect(line.channel.isActive)
    line.pass(1)
    #expect(!line.channel.isActive)
  }

  @Test func `a request that drips ends the connection, one in time does not`() throws {
    let line = try Line()
    line.pass(15)
    try line.head()
    for _ in 0..<100 {
      line.pass(1)
      try line.channel.writeInbound(HTTPRequestPart.body(ByteBuffer(string: "x")))
    }
    try line.end()
    // What the answer takes is not the client's time.
    line.pass(600)
    #expect(line.channel.isActive)
    try line.answer()
    line.pass(19)
    try line.head()
    for _ in 0..<119 {
      line.pass(1)
      try line.channel.writeInbound(HTTPRequestPart.body(ByteBuffer(string: "x")))
    }
    #expect(line.channel.isActive)
    line.pass(1)
    #expect(!line.channel.isActive)
  }

  @Test func `a request that comes before the answer to the one before has its own time`() throws {
    let line = try Line()
    try line.head()
    try line.end()
    try line.head()
    line.pass(100)
    try line.answer()
    line.pass(19)
    #expect(line.channel.isActive)
    line.pass(1)
    #expect(!line.channel.isActive)
  }

  @Test func `an address has its share of connections, a listed proxy has no limit`() throws {
    let proxies = try #require(PeerList("10.0.0.5"))
    let count = ConnectionCount(most: 3, proxies: proxies)
    func open(_ address: String) throws -> EmbeddedChannel {
      let channel = EmbeddedChannel()
      channel.remoteAddress = try SocketAddress(ipAddress: address, port: 1)
      return channel
    }
    let first = try (0..<3).map { _ in try open("192.0.2.1") }
    for channel in first { #expect(count.enter(channel)) }
    #expect(!count.enter(try open("192.0.2.1")))
    #expect(count.enter(try open("192.0.2.2")))
    try first[0].close().wait()
    first[0].embeddedEventLoop.run()
    #expect(count.enter(try open("192.0.2.1")))
    #expect(!count.enter(try open("192.0.2.1")))
    for _ in 0..<10 {
      #expect(count.enter(try open("10.0.0.5")))
      #expect(count.enter(try open("127.0.0.1")))
      #expect(count.enter(EmbeddedChannel()))
    }
  }

  @Test(arguments: [
    ("192.0.2.7", "192.0.2.7"), ("2001:db8:0:1::7", "2001:db8:0:1"),
    ("2001:db8:0:1:ffff::1", "2001:db8:0:1"), ("::1", "0:0:0:0"),
  ])
  func `one client has a whole network of IPv6`(_ address: String, _ network: String) {
    let same = ClientAddress.network(address)
    #expect(same == network || same == ClientAddress.network("\(network)::"))
    #expect(ClientAddress.network("2001:db8:0:2::7") != same)
  }
}
