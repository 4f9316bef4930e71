import Authority
@testable import TallyCLI
import Terminal
import Testing

/// What `tally publish` makes of the gateway's answer.
@Suite struct GatewayStandingTests {
  private static let cases: [(answer: String, status: Terminal.ExitStatus?, word: String)] = [
    (#"{"epoch":4,"licenses":2,"revocations":7}"#, nil, ""),
    (#"{"epoch":5,"licenses":2,"revocations":7}"#, .refused, "registry restore"),
    (#"{"epoch":3,"licenses":2,"revocations":7}"#, .refused, "--all"),
    (#"{"epoch":4,"licenses":2,"revocations":8}"#, .refused, "registry restore"),
    (#"{"epoch":4,"licenses":2,"revocations":6}"#, .refused, "--all"),
    (#"{"epoch":4,"licenses":2}"#, .refused, "--all"),
    (#"{"licenses":2}"#, .fault, "which keyset"), ("", .fault, "which keyset"),
    ("<html>", .fault, "which keyset"),
  ]

  @Test func `a gateway that knows more or less than the registry is told loudly`() {
    #expect(Self.cases.count == 9)
    for (answer, status, word) in Self.cases {
      var error: CommandError?
      do throws(CommandError) {
        try GatewayStanding.require(
          NewestNumbers(epoch: 4, revocations: 7), of: answer, "https://usage.vendor.example")
      } catch let thrown { error = thrown }
      #expect(error?.status == status, "\(answer)")
      #expect(error?.message.contains(word) ?? word.isEmpty, "\(answer)")
    }
  }

  @Test func `a registry without revocations is behind a gateway that has some`() {
    #expect(throws: CommandError.self) {
      try GatewayStanding.require(
        NewestNumbers(epoch: 4, revocations: nil), of: #"{"epoch":4,"revocations":1}"#, "a")
    }
    #expect(throws: Never.self) {
      try GatewayStanding.require(
        NewestNumbers(epoch: 4, revocations: nil), of: #"{"epoch":4,"licenses":0}"#, "a")
    }
  }
}
