import HTTPTypes
import Metering
import Serving
import Testing
import Verifier

@Suite struct PushTests {
  static let proxy = Peer.address("127.0.0.1")

  static func fields(_ pairs: [(String, String)]) throws -> HTTPFields {
    var fields = HTTPFields()
    for (name, value) in pairs {
      fields.append(HTTPField(name: try #require(HTTPField.Name(name)), value: value))
    }
    return fields
  }

  /// `kind/name` of the caller, or what else it is.
  static func caller(
    _ setting: String, _ pairs: [(String, String)], target: String = "", from peer: Peer = proxy,
    gate: PeerList = .thisMachine
  ) throws -> String {
    let rules = try IdentityRules(sources: setting, dataKit: nil)
    let push = Push(headers: try fields(pairs), target: target, peer: peer, gate: gate)
    switch push.caller(rules) {
    case .collector(let beat): return "\(beat.identity.kind)/\(beat.identity.text)"
    case .dataKit(let host): return "host \(host)"
    case .nobody: return "nobody"
    case .malformed: return "malformed"
    }
  }

  @Test func `the first source that is present wins`() throws {
    let setting = "header:X-Collector,query:collector,basic-user,datakit-agent,address"
    let all = [
      ("X-Collector", "by-header"), ("X-Original-URI", "/push?collector=by-query"),
      ("Authorization", "Basic YnktdXNlcjpwdw=="),
      ("User-Agent", "datakit-linux-amd64/1.80.0/by-agent"), ("X-Forwarded-For", "192.0.2.7"),
    ]
    let expected = [
      "collector/by-header", "collector/by-query", "collector/by-user", "datakit/by-agent",
      "address/192.0.2.7", "address/127.0.0.1",
    ]
    for (index, name) in expected.enumerated() {
      #expect(try Self.caller(setting, Array(all.dropFirst(index))) == name)
    }
    #expect(try Self.caller("basic-user", []) == "nobody")
  }

  @Test func `a source that is present and names nobody ends the search`() throws {
    let setting = "basic-user,address"
    for header in ["Basic", "Basic !", "Basic bm9jb2xvbg==", "Basic AP86eA=="] {
      #expect(try Self.caller(setting, [("Authorization", header)]) == "malformed", "\(header)")
    }
    for header in ["Bearer abc", "Digest x", "Basi YTpi", "Basic Onh4"] {
      #expect(
        try Self.caller(setting, [("Authorization", header)]) == "address/127.0.0.1", "\(header)")
    }
    #expect(
      try Self.caller(setting, [("Authorization", "Basic YTpi"), ("Authorization", "Basic YTpi")])
        == "malformed")
  }

  @Test(arguments: [
    ("bAsIc  YTpi", "collector/a"), ("Basic YTpiOmM=", "collector/a"),
  ])
  func `the basic-auth user is read without its password`(header: String, who: String) throws {
    #expect(try Self.caller("basic-user", [("Authorization", header)]) == who)
  }

  @Test(arguments: [(2000, true), (21_845, true), (21_846, false), (40_000, false)])
  func `the name of a basic-auth user has bounds`(count: Int, isTaken: Bool) throws {
    let header = "Basic \(String(repeating: "YWFh", count: count))YTo="
    let caller = try Self.caller("basic-user", [("Authorization", header)])
    #expect(caller.hasPrefix("collector/") == isTaken && (caller == "malformed") != isTaken)
  }

  @Test(arguments: [
    ("/p?collector=a", "collector/a"), ("/p?x=1&collector=a%20b&y", "collector/a b"),
    ("/p?collector=a+b#collector=c", "collector/a b"), ("/p?c%6Fllector=a", "collector/a"),
    ("http://host/p?collector=a", "collector/a"), ("?collector=%E9%9B%86", "collector/集"),
    ("/p", "nobody"), ("/p?", "nobody"), ("/p?collector", "nobody"), ("/p?collector=", "nobody"),
    ("/p?Collector=a", "nobody"), ("/p?collector=a&collector=b", "malformed"),
    ("/p?collector=%", "malformed"), ("/p?collector=%4", "malformed"),
    ("/p?collector=%zz", "malformed"), ("/p?collector=%FF", "malformed"),
    ("/p?collector=%00", "malformed"), ("/p?collector=a%0Ab", "malformed"),
  ])
  func `a parameter is read from the original URI`(uri: String, expected: String) throws {
    for header in ["X-Original-URI", "X-Forwarded-Uri", "X-Original-URL"] {
      #expect(try Self.caller("query:collector", [(header, uri)]) == expected, "\(header)")
    }
    #expect(try Self.caller("query:collector", [], target: uri) == expected)
  }

  @Test func `the nearest word on the original URI is taken, and a long one is not read`() throws {
    let headers = [("X-Forwarded-Uri", "/p?collector=b"), ("X-Original-URI", "/p?collector=a")]
    #expect(try Self.caller("query:collector", headers, target: "/p?collector=c") == "collector/a")
    let room = 16 * 1024 - "/p?collector=&x=".utf8.count - 1
    let long = "/p?collector=a&x=" + String(repeating: "x", count: room)
    #expect(long.utf8.count == 16 * 1024)
    #expect(try Self.caller("query:collector", [("X-Original-URI", long)]) == "collector/a")
    #expect(try Self.caller("query:collector", [("X-Original-URI", long + "x")]) == "malformed")
  }

  @Test func `a name has bounds and no control characters`() throws {
    let longest = String(repeating: "n", count: CollectorIdentity.maximumLength)
    #expect(try Self.caller("header:X-C", [("X-C", longest)]) == "collector/\(longest)")
    #expect(try Self.caller("header:X-C", [("X-C", longest + "n")]) == "malformed")
    #expect(try Self.caller("header:X-C", [("X-C", "")]) == "nobody")
    #expect(try Self.caller("header:X-C", [("X-C", "a"), ("x-c", "b")]) == "malformed")
    #expect(try Self.caller("header:X-C", [("X-C", "a\u{FFFD}b")]) == "malformed")
    #expect(try Self.caller("header:X-C=edge", [("x-c", "a")]) == "edge/a")
  }

  @Test(arguments: [
    ("datakit-linux-amd64/1.80.0/web-01", "datakit/web-01"),
    ("datakit-linux-amd64/1.80.0/", "malformed"), ("datakit-", "malformed"),
    ("datakit", "nobody"), ("Prometheus/2.42.0", "nobody"), ("", "nobody"),
  ])
  func `a DataKit is known by its User-Agent`(agent: String, expected: String) throws {
    #expect(try Self.caller("datakit-agent", [("User-Agent", agent)]) == expected)
  }

  @Test(arguments: [
    ("192.0.2.7", "192.0.2.7"), ("203.0.113.9, 192.0.2.7", "192.0.2.7"),
    ("203.0.113.9, 192.0.2.7, 10.0.0.7", "192.0.2.7"), ("10.0.0.8,10.0.0.7", "10.0.0.8"),
    ("192.0.2.7:4711", "192.0.2.7"), ("[2001:DB8:0::7]:4711", "2001:db8::7"),
    ("2001:DB8:0::7", "2001:db8::7"), ("::ffff:192.0.2.7", "192.0.2.7"),
    ("x, 192.0.2.7", "192.0.2.7"), ("192.0.2.7, x", nil), ("", nil), ("192.0.2.7,", nil),
    ("192.0.2", nil), ("192.0.2.7:x", nil), ("fe80::1%eth0", nil), ("[::1", nil),
    ("unknown", nil), (String(repeating: "10.0.0.7,", count: 64) + "10.0.0.7", nil),
  ])
  func `a listed proxy says where a push came from`(list: String, expected: String?) throws {
    let gate = try #require(PeerList("10.0.0.0/29,10.0.0.8"))
    let from = Peer.address("10.0.0.7")
    let caller = try Self.caller(
      "address", [("X-Forwarded-For", list)], from: from, gate: gate)
    #expect(caller == (expected.map { "address/\($0)" } ?? "malformed"))
  }

  @Test func `nobody else is believed, not even where everybody may push`() throws {
    let headers = [
      ("X-Forwarded-For", "192.0.2.7"), ("X-Real-IP", "192.0.2.7"), ("X-Subject", "CN=a"),
    ]
    let gate = try #require(PeerList("any,10.0.0.7"))
    for (peer, name) in [("203.0.113.9", "203.0.113.9"), ("10.0.0.7", "192.0.2.7")] {
      #expect(
        try Self.caller("address", headers, from: .address(peer), gate: gate) == "address/\(name)")
    }
    let setting = "client-certificate:X-Subject"
    #expect(
      try Self.caller(setting, headers, from: .address("203.0.113.9"), gate: gate) == "nobody")
    #expect(
      try Self.caller(setting, headers, from: .address("10.0.0.7"), gate: gate) == "collector/a")
    #expect(try Self.caller("address", [], from: .local) == "nobody")
  }

  @Test(arguments: [
    ([("X-Real-IP", "192.0.2.8")], "address/192.0.2.8"), ([("X-Real-IP", "x")], "malformed"),
    ([("X-Forwarded-For", "192.0.2.7"), ("X-Real-IP", "192.0.2.8")], "address/192.0.2.7"),
    ([("X-Forwarded-For", "192.0.2.1"), ("X-Forwarded-For", "192.0.2.2")], "address/192.0.2.2"),
    ([("Forwarded", "for=192.0.2.9;proto=https")], "address/192.0.2.9"),
    ([("Forwarded", "for=192.0.2.1, For=\"[2001:db8::9]:80\";by=x")], "address/2001:db8::9"),
    ([("Forwarded", "for=\"192.0.2.9\"")], "address/192.0.2.9"),
    ([("Forwarded", "for=_hidden")], "malformed"), ([("Forwarded", "proto=https")], "malformed"),
    ([("Forwarded", "for=\"192.0.2.9")], "malformed"), ([("Forwarded", "")], "malformed"),
  ])
  func `each header of proxies is understood`(
    headers: [(String, String)], expected: String
  ) throws {
    #expect(try Self.caller("address", headers) == expected)
  }

  @Test(arguments: [
    ("edge-1", "edge-1"), ("CN=edge-1", "edge-1"), ("CN=edge-1,O=ACME\\, Ltd", "edge-1"),
    ("O=ACME,cn=edge-1", "edge-1"), ("O=\"CN=x, y\",CN=edge-1", "edge-1"),
    ("CN=edge\\2C1", "edge,1"), ("CN=\"edge, 1\"", "edge, 1"), ("CN=\\E9\\9B\\86", "集"),
    ("OU=a+CN=edge-1,O=b", "edge-1"), ("/C=CN/O=ACME/CN=edge-1", "edge-1"),
    ("/CN=a/b/O=x", "a/b"),
    ("Hash=ab;Subject=\"CN=edge-1,O=ACME\";URI=spiffe://x/y", "edge-1"),
    ("By=x;Hash=ab;URI=spiffe://x/y;DNS=edge.example", "edge.example"),
    ("Hash=ab;Subject=\"\";URI=spiffe://x/y", "spiffe://x/y"),
    ("Subject%3D%22CN%3Dedge-1%2CC%3DFR%22%3BIssuer%3D%22CN%3Dca%22", "edge-1"),
    ("Subject%3D%22CN%3Dedge-1%22,Subject%3D%22CN%3Dca%22", "edge-1"),
    ("O=ACME", nil), ("CN=", nil), ("CN=#0402", nil), ("CN=a\\", nil), ("CN=\\FF", nil),
    ("Hash=ab;Subject=\"CN=a\",Hash=cd;Subject=\"CN=b\"", nil), ("Hash=ab;Subject=\"CN=a", nil),
    ("/O=ACME", nil), ("Subject%3D%2", nil), ("Hash=ab", nil),
  ])
  func `the name in a client certificate is read as proxies write it`(
    header: String, expected: String?
  ) throws {
    let caller = try Self.caller("client-certificate:X-Subject", [("X-Subject", header)])
    #expect(caller == (expected.map { "collector/\($0)" } ?? "malformed"))
  }

  @Test func `with more than the host name a push only says the host`() throws {
    let rules = try IdentityRules(sources: nil, dataKit: "hostname+runtime_id")
    let push = Push(
      headers: try Self.fields([("User-Agent", "datakit-linux-amd64/1.80.0/web-01")]),
      peer: .local, gate: .thisMachine)
    #expect(push.caller(rules) == .dataKit(host: "web-01"))
  }
}
