import Foundation
import Testing
import Verifier

/// By which way a gateway is reached, decided by setting and environment.
@Suite struct EgressTests {
  static func gateway(_ text: String) throws -> GatewayAddress {
    try #require(GatewayAddress(text))
  }

  static func egress(_ setting: String?, _ environment: [String: String] = [:]) throws -> Egress {
    try Egress(proxy: setting, environment: environment, authority: nil)
  }

  struct Case: Sendable {
    var setting: String?
    var environment: [String: String] = [:]
    var gateway: String
    /// Nil for straight.
    var proxy: String?
  }

  static let cases: [Case] = [
    Case(gateway: "https://g.example"),
    Case(setting: "http://p:3128", gateway: "https://g.example", proxy: "p:3128"),
    Case(setting: "p:3128", gateway: "https://g.example", proxy: "p:3128"),
    Case(setting: "http://p", gateway: "https://g.example", proxy: "p:80"),
    Case(setting: "http://[fd00::1]:8080/", gateway: "https://g.example", proxy: "[fd00::1]:8080"),
    Case(setting: "http://p:3128", gateway: "https://127.0.0.1:9", proxy: "p:3128"),
    Case(setting: "http://p:3128", gateway: "http://127.0.0.1:9"),
    Case(
      setting: "none", environment: ["HTTPS_PROXY": "http://p:3128"], gateway: "https://g.example"),
    Case(
      setting: "http://own:1", environment: ["HTTPS_PROXY": "http://p:3128", "NO_PROXY": "*"],
      gateway: "https://g.example", proxy: "own:1"),
    Case(
      environment: ["HTTPS_PROXY": "http://p:3128"], gateway: "https://g.example", proxy: "p:3128"),
    Case(
      environment: ["https_proxy": "http://p:3128"], gateway: "https://g.example", proxy: "p:3128"),
    Case(environment: ["HTTPS_PROXY": "http://p:3128"], gateway: "https://127.0.0.1:9"),
    Case(environment: ["HTTPS_PROXY": "http://p:3128"], gateway: "https://localhost"),
    Case(environment: ["HTTP_PROXY": "http://p:3128"], gateway: "https://g.example"),
    Case(environment: ["HTTPS_PROXY": ""], gateway: "https://g.example"),
  ]

  static let exempt: [(list: String, gateway: String, isStraight: Bool)] = [
    ("*", "https://g.example", true), ("example", "https://g.example", true),
    (".example", "https://g.example", true), ("*.example", "https://g.example", true),
    ("G.Example", "https://g.EXAMPLE", true), ("xample", "https://g.example", false),
    ("g.example.org", "https://g.example", false), ("g.example:443", "https://g.example", true),
    ("g.example:444", "https://g.example", false), ("a, g.example ,b", "https://g.example", true),
    ("10.0.0.0/8", "https://10.1.2.3", true), ("10.0.0.0/8", "https://11.1.2.3", false),
    ("10.1.2.3", "https://10.1.2.3:8443", true), ("fd00::/8", "https://[fd12::1]", true),
    ("fd00::/8", "https://[fe80::1]", false), ("[fd12::1]:443", "https://[fd12::1]", true),
    ("", "https://g.example", false), (",", "https://g.example", false),
  ]

  @Test func `setting and environment decide whether a proxy is asked`() throws {
    for one in Self.cases {
      let egress = try Self.egress(one.setting, one.environment)
      let proxy = egress.proxy(for: try Self.gateway(one.gateway))
      #expect(proxy.map { "\($0)" } == one.proxy, "\(one)")
    }
    #expect(Self.cases.count == 15)
  }

  @Test func `what NO_PROXY lists is reached straight`() throws {
    for (list, gateway, isStraight) in Self.exempt {
      let egress = try Self.egress(nil, ["HTTPS_PROXY": "http://p:3128", "NO_PROXY": list])
      #expect(
        (egress.proxy(for: try Self.gateway(gateway)) == nil) == isStraight, "\(list) \(gateway)")
    }
    #expect(Self.exempt.count == 18)
  }

  @Test(arguments: [
    "", "http://", "https://p:3128", "socks5://p:1080", "ftp://p", "http://p:0", "http://p:65536",
    "http://p:x", "http://p/path", "http://p?x", "http://a b:1", "http://u:s3cret@", "http://@p:1",
    "http://u:%zz@p:1", "http://u:%4@p:1", "http://u:%00@p:1", "http://u:a@b:c@p:1", "http://p:+80",
  ])
  func `a malformed proxy is refused, and nothing of it is quoted`(text: String) {
    for environment in [[:], ["HTTPS_PROXY": text]] {
      if text.isEmpty && !environment.isEmpty { continue }
      let setting = environment.isEmpty ? text : nil
      #expect {
        _ = try Self.egress(setting, environment)
      } throws: { error in
        let message = (error as? SettingFault)?.message ?? ""
        return message.contains(environment.isEmpty ? "setting proxy" : "HTTPS_PROXY")
          && !message.contains("s3cret")
      }
    }
  }

  @Test(arguments: ["a b,c d/9", "10.0.0.0/33", "10.0.0.1/8", "g.example:0", "g_ä", "fd00::/129"])
  func `a malformed item of NO_PROXY is refused and named`(list: String) {
    #expect {
      _ = try Self.egress(nil, ["HTTPS_PROXY": "http://p:1", "NO_PROXY": list])
    } throws: { ("\($0)").contains("NO_PROXY") }
  }

  @Test func `two spellings of one variable must agree`() throws {
    #expect(throws: SettingFault.self) {
      try Self.egress(nil, ["HTTPS_PROXY": "http://p:1", "https_proxy": "http://q:1"])
    }
    let both = try Self.egress(nil, ["HTTPS_PROXY": "http://p:1", "https_proxy": "http://p:1"])
    #expect(both.proxy?.port == 1)
  }

  @Test func `no text shows the password of a proxy`() throws {
    let proxy = try ProxyAddress("http://jane:p%40ss@p:3128", setting: "setting proxy")
    let egress = try Self.egress("http://jane:p%40ss@p:3128")
    var dump = ""
    Swift.dump(egress, to: &dump)
    Swift.dump(proxy, to: &dump)
    for text in ["\(proxy)", String(reflecting: proxy), "\(egress)", dump] {
      #expect(!text.contains("p@ss") && !text.contains("p%40ss") && !text.contains("jane"))
    }
  }

  @Test func `a bundle of certificates is whole or refused`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "ca-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let openssl = Process()
    openssl.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
    openssl.arguments = [
      "req", "-x509", "-newkey", "ed25519", "-nodes", "-subj", "/CN=Test CA", "-days", "2",
      "-keyout", folder.appending(path: "key.pem").path, "-out",
      folder.appending(path: "ca.pem").path,
    ]
    openssl.standardError = FileHandle.nullDevice
    try openssl.run()
    openssl.waitUntilExit()
    let pem = try Data(contentsOf: folder.appending(path: "ca.pem"))
    let key = try Data(contentsOf: folder.appending(path: "key.pem"))
    let good = try CertificateBundle(pem: Array(pem), source: "ca.pem")
    #expect(good.source == "ca.pem")
    _ = try CertificateBundle(pem: Array(Data("# ours\n".utf8) + pem + pem), source: "ca.pem")
    let text = String(decoding: pem, as: UTF8.self)
    let bad: [[UInt8]] = [
      [], Array("no certificate".utf8), Array(key + pem), Array(pem.prefix(pem.count / 2)),
      Array(
        text.replacing("MII", with: "MIJ", maxReplacements: 1).replacing("MIB", with: "AAA").utf8),
      Array((text + text.replacing("-----END CERTIFICATE-----", with: "")).utf8),
    ]
    for bytes in bad {
      #expect {
        _ = try CertificateBundle(pem: bytes, source: "ca.pem")
      } throws: { "\($0)".contains("gateway-ca") && "\($0)".contains("ca.pem") }
    }
  }
}
