import Foundation
import Reporting
import Sealing
import Testing

@Suite struct ReportingTests {
  @Test func `a problem document reads back as the problem it was`() throws {
    for code in Problem.Code.allCases {
      let problem = Problem(
        code, "what happened and what to do", facts: [JSONMember("expected", .integer(7))])
      let read = try #require(Problem(problem.json.serialized))
      #expect(read.code == code)
      #expect(read.detail == problem.detail)
      #expect(read.facts == problem.facts)
      #expect((400...599).contains(problem.status))
      #expect(problem.status >= 500 ? problem.retryable : true)
    }
  }

  @Test func `what is no problem document is not taken for one`() {
    let texts = ["", "<html>", "{}", #"{"code":"NO_SUCH_CODE"}"#, #"{"code":1}"#, "[1", "null"]
    for text in texts { #expect(Problem(Array(text.utf8)) == nil, "\(text)") }
  }

  @Test func `Docs-Errors lists every code with status and whether to try again`() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Docs/Errors.md")
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    for code in Problem.Code.allCases {
      let problem = Problem(code, "")
      let start =
        "| `\(code.rawValue)` | \(problem.status) | \(problem.retryable ? "yes" : "no") |"
      #expect(lines.contains { $0.hasPrefix(start) }, "\(start)")
    }
  }

  @Test func `a report reads back as it was written`() throws {
    let installation = try #require(Thumbprint(String(repeating: "A", count: 43)))
    let request = ReportRequest(
      installation: installation, records: ["a.b.c", "d.e.f"], alive: "g.h.i",
      have: Holdings(revision: 2, epoch: 3, revocations: 4))
    #expect(try ReportRequest(request.json.serialized) == request)
    let empty = ReportRequest(installation: installation, records: [])
    #expect(try ReportRequest(empty.json.serialized) == empty)
  }

  @Test func `a report of more than a thousand records is too large`() throws {
    let installation = try #require(Thumbprint(String(repeating: "A", count: 43)))
    func report(_ count: Int) -> [UInt8] {
      ReportRequest(installation: installation, records: Array(repeating: "a.b.c", count: count))
        .json.serialized
    }
    #expect(try ReportRequest(report(1000)).records.count == 1000)
    #expect(throws: Problem(.tooLarge, "")) { try ReportRequest(report(1001)) }
  }

  @Test func `unknown members of a request are refused, of an answer passed over`() throws {
    let request = #"{"license":"a.b.c","enrolment":"d.e.f","extra":1}"#
    #expect(throws: Problem(.malformed, "")) { try ActivationRequest(Array(request.utf8)) }
    let answer = #"{"activation":"a.b.c","licenses":[],"keysets":[],"later":{"x":[1.5]}}"#
    #expect(try ActivationAnswer(Array(answer.utf8)).activation == "a.b.c")
  }

  @Test func `an answer cut off anywhere is refused`() throws {
    let answer = ReportAnswer(
      results: [RecordResult(seq: 1, status: .stored)], receipt: "a.b.c",
      delivery: Delivery(licenses: ["d.e.f"], keysets: ["{}"], revocations: "g.h.i"))
    let bytes = answer.json.serialized
    #expect(try ReportAnswer(bytes) == answer)
    for count in 0..<bytes.count {
      #expect(throws: Refusal.malformed("")) { try ReportAnswer(Array(bytes.prefix(count))) }
    }
  }
}
