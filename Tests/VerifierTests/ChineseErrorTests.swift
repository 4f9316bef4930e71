import Licensing
import Reporting
import Sealing
import Storage
import TestSupport
import Testing
import Verifier

/// What people with a Chinese terminal are told when the verifier cannot do what was asked.
@Suite struct ChineseErrorTests {
  @Test func `every code is explained in a text of its own`() {
    let texts = VerifierError.Code.allCases.map(\.chinese)
    for text in texts { #expect(ChineseText.complaint(text) == nil) }
    #expect(Set(texts).count == VerifierError.Code.allCases.count)
    for code in StorageError.Code.allCases { #expect(ChineseText.complaint(code.chinese) == nil) }
    #expect(StorageError.Code.allCases.count == 7)
  }

  @Test func `every problem of the services is explained in a text of its own`() {
    let texts = Problem.Code.allCases.map(\.chinese)
    for text in texts { #expect(ChineseText.complaint(text) == nil) }
    #expect(Set(texts).count == Problem.Code.allCases.count)
  }

  @Test func `a refused document is told by what it was refused for`() {
    let error = VerifierError(Refusal(.keyRevoked, "key x was revoked"), document: "acme.license")
    #expect(error.chinese.hasSuffix(Refusal.Code.keyRevoked.chinese))
    #expect(ChineseText.complaint(error.chinese) == nil)
  }

  @Test func `what the gateway refuses is told by its problem`() {
    let error = VerifierError(Problem(.noSeat, "all 2 installations are activated"))
    #expect(error.chinese.hasSuffix(Problem.Code.noSeat.chinese))
    #expect(error.chinese.hasPrefix("网关拒绝了请求"))
    #expect(ChineseText.complaint(error.chinese) == nil)
  }
}
