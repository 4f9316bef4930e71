import Reporting
import Sealing
import Testing
import Verifier

@Suite struct GatewayReplyTests {
  static func reply(
    _ status: Int, _ body: String, retryAfter: Int64? = nil
  ) -> GatewayReply<ReportAnswer> {
    HTTPGatewayClient.reply(status: status, Array(body.utf8), retryAfter: retryAfter) {
      try ReportAnswer($0)
    }
  }

  static let whole = ReportAnswer(
    results: [RecordResult(seq: 1, status: .stored)], receipt: "a.b.c")

  @Test func `a whole answer is an answer`() {
    #expect(Self.reply(200, Self.whole.json.text) == .answer(Self.whole))
  }

  @Test func `an answer cut at any byte is unreadable, never an answer`() {
    let bytes = Array(Self.whole.json.text.utf8)
    for count in 0..<bytes.count {
      guard case .unreadable = Self.reply(200, String(decoding: bytes[..<count], as: UTF8.self))
      else {
        Issue.record("\(count) bytes of an answer were taken")
        continue
      }
    }
  }

  @Test(arguments: ["", "<html>", "null", "[]", "{}", #"{"receipt":7,"results":[]}"#])
  func `garbage with a good status is unreadable`(body: String) {
    guard case .unreadable = Self.reply(200, body) else {
      Issue.record("taken: \(body)")
      return
    }
  }

  @Test func `a problem document keeps its code, facts and pause`() {
    let problem = Problem(.outOfOrder, "a hole", facts: [JSONMember("expected", 7)])
    let reply = Self.reply(409, problem.json.text, retryAfter: 30)
    guard case .problem(let read, let retryAfter) = reply else {
      Issue.record("no problem: \(reply)")
      return
    }
    #expect(read.code == .outOfOrder)
    #expect(read.facts == problem.facts)
    #expect(retryAfter == 30)
  }

  @Test(arguments: [204, 301, 302, 400, 404, 413, 429, 500, 502, 503])
  func `another status without a problem document is unreadable`(status: Int) {
    for body in ["", "Bad Gateway", #"{"code":"NO_SUCH_CODE"}"#] {
      #expect(
        Self.reply(status, body, retryAfter: 5)
          == .unreadable("HTTP \(status) without a problem document", retryAfter: 5))
    }
  }

  @Test func `a pause below nothing is none`() {
    guard case .unreadable(_, let pause) = Self.reply(503, "", retryAfter: -5) else {
      Issue.record("taken")
      return
    }
    #expect(pause == 0)
  }
}
