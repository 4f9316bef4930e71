import Gateway
import Reporting
import Sealing
import Testing

/// Signatures, addresses and pauses: what needs no store and no network.
@Suite struct WebhookRuleTests {
  @Test func `a message is signed as the libraries of Standard Webhooks do`() throws {
    // The example that their test suites share.
    let secret = try #require(WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
    let message = WebhookMessage(
      id: "msg_p5jXN8AQM9LWM0D4loKWxJek", body: Array("{\"test\": 2432232314}".utf8))
    let headers = message.headers(signedBy: [secret], at: 1_614_265_330)
    #expect(headers.map(\.name) == ["webhook-id", "webhook-timestamp", "webhook-signature"])
    #expect(
      headers.map(\.value) == [
        "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330",
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
      ])
    let both = message.headers(
      signedBy: [try EventStoreTests.secret(7), secret], at: 1_614_265_330)[2].value
    let signatures = both.split(separator: " ")
    #expect(signatures.count == 2 && String(signatures[1]) == headers[2].value)
    #expect(signatures[0].hasPrefix("v1,") && signatures[0] != signatures[1])
  }

  @Test func `a body says type, time and data, in this order`() {
    let message = WebhookMessage(
      id: "evt_1", type: "finding.opened", at: 1_795_219_200, data: ["code": "FORKED"])
    #expect(
      String(decoding: message.body, as: UTF8.self)
        == #"{"type":"finding.opened","timestamp":"2026-11-21T00:00:00Z","data":{"code":"FORKED"}}"#
    )
  }

  @Test func `a secret has 24 to 64 bytes in base64 behind its prefix`() {
    func secret(_ count: Int) -> String {
      "whsec_" + Base64.encode([UInt8](repeating: 1, count: count), .standard)
    }
    for count in [24, 32, 64] { #expect(WebhookSecret(secret(count)) != nil) }
    for text in [
      secret(23), secret(65), "", "whsec_", String(secret(32).dropFirst(6)),
      secret(32).lowercased() + "=",
    ] {
      #expect(WebhookSecret(text) == nil, "\(text)")
    }
  }

  @Test(arguments: [
    "https://hooks.example/tally?x=1", "HTTPS://hooks.example", "https://hooks.example:8443/",
    "https://10.0.0.5/x", "https://[2001:db8::1]:8443/x", "http://127.0.0.1:8080/hook",
    "http://localhost/x", "http://[::1]:80/x", "http://127.9.9.9",
  ])
  func `an address is https, or of this machine`(_ url: String) throws {
    #expect(try WebhookAddress(url).url == url)
  }

  @Test(arguments: [
    "", "hooks.example", "ftp://hooks.example/", "file:///etc/passwd", "https://",
    "http://hooks.example/", "http://10.0.0.5/", "http://169.254.169.254/latest",
    "https://user@hooks.example/", "https://user:secret@hooks.example/", "https://h.example/#x",
    "https://h.example/a b", "https://h.example:0/", "https://h.example:70000/",
    "https://h.example:/", "https://h..example/", "https://[::1/", "http://127.0.0.1.evil.example/",
    "http://127.1/", "https://0x7f000001/", "https://2130706433/", "http://localhost.evil.example/",
    "https://h.example\\@evil.example/", "https://hööks.example/", "https://[::1]x/",
    "http://127.0.0.1@evil.example/",
  ])
  func `every other address is refused`(_ url: String) throws {
    #expect(throws: Problem.self) { try WebhookAddress(url) }
    do { _ = try WebhookAddress(url) } catch { #expect(error.code == .malformed) }
  }

  @Test func `an address has an end`() {
    let base = "https://h.example/"
    let most = base + String(repeating: "a", count: 2048 - base.utf8.count)
    #expect(throws: Never.self) { try WebhookAddress(most) }
    #expect(throws: Problem.self) { try WebhookAddress(most + "a") }
  }

  @Test func `pauses double from 5 s to an hour, and end after 24 h`() throws {
    var (now, attempts) = (Int64(1000), Int64(0))
    var pauses: [Int64] = []
    while true {
      attempts += 1
      guard
        let next = RetrySchedule.next(
          after: attempts, begunAt: 1000, now: now, retryAfter: nil, share: 500)
      else { break }
      pauses.append(next - now)
      now = next
    }
    #expect(pauses.prefix(4) == [4, 10, 20, 40], "half of 5 is 2, and half of a second is none")
    #expect(pauses.max() == 3600)
    #expect(now == 1000 + 86_400, "the last try is 24 h after the beginning")
    #expect(attempts < 50)
  }

  @Test func `a random share keeps tries apart`() {
    func next(_ share: Int64) -> Int64? {
      RetrySchedule.next(after: 5, begunAt: 0, now: 0, retryAfter: nil, share: share)
    }
    #expect(next(0) == 40 && next(500) == 80 && next(999) == 119)
  }

  @Test func `what Retry-After asks for is waited, a day at most`() {
    func next(_ now: Int64, _ seconds: Int64) -> Int64? {
      RetrySchedule.next(after: 1, begunAt: 0, now: now, retryAfter: seconds, share: 0)
    }
    #expect(next(0, 600) == 600 && next(0, 0) == 2 && next(0, -5) == 2)
    #expect(next(80_000, 20_000) == 100_000, "one try more, though it lies behind the 24 h")
    #expect(next(0, .max) == 86_400)
    #expect(next(86_400, 600) == nil)
    #expect(
      RetrySchedule.next(
        after: .max, begunAt: 0, now: 0, retryAfter: nil, share: 999) ?? 0 <= 5400)
  }
}
