import Serving
import Testing
import Verifier

@Suite struct AddressTests {
  @Test(arguments: [
    ("https://usage.vendor.example", "https://usage.vendor.example"),
    ("https://usage.vendor.example:8443/tally/", "https://usage.vendor.example:8443/tally"),
    ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
    ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
    ("http://127.9.9.9", "http://127.9.9.9"),
    ("http://localhost:1", "http://localhost:1"),
    ("http://[::1]:8080", "http://[::1]:8080"),
  ])
  func `a gateway is https, or http on this machine`(text: String, kept: String) {
    #expect(GatewayAddress(text)?.text == kept)
    #expect(GatewayAddress(text)?.url("/v1/reports") == kept + "/v1/reports")
  }

  @Test(arguments: [
    "http://usage.vendor.example", "http://10.0.0.1:8080", "http://127.0.0.1.vendor.example",
    "http://localhost.vendor.example", "ftp://127.0.0.1", "https://", "https://user@host",
    "https://host:0", "https://host:65536", "https://host:port", "https://host/a?b",
    "https://host/a#b", "https://ho st", "https://host\n", "HTTPS://host", "usage.vendor.example",
    "http://127.0.0.1@vendor.example", "https://[::1", "http://0127.0.0.1x",
  ])
  func `every other gateway is refused`(text: String) {
    #expect(GatewayAddress(text) == nil)
  }

  @Test(arguments: [
    ("127.0.0.1:0", "127.0.0.1", 0), ("[::1]:8090", "::1", 8090), ("localhost:80", "localhost", 80),
  ])
  func `an address to listen on has a host and a port`(text: String, host: String, port: Int) {
    #expect(ListenAddress(text)?.host == host)
    #expect(ListenAddress(text)?.port == port)
    #expect(ListenAddress(text)?.description == text)
  }

  @Test(arguments: ["127.0.0.1", ":80", "host:", "host:65536", "host:-1", "::1:80", "host:x"])
  func `every other address to listen on is refused`(text: String) {
    #expect(ListenAddress(text) == nil)
  }

  @Test func `beats without a token come from this machine alone unless more is listed`() {
    let mine = PeerList.thisMachine
    #expect(mine.admits(.local))
    #expect(mine.admits(.address("127.0.0.1")))
    #expect(mine.admits(.address("::1")))
    #expect(!mine.admits(.address("10.0.0.7")))
    #expect(!mine.admits(.address("::ffff:10.0.0.7")))
    let listed = PeerList("10.0.0.7, 192.168.0.0/16,2001:DB8::5")
    #expect(listed?.admits(.address("10.0.0.7")) == true)
    #expect(listed?.admits(.address("10.0.0.8")) == false)
    #expect(listed?.admits(.address("::ffff:10.0.0.7")) == true)
    #expect(listed?.admits(.address("192.168.255.1")) == true)
    #expect(listed?.admits(.address("192.169.0.1")) == false)
    #expect(listed?.admits(.address("2001:db8::5")) == true)
    #expect(listed?.admits(.address("2001:0db8:0::0005")) == true)
    #expect(PeerList("::ffff:10.0.0.7")?.admits(.address("10.0.0.7")) == true)
    #expect(PeerList("fe80::7")?.admits(.address("fe80::7%eth0")) == true)
    #expect(listed?.admits(.address("127.0.0.1")) == true)
    #expect(PeerList("any")?.admits(.address("203.0.113.9")) == true)
  }

  @Test(arguments: [
    "", "everyone", "10.0.0.1/8", "10.0.0.0/33", "10.0.0", "1.2.3.4,", "host.example",
    ":::", "1::2::3", "12345::", "2001:db8:1:2:3:4:5:6:7", "::/0",
  ])
  func `a list of proxies that cannot be read is refused`(text: String) {
    #expect(PeerList(text) == nil)
  }
}
