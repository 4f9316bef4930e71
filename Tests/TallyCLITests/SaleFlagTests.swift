import ArgumentParser
import Authority
@testable import TallyCLI
import Testing

/// Prices and gateways on the command line: what can never be is refused with the reason.
@Suite struct SaleFlagTests {
  private func refusal(_ price: String, _ gateway: String) -> String {
    let words = [
      "license", "issue", "--customer", "cus_1", "--product", "p", "--zone", "UTC", "--edition",
      "payg", "--years", "1", "--lease-hours", "72", "--price", price, "--gateway", gateway,
    ]
    do {
      _ = try Tally.parseAsRoot(words)
      return ""
    } catch { return Tally.message(for: error) }
  }

  private static let gateway = "https://usage.vendor.example"

  @Test func `a bad price is refused with the reason, and shows a good one`() {
    let cases: [(price: String, reason: String)] = [
      ("CNY 0.001", "CNY has 2 digits after the point"), ("JPY 1.5", "JPY has 0 digits"),
      ("cny 1.20", "three capital letters"), ("1.20", "a currency and an amount"),
      ("CNY1.20", "a currency and an amount"), ("CNY 1,20", "digits with at most one point"),
      ("CNY -1", "digits with at most one point"), ("CNY 1.", "digits with at most one point"),
      ("CNY  1", "a currency and an amount"), ("CNY 99999999999999999999", "too large"),
      ("CNY 99999999", "at most"),
    ]
    #expect(cases.count == 11)
    for (price, reason) in cases {
      let message = refusal(price, Self.gateway)
      #expect(message.contains("--price") && message.contains(reason), "\(price): \(message)")
      #expect(message.contains("CNY 1"), "\(price): \(message)")
      #expect(!message.contains("minor"), "\(price): \(message)")
    }
    for price in ["CNY 1.20", "USD 1200000", "JPY 30", "KWD 0.125", "CNY 0"] {
      #expect(refusal(price, Self.gateway) == "", "\(price)")
    }
  }

  @Test func `a gateway that can never be is refused with the reason`() {
    let cases: [(gateway: String, reason: String)] = [
      ("https://usage.vendor.exmaple:99999", "port 99999"), ("https://g.example:0", "port 0"),
      ("https://g.example:", "port"), ("https://g.example:80a", "port 80a"),
      ("https://usage,vendor.example", "character ,"), ("https://g..example", "no name of a host"),
      ("https://-g.example", "no name of a host"), ("https://", "no host"),
      ("https://g.example/v1/reports", "leave it out"), ("https://g.example/v1", "leave it out"),
      ("https://g.example/a?b", "query"), ("https://g.example#a", "query"),
      ("https://user@g.example", "user"), ("ftp://g.example", "https://"),
      ("https://[::1", "IPv6"), ("https://[example]", "IPv6"), ("https://g.example\u{20}", "space"),
      ("https://gat\u{435}way.example", "ASCII"), ("http://g.example", "plain http"),
    ]
    #expect(cases.count == 19)
    for (gateway, reason) in cases {
      let message = refusal("CNY 1.20", gateway)
      #expect(
        message.contains("--gateway") && message.contains(reason), "\(gateway): \(message)")
      #expect(GatewayAddress(gateway) == nil, "\(gateway)")
    }
    for gateway in [
      "https://usage.vendor.example", "https://usage.vendor.example.:65535/tally/",
      "https://[2001:db8::1]:8443", "http://127.0.0.1:1", "http://[::1]:8080",
      "https://10.0.0.1", "https://usage_1.vendor.example",
    ] { #expect(refusal("CNY 1.20", gateway) == "", "\(gateway)") }
  }
}
