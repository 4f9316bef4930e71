import Metering
import Sealing
import Testing

@Suite struct BeatParsingTests {
  /// A captured request: its headers by lower-case name, and its body.
  private func capture(_ name: String) throws -> (headers: [String: String], body: [UInt8]) {
    let bytes = try TestFiles.bytes("Captures/\(name)")
    let end = try #require(bytes.firstRange(of: Array("\r\n\r\n".utf8)))
    var headers: [String: String] = [:]
    let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
    for line in head.components(separated: "\r\n").dropFirst() {
      let pair = line.components(separated: ": ")
      headers[pair[0].lowercased()] = pair[1]
    }
    return (headers, Array(bytes[end.upperBound...]))
  }

  @Test func `a captured usage trace and a captured push name the same collector`() throws {
    let trace = try capture("usage_trace.http")
    let push = try capture("write_metric.http")
    #expect(trace.body.count == 273)
    #expect(push.body.count == 35)
    #expect(trace.headers["content-type"] == nil)
    let beat = try UsageTrace.parse(trace.body)
    #expect(beat.identity == CollectorIdentity(kind: "datakit", text: "web-01"))
    #expect(beat.weight == 1)
    #expect(beat.version == "1.80.0")
    #expect(beat.run == "rt-web-01")
    #expect(!beat.isBye)
    for request in [trace, push] {
      let agent = try #require(request.headers["user-agent"])
      let passing = try #require(DataKitUserAgent.parse(agent))
      #expect(passing.identity == beat.identity)
      #expect(passing.weight == nil)
      #expect(passing.version == "1.80.0")
    }
  }

  /// What a collector may write, and the weight it means; nil for what can be nobody's weight.
  static let weights: [(String, Int64?)] = [
    ("1", 1), ("4", 4), ("0.5", 1), ("1.0", 1), ("1.5", 2), ("1.000001", 2), ("2e0", 2),
    ("1.5e1", 15), ("15e-1", 2), ("65535", 65_535), ("65534.1", 65_535), ("1e-300", 1),
    ("1e-99999999999999999999", 1), ("0.00012E4", 2), ("0", nil), ("-0", nil), ("-3", nil),
    ("-1e9", nil), ("0.000e9", nil), ("0.0", nil), ("65535.1", nil), ("65536", nil),
    ("123456", nil), ("1e300", nil), ("1e99999999999999999999", nil), ("1234567890123", nil),
    ("\"4\"", nil), ("true", nil), ("null", nil), ("[1]", nil),
  ]

  @Test(arguments: weights)
  func `usage_cores is rounded up to a weight, and passed over where it can be none`(
    _ text: String, _ weight: Int64?
  ) throws {
    let trace = try UsageTrace(Array("{\"hostname\":\"h\",\"usage_cores\":\(text)}".utf8))
    #expect(trace.beat.weight == weight, "\(text)")
    #expect(trace.saysNoWeight == (weight == nil), "\(text)")
  }

  @Test(arguments: weights)
  func `a native beat that says what can be no weight is refused`(
    _ text: String, _ weight: Int64?
  ) throws {
    let body = Array("{\"collector\":\"a\",\"weight\":\(text)}".utf8)
    guard let weight else {
      let refusal = #expect(throws: Refusal(.malformed, "")) { try NativeBeats.parse(body) }
      #expect(refusal?.message == "beat 1.weight must be a number above 0 and at most 65535")
      return
    }
    #expect(try NativeBeats.parse(body).map(\.weight) == [weight])
  }

  @Test func `a number that is no JSON is refused on every way in`() {
    let trace = Array("{\"hostname\":\"h\",\"usage_cores\":00012}".utf8)
    #expect(throws: Refusal(.malformed, "")) { try UsageTrace(trace) }
    let beat = Array("{\"collector\":\"a\",\"weight\":00012}".utf8)
    #expect(throws: Refusal(.malformed, "")) { try NativeBeats.parse(beat) }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a weight of millions of digits is read in one pass`() throws {
    let zeros = String(repeating: "0", count: 3_000_000)
    for (text, weight) in [("0.\(zeros)1", 1), ("7.\(zeros)1", 8), ("7.\(zeros)", 7)] {
      let beats = try NativeBeats.parse(Array("{\"collector\":\"a\",\"weight\":\(text)}".utf8))
      #expect(beats.map(\.weight) == [Int64(weight)])
    }
  }

  @Test(arguments: [
    "", "{}", "[]", "null", "{\"hostname\":\"\"}", "{\"hostname\":1}", "{\"hostname\":\"h\"",
    "{\"hostname\":\"a\\u0000b\"}", "{\"host\":\"h\"}",
  ])
  func `what names no host is refused`(_ text: String) {
    #expect(throws: Refusal(.malformed, "")) { try UsageTrace.parse(Array(text.utf8)) }
  }

  @Test func `members that we do not know are passed over`() throws {
    let body = "{\"new\":{\"a\":[[[{\"b\":1.5e3}]]]},\"hostname\":\"h\",\"datakit_version\":7}"
    let beat = try UsageTrace.parse(Array(body.utf8))
    #expect(beat.identity.text == "h")
    #expect(beat.weight == nil)
    #expect(beat.version == nil)
  }

  /// Each with the two members in both orders, and one of them written with an escape.
  @Test(arguments: [
    ("\"hostname\":\"a\"", "\"hostname\":\"b\""), ("\"hostname\":\"a\"", "\"hostname\":\"a\""),
    ("\"hostname\":\"a\"", "\"host\\u006eame\":\"b\""), ("\"usage_cores\":1", "\"usage_cores\":64"),
    ("\"usage_cores\":1", "\"usage_\\u0063ores\":64"),
    ("\"runtime_id\":\"x\"", "\"runtime_id\":null"),
    ("\"new\":1", "\"new\":2"), ("\"\\ud83d\\ude00\":1", "\"😀\":1"),
  ])
  func `a usage trace with a member that stands twice is refused`(_ one: String, _ other: String) {
    let host = one.contains("hostname") ? "" : "\"hostname\":\"h\","
    for (first, second) in [(one, other), (other, one)] {
      for between in ["", "\"datakit_version\":\"1\",", Self.many] {
        let body = "{\(host)\(first),\(between)\(second)}"
        let error = #expect(throws: Refusal.self) { try UsageTrace.parse(Array(body.utf8)) }
        #expect(error?.code == .malformed, "\(body)")
        #expect(error?.message.contains("stands twice") == true, "\(body)")
      }
      #expect((try? UsageTrace.parse(Array("{\"hostname\":\"h\"}".utf8))) != nil)
    }
  }

  /// More members than are compared each with each.
  static let many = (0..<40).map { "\"member\($0)\":\($0)," }.joined()

  @Test(arguments: [
    ("\"collector\":\"a\"", "\"collector\":\"b\""), ("\"kind\":\"otel\"", "\"k\\u0069nd\":\"x\""),
    ("\"bye\":true", "\"bye\":false"), ("\"weight\":1", "\"weight\":9"), ("\"new\":1", "\"new\":1"),
  ])
  func `a beat with a member that stands twice is refused, and named`(
    _ one: String, _ other: String
  ) {
    let id = one.contains("collector") ? "" : "\"collector\":\"h\","
    for (first, second) in [(one, other), (other, one)] {
      let beat = "{\(id)\(first),\(second)}"
      for body in ["{\"collector\":\"a\"}\n\(beat)", "[{\"collector\":\"a\"},\(beat)]"] {
        let error = #expect(throws: Refusal.self) { try beats(body) }
        #expect(error?.code == .malformed, "\(body)")
        #expect(error?.message.contains("of beat 2 stands twice") == true, "\(body)")
      }
    }
  }

  @Test func `many different members, and the same name further down, are taken`() throws {
    let trace = "{\(Self.many)\"hostname\":\"h\",\"new\":{\"hostname\":\"x\",\"hostname\":1}}"
    #expect(try UsageTrace.parse(Array(trace.utf8)).identity.text == "h")
    #expect(try beats("{\(Self.many)\"collector\":\"c\"}").map(\.identity.text) == ["c"])
  }

  @Test(arguments: [
    ("datakit-linux-amd64/1.80.0/web-01", "web-01"),
    ("datakit-windows-386/1.5.10-25-g0e3d/WIN-ABC.corp", "WIN-ABC.corp"),
    ("datakit-linux-arm64/1.80.0/a/b", "a/b"), ("datakit-linux-arm64/1.80.0/主机", "主机"),
    ("datakit-linux-arm64/1.80.0/", nil), ("datakit-linux-arm64//h", nil),
    ("datakit-linux/1.80.0/h", nil), ("datakit--amd64/1.80.0/h", nil), ("curl/8.0", nil),
    ("", nil), ("xdatakit-linux-amd64/1/h", nil), ("DataKit-linux-amd64/1/h", nil),
    ("datakit-linux-amd64/1/h\n", nil),
  ])
  func `a DataKit's User-Agent names its host`(_ text: String, _ host: String?) {
    #expect(DataKitUserAgent.parse(text)?.identity.text == host)
  }

  private func beats(_ text: String) throws -> [Beat] { try NativeBeats.parse(Array(text.utf8)) }

  @Test func `native beats come as one, as an array, or one on a line`() throws {
    let one = try beats("{\"collector\":\"a\",\"weight\":2,\"version\":\"1\",\"host\":\"h\"}")
    let identity = try #require(CollectorIdentity(kind: "collector", text: "a"))
    #expect(one == [Beat(identity: identity, weight: 2, version: "1", host: "h")])
    let array = try beats(
      "[{\"collector\":\"a\",\"kind\":\"otel\"},{\"collector\":\"b\",\"bye\":true}]")
    #expect(array.map(\.identity.kind) == ["otel", "collector"])
    #expect(array.map(\.isBye) == [false, true])
    let lines = try beats(
      "{\"collector\":\"a\"}\r\n\n  \n{\"collector\":\"b\"}\n{\"collector\":\"c\"}")
    #expect(lines.map(\.identity.text) == ["a", "b", "c"])
    let pretty = try beats("{\n  \"collector\": \"a\",\n  \"weight\": 3\n}\n")
    #expect(pretty.map(\.weight) == [3])
    #expect(try beats("[]").isEmpty)
  }

  @Test(arguments: [
    "", "{}", "1", "null", "[1]", "{\"collector\":\"\"}", "{\"collector\":7}",
    "{\"collector\":\"a\",\"kind\":\"A\"}", "{\"collector\":\"a\",\"kind\":\"\"}",
    "{\"collector\":\"a\",\"bye\":1}", "{\"collector\":\"a\",\"weight\":\"2\"}",
    "{\"collector\":\"a\"}{\"collector\":\"b\"}", "{\"collector\":\"a\"}\n{\"collector\":1}",
    "{\"collector\":\"a\"}\n[{\"collector\":\"b\"}]", "[{\"collector\":\"a\"}]\n[]",
  ])
  func `a body is taken whole or not at all`(_ text: String) {
    #expect(throws: Refusal(.malformed, "")) { try beats(text) }
  }

  @Test func `a body carries at most ten thousand beats`() throws {
    let line = "{\"collector\":\"a\"}\n"
    #expect(try beats(String(repeating: line, count: 10_000)).count == 10_000)
    #expect(throws: Refusal(.malformed, "")) { try beats(String(repeating: line, count: 10_001)) }
    let array = Array(repeating: "{\"collector\":\"a\"}", count: 10_001).joined(separator: ",")
    #expect(throws: Refusal(.malformed, "")) { try beats("[\(array)]") }
  }

  @Test func `the beat that is wrong is named`() {
    do {
      _ = try beats("{\"collector\":\"a\"}\n{\"collector\":1}")
      Issue.record("taken")
    } catch {
      #expect("\(error)".contains("beat 2"))
    }
  }
}
