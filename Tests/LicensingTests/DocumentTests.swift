import CivilTime
import Licensing
import Sealing
import TestSupport
import Testing

struct DocumentTests {
  /// The pay-as-you-go example of the formats, without the members that `Sealing` writes.
  static let example = """
    {"ver":1,"iss":"https://license.vendor.example","jti":"lic_0192","line":"lin_0192",\
    "revision":3,"epoch":7,"sub":"cus_0192","customer":"ACME Ltd",\
    "product":"observability-platform","iat":1795219200,"edition":"payg","zone":"Asia/Shanghai",\
    "term":{"from":"2026-11-21","through":"2027-11-20"},"collectors":{"window":300,"dwell":0},\
    "gaps":"carry","support":"5x8","installations":1,"grace_days":14,\
    "reporting":{"mode":"realtime","gateway":"https://usage.vendor.example","lease_hours":72},\
    "price":{"currency":"CNY","minor_per_collector_day":120}}
    """

  @Test func `a license reads and is written back byte for byte`() throws {
    let license = try License.parse(Array(Self.example.utf8))
    #expect(license.json.text == Self.example)
    #expect(license.edition == .payg)
    #expect(license.activation == .required)
    #expect(license.enforce == .start)
    #expect(license.price == Price(currency: "CNY", minorPerCollectorDay: 120))
    #expect(license.epoch == 7)
    #expect(license.reporting.leaseHours == 72)
  }

  @Test(arguments: Edition.allCases)
  func `a license of each edition survives sealing`(_ edition: Edition) throws {
    #expect(Edition.allCases.count == 4)
    let license = try Sample.license(edition) {
      $0.activation = edition == .payg ? .optional : .required
      $0.enforce = .intake
    }
    #expect(try Shared.vendor.seal(license).payload == license)
  }

  @Test func `absent members take the values of their edition`() throws {
    for edition in Edition.allCases {
      let text = try Sample.license(edition).json.removing(["gaps"])
        .replacing("collectors", ["limit": 5, "overage": "record"])
      let license = try License.parse(text.serialized)
      #expect(license.gaps == (edition == .payg ? .carry : .observed))
      #expect(license.activation == (edition == .payg ? .required : .optional))
      #expect(license.collectors.window == 300)
      #expect(license.collectors.dwell == 0)
    }
  }

  @Test(arguments: Edition.allCases, EditionMember.allCases)
  func `the table of editions and members is held`(
    _ edition: Edition, _ member: EditionMember
  ) throws {
    let with: License = try Sample.license(edition) {
      if $0.reporting == Reporting(), member == .leaseHours || member == .reporting {
        $0.reporting = Reporting(mode: .offline, leaseHours: member == .leaseHours ? 24 : nil)
      }
    }
    let path = member.rawValue.split(separator: ".").map(String.init)
    let values: [EditionMember: JSONValue] = [
      .term: ["from": "2026-11-21", "through": "2027-11-20"],
      .maintenance: ["from": "2026-11-21", "through": "2027-11-20"],
      .release: "1.90.0", .limit: 7, .graceDays: 3, .leaseHours: 24,
      .reporting: ["mode": "offline"], .price: ["currency": "CNY", "minor_per_collector_day": 1],
    ]
    let value = try #require(values[member])
    var present = with.json
    if with.json[path: path] == nil { present = with.json.setting(path, to: value) }
    if member == .limit { present = present.setting(["collectors", "overage"], to: "refuse") }
    var absent = with.json.setting(path, to: nil)
    if member == .limit { absent = absent.setting(["collectors", "overage"], to: nil) }
    let requirement = edition.requirement(of: member)
    #expect(
      Self.isAccepted(present) == (requirement != .forbidden), "with \(member.rawValue)")
    #expect(
      Self.isAccepted(absent) == (requirement != .required), "without \(member.rawValue)")
  }

  private static func isAccepted(_ json: JSONValue) -> Bool {
    (try? License.parse(json.serialized)) != nil
  }

  /// Member, value, and what must not be accepted about it.
  static let wrong: [(path: String, value: JSONValue)] = [
    ("jti", "lin_1"), ("jti", "lic_"), ("jti", "lic_a/b"), ("jti", "lic_é"),
    ("line", "lic_1"), ("sub", "ACME"), ("revision", 0), ("revision", 1_000_000_001),
    ("epoch", 0), ("iat", -1), ("iat", 253_402_300_800), ("edition", "trial"),
    ("zone", "../etc/passwd"), ("zone", ""), ("product", "a b"), ("customer", ""),
    ("term", ["from": "2026-11-21", "through": "2026-11-20"]),
    ("term", ["from": "2026-11-21", "through": "2027-02-29"]),
    ("term", ["from": "1969-12-31", "through": "2027-02-28"]),
    ("term", ["from": "2026-11-21", "through": "2027-11-20", "x": 1]),
    ("collectors", ["window": 0]), ("collectors", ["window": 86_401]),
    ("collectors", ["window": 300, "dwell": 299]), ("collectors", ["limit": 5]),
    ("collectors", ["overage": "refuse"]), ("collectors", ["limit": 0, "overage": "refuse"]),
    ("collectors", []), ("gaps", "free"), ("support", ""), ("installations", 0),
    ("grace_days", -1), ("grace_days", 3661), ("grace_days", "14"),
    ("reporting", ["mode": "daily", "gateway": "https://a.example", "lease_hours": 1]),
    ("reporting", ["mode": "realtime", "lease_hours": 72]),
    ("reporting", ["mode": "offline", "gateway": "https://a.example", "lease_hours": 72]),
    ("reporting", ["mode": "realtime", "gateway": "ftp://a.example", "lease_hours": 72]),
    ("reporting", ["mode": "realtime", "gateway": "https://a.example", "lease_hours": 0]),
    ("price", ["currency": "cny", "minor_per_collector_day": 1]),
    ("price", ["currency": "CNYX", "minor_per_collector_day": 1]),
    ("price", ["currency": "CNY", "minor_per_collector_day": -1]),
    ("price", ["currency": "CNY", "minor_per_collector_day": 1_000_000_001]),
    ("activation", "maybe"), ("enforce", "never"), ("unknown", 1), ("ver", 0),
  ]

  @Test(arguments: wrong.indices)
  func `a wrong member is refused and named`(_ index: Int) throws {
    #expect(Self.wrong.count == 46)
    let (path, value) = Self.wrong[index]
    let json = try JSONScanner.scan(Array(Self.example.utf8)).setting([path], to: value)
    let refusal = #expect(throws: Refusal.self) { try License.parse(json.serialized) }
    #expect(refusal?.code == .malformed)
    #expect(refusal?.message.contains(path) == true)
  }

  @Test func `a license that may not be issued fails the check before it is sealed`() throws {
    let community = try Sample.license(.community) {
      $0.price = Price(currency: "CNY", minorPerCollectorDay: 1)
    }
    #expect(throws: Refusal.self) { try community.check() }
    let grace = try Sample.license(.perpetual) { $0.graceDays = 1 }
    #expect(throws: Refusal.self) { try grace.check() }
    for edition in Edition.allCases { try Sample.license(edition).check() }
  }

  @Test func `every other document is written as its format says`() throws {
    let print = try Shared.thumbprint(1)
    let head = try #require(Digest(Array(repeating: 7, count: 32)))
    let license = try #require(LicenseID("lic_1"))
    try Self.expect(
      Sample.release("1.99.0", "2026-12-21") {
        $0.coveredAsOf = try Shared.date("2026-11-01")
        $0.commit = "abc123"
      },
      """
      {"ver":1,"iss":"\(Sample.iss)","iat":1795190400,"epoch":1,\
      "product":"observability-platform","version":"1.99.0","released":"2026-12-21",\
      "covered_as_of":"2026-11-01","commit":"abc123"}
      """)
    try Self.expect(
      Revocations(
        iss: Sample.iss, iat: 5, seq: 2,
        revoked: [Revocations.Entry(jti: license, at: 4, reason: "refunded")]),
      """
      {"ver":1,"iss":"\(Sample.iss)","iat":5,"seq":2,\
      "revoked":[{"jti":"lic_1","at":4,"reason":"refunded"}]}
      """)
    var activation = try Sample.activation(iat: 5)
    activation.replaces = Activation.Replaced(installation: print, seq: 9, head: head)
    try Self.expect(
      activation,
      """
      {"ver":1,"iss":"\(Sample.iss)","iat":5,"line":"lin_1","revision":1,\
      "cnf":{"jkt":"\(print)"},\
      "replaces":{"installation":"\(print)","seq":9,"head":"\(head)"}}
      """)
    try Self.expect(
      Sample.receipt(iat: 5, leaseThrough: 9),
      """
      {"ver":1,"iss":"\(Sample.iss)","iat":5,"installation":"\(print)","seq":1,\
      "head":"\(head)","position":1,"lease_through":9}
      """)
    let key = try #require(Shared.vendor.trust.keyset.roots.keys.first)
    try Self.expect(
      Enrolment(jwk: key, license: license, replaces: print, iat: 5),
      """
      {"ver":1,"jwk":\(key.jwk.text),"license":"lic_1","replaces":"\(print)","iat":5}
      """)
  }

  private static func expect<Payload: SealedPayload>(_ payload: Payload, _ text: String) throws {
    #expect(payload.json.text == text)
    #expect(try Payload.parse(Array(text.utf8)) == payload)
    let json = payload.json
    guard case .object(let members) = json else { throw Refusal.malformed("no object") }
    #expect(throws: Refusal.self) {
      try Payload.parse(JSONValue.object(members + [JSONMember("x", 1)]).serialized)
    }
  }

  @Test func `a head stands exactly where there are records`() throws {
    var receipt = try Sample.receipt(iat: 5, leaseThrough: nil)
    receipt.seq = 0
    #expect(throws: Refusal.self) { try Receipt.parse(receipt.json.serialized) }
    receipt.head = nil
    #expect(try Receipt.parse(receipt.json.serialized) == receipt)
    receipt.seq = 1
    #expect(throws: Refusal.self) { try Receipt.parse(receipt.json.serialized) }
  }

  /// The first and the last second of a UTC date, and of the dates of other zones that it is not.
  @Test(arguments: [
    (1_795_132_800, "2026-12-21"), (1_795_190_400, "2026-12-21"), (1_795_219_199, "2026-12-21"),
    (1_795_219_200, "2026-12-22"), (0, "1970-02-01"), (1_827_187_200, "2027-12-27"),
  ])
  func `a release is signed at most 31 days before it comes out`(
    _ iat: Int64, _ last: String
  ) throws {
    let last = try Shared.date(last)
    for (days, isAllowed) in [
      (-400, true), (-1, true), (0, true), (1, false), (2, false), (365, false),
      (2_900_000, false),
    ] {
      var release = try Sample.release()
      release.iat = iat
      release.released = last.adding(days: Int64(days)) ?? (days < 0 ? .first : .last)
      do throws(Refusal) {
        #expect(try Release.parse(release.json.serialized) == release)
        try release.check()
        #expect(isAllowed, "\(days) days after the last one")
      } catch {
        #expect(!isAllowed && error.code == .malformed, "\(days): \(error)")
        #expect(error.message.contains("released") && error.message.contains("at most 31 days"))
      }
    }
    #expect(throws: Refusal(.malformed, "")) {
      var forever = try Sample.release()
      forever.released = .last
      try forever.check()
    }
  }

  @Test func `a fix never counts as newer than it is, and no license is revoked twice`() throws {
    let release = try Sample.release("1", "2026-12-01") {
      $0.coveredAsOf = try Shared.date("2026-12-02")
    }
    #expect(throws: Refusal.self) { try Release.parse(release.json.serialized) }
    let entry = Revocations.Entry(
      jti: try #require(LicenseID("lic_1")), at: 1, reason: "because")
    let twice = Revocations(iss: "v", iat: 1, seq: 1, revoked: [entry, entry])
    #expect(throws: Refusal.self) { try Revocations.parse(twice.json.serialized) }
  }

  @Test func `only an Ed25519 key enrols`() throws {
    let rsa = PublicKey.rsa(modulus: [0x80] + Array(repeating: 1, count: 255))
    let enrolment = Enrolment(jwk: rsa, license: try #require(LicenseID("lic_1")), iat: 1)
    let refusal = #expect(throws: Refusal.self) {
      try Enrolment.parse(enrolment.json.serialized)
    }
    #expect(refusal?.code == .keyNotAllowed)
  }

  @Test(arguments: [
    ("1.98.190", "1.98.190", nil), ("1@abc", "1", "abc"),
    ("1.0+b_2~rc-1@f00", "1.0+b_2~rc-1", "f00"),
  ])
  func `what runs is a version and perhaps a commit`(
    _ text: String, _ version: String, _ commit: String?
  ) throws {
    let running = try #require(RunningRelease(text))
    #expect(running.version == version)
    #expect(running.commit == commit)
    #expect(running.description == text)
  }

  @Test(arguments: [
    "", "@", "1@", "@a", "1@a@b", "1 0", "１", "a/b", String(repeating: "1", count: 65),
  ])
  func `anything else names no release`(_ text: String) {
    #expect(RunningRelease(text) == nil)
  }
}

extension JSONValue {
  /// The value at a path of members.
  subscript(path path: [String]) -> JSONValue? {
    path.reduce(self) { value, name in value?[name] }
  }

  /// The object with one member at the path set, or removed by nil; objects on the way are made.
  func setting(_ path: [String], to value: JSONValue?) -> JSONValue {
    guard case .object(var members) = self, let name = path.first else { return self }
    let index = members.firstIndex { $0.name == name }
    var new = value
    if path.count > 1 {
      let inner = index.map { members[$0].value }
      if inner == nil && value == nil { return self }
      new = (inner ?? [:]).setting(Array(path.dropFirst()), to: value)
    }
    if let index, let new {
      members[index].value = new
    } else if let index {
      members.remove(at: index)
    } else if let new {
      members.append(JSONMember(name, new))
    }
    return .object(members)
  }

  func removing(_ names: [String]) -> JSONValue {
    names.reduce(self) { $0.setting([$1], to: nil) }
  }

  func replacing(_ name: String, _ value: JSONValue) -> JSONValue {
    setting([name], to: value)
  }
}
