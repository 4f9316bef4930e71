import Gateway
import TestSupport
import Testing

/// What the vendor's staff with a Chinese terminal are told when the gateway cannot go on.
@Suite struct ChineseErrorTests {
  @Test func `every code is explained in a text of its own`() {
    let texts = GatewayError.Code.allCases.map(\.chinese)
    for text in texts { #expect(ChineseText.complaint(text) == nil) }
    #expect(Set(texts).count == GatewayError.Code.allCases.count)
  }
}
