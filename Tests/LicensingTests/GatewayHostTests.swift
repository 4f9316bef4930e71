import Licensing
import Testing

/// Which addresses of a gateway no customer elsewhere reaches.
@Suite struct GatewayHostTests {
  private static let elsewhere = [
    "localhost", "LOCALHOST", "localhost.", "a.localhost", "gateway", "gateway.local",
    "usage.corp.internal", "box.lan", "gw.home.arpa", "portal.intranet", "0.0.0.0", "10.0.0.1",
    "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.9.9.9", "169.254.0.9",
    "172.16.0.1", "172.31.255.255", "192.168.1.1", "127.1", "0x7f.1", "1.2.3", "1.2.3.4.5",
    "1.2.3.256", "010.0.0.1", "2130706433", "[::]", "[::1]", "[0:0:0:0:0:0:0:1]", "[fc00::1]",
    "[fd12:3456::1]", "[fe80::1]", "[febf::1]", "[::ffff:10.0.0.1]", "[::ffff:7f00:1]", "[fe80",
    "[1::2::3]", "[12345::1]", "[1:2:3]", "[g::1]", "[fe80::1%25eth0]", "",
  ]
  private static let everywhere = [
    "usage.vendor.example", "usage.vendor.example.", "a.b", "local.example", "localhost.example",
    "xlocal.de", "10.example", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
    "126.255.255.255", "128.0.0.0", "169.253.0.1", "172.15.0.1", "172.32.0.1", "192.167.0.1",
    "192.169.0.1", "8.8.8.8", "8.8.8.8.", "[2001:db8::1]", "[2001:DB8:0:0:0:0:0:1]", "[fbff::1]",
    "[fe00::1]", "[fec0::1]", "[::ffff:8.8.8.8]", "[::2]", "[64:ff9b::10.0.0.1]", "[1::]",
  ]

  @Test func `addresses of one machine or network are told from those of the world`() {
    #expect(Self.elsewhere.count == 44 && Self.everywhere.count == 29)
    for (hosts, isPrivate) in [(Self.elsewhere, true), (Self.everywhere, false)] {
      for host in hosts {
        for url in ["https://\(host)", "https://\(host)/path?q#f", "http://\(host):8443/"] {
          #expect(GatewayHost.isPrivate(url) == isPrivate, "\(url)")
        }
      }
    }
  }

  @Test func `a name before the host does not hide it`() {
    #expect(GatewayHost.isPrivate("https://usage.vendor.example@10.0.0.1/"))
    #expect(!GatewayHost.isPrivate("https://10.0.0.1@usage.vendor.example/"))
    #expect(!GatewayHost.isPrivate("https://usage.vendor.example/10.0.0.1"))
  }
}
