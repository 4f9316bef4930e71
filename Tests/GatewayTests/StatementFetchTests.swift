import Billing
import CivilTime
import Gateway
import HTTPTypes
import Libcrypto
import Licensing
import Metering
import Reporting
import Sealing
import Testing
import TestSupport

/// Installations that ask for the statements of their own lines.
@Suite struct StatementFetchTests {
  static func request(
    _ site: TestSite, _ installation: TestInstallation, at instant: Int64? = nil,
    month: String = "2026-11", have: Holdings = Holdings()
  ) throws -> StatementRequest {
    StatementRequest(
      installation: installation.thumbprint, month: month,
      alive: try installation.alive(at: try instant ?? site.clock.now()), have: have)
  }

  static func fetch(
    _ site: TestSite, _ installation: TestInstallation, at instant: Int64? = nil,
    month: String = "2026-11"
  ) async throws -> Statement {
    let answer = try await site.gateway.counter.fetch(
      try request(site, installation, at: instant, month: month))
    return try site.vendor.trust.open(
      Array(answer.statement.utf8), as: Statement.self
    ).payload
  }

  @Test func `an installation gets its line's statement, sealed as of now`() async throws {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try installation.day(peak: 7)
      _ = try await site.report(installation, installation.records)
      site.clock.advance(86_400)
      let statement = try await Self.fetch(site, installation)
      #expect(statement.line == site.license.line && statement.status == .provisional)
      #expect(statement.lines.first?.peak == 7)
      #expect(statement.asOf == (try site.clock.now()))
    }
  }

  @Test func `a final statement is handed out in the bytes in which it is kept`() async throws {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try installation.day(peak: 7)
      _ = try await site.report(installation, installation.records)
      site.clock.set(try DateCloserTests.midnight("2026-12-04"))
      let final = try await FinalStatementTests.makeFinal(site, "2026-11")
      site.clock.advance(86_400)
      let answer = try await site.gateway.counter.fetch(try Self.request(site, installation))
      #expect(answer.statement == final.sealed)
    }
  }

  /// A second customer's license of another line, published, and an installation under it.
  private static func neighbour(_ site: TestSite) async throws -> TestInstallation {
    let license = try TestSite.payg("2", line: "lin_2", revision: 1, sub: "cus_2")
    let text = try site.vendor.jws(license)
    let installation = try TestInstallation(license: license.jti, root: site.vendor.trust.root)
    _ = try await site.gateway.activations.activate(
      ActivationRequest(license: text, enrolment: try installation.enrolment()))
    return installation
  }

  @Test func `whoever asks for whom by whichever seal, only one's own seal brings one's own line`()
    async throws
  {
    try await TestSite.play { site in
      let stranger = try site.installation()
      let all = [try await site.activated(), try await Self.neighbour(site), stranger]
      let lines = ["lin_1", "lin_2", ""]
      var answered = 0
      for (index, asked) in all.enumerated() {
        for (sealer, seals) in all.enumerated() {
          for (namer, named) in all.enumerated() {
            let payload = Alive(
              installation: named.thumbprint, seq: 0, head: nil, at: try site.clock.now())
            let request = StatementRequest(
              installation: asked.thumbprint, month: "2026-11",
              alive: try seals.key.seal(payload))
            guard index == sealer, sealer == namer, index < 2 else {
              let refused = try await problem { try await site.gateway.counter.fetch(request) }
              let expected: Set<Problem.Code> =
                index == 2 ? [.notActivated] : [.unknownKey, .malformed]
              #expect(expected.contains(refused.code), "\(index) \(sealer) \(namer)")
              continue
            }
            answered += 1
            let answer = try await site.gateway.counter.fetch(request)
            let statement = try site.vendor.trust.open(
              Array(answer.statement.utf8), as: Statement.self
            ).payload
            #expect(statement.line.text == lines[index])
            #expect(statement.lines.allSatisfy { $0.installation == asked.thumbprint })
          }
        }
      }
      #expect(answered == 2)
    }
  }

  @Test func `the request has no member by which another line could be asked for`() async throws {
    try await TestSite.play { site in
      let installation = try await site.activated()
      guard case .object(let members) = try Self.request(site, installation).json else {
        throw TestInstallation.Missing()
      }
      for name in ["line", "license", "sub"] {
        let body = JSONValue.object(members + [JSONMember(name, "lin_2")]).serialized
        let answer = try await site.send(.post, "/v1/statements/fetch", body)
        #expect(answer.status == 400 && answer.problem?.code == .malformed)
      }
      let answer = try await site.send(
        .post, "/v1/statements/fetch", JSONValue.object(members).serialized)
      #expect(answer.status == 200 && answer.json?["statement"] != nil)
    }
  }

  @Test func `a sign of life is taken within five minutes of the gateway's clock, and no later`()
    async throws
  {
    try await TestSite.play { site in
      let installation = try await site.activated()
      let now = try site.clock.now()
      for distance in [-300, 0, 300] as [Int64] {
        _ = try await Self.fetch(site, installation, at: now + distance)
      }
      for distance in [-301, 301, -now, 4_102_444_800] as [Int64] {
        let refused = try await problem {
          try await Self.fetch(site, installation, at: now + distance)
        }
        #expect(refused.code == .forbidden && refused.detail.contains("300 s"), "\(distance)")
      }
    }
  }

  @Test func `a record in place of the sign of life, and a changed one, open nothing`() async throws
  {
    try await TestSite.play { site in
      var installation = try await site.activated()
      let record = try installation.sample(peak: 3, after: 100)
      let good = try installation.alive(at: try site.clock.now())
      for text in [record, TestInstallation.unsigned(good), "", "a.b.c"] {
        let refused = try await problem {
          try await site.gateway.counter.fetch(
            StatementRequest(
              installation: installation.thumbprint, month: "2026-11", alive: text))
        }
        #expect([.wrongKind, .signatureInvalid, .malformed].contains(refused.code))
      }
    }
  }

  @Test func `an installation whose place is gone is sent to the vendor`() async throws {
    try await TestSite.play { site in
      let old = try await site.activated()
      let new = try await site.successor(of: old)
      let refused = try await problem { try await Self.fetch(site, old) }
      #expect(refused.code == .notActivated)
      #expect(try await Self.fetch(site, new).line == site.license.line)
      _ = try await site.gateway.decisions.release(
        new.thumbprint, StaffWord(by: "alice", why: "closed"))
      #expect(try await problem { try await Self.fetch(site, new) }.code == .notActivated)
    }
  }

  @Test func `an installation may ask as often as it may report, counted by its own seal`()
    async throws
  {
    try await TestSite.play { site in
      let installation = try await site.activated()
      let gateway = try Self.gateway(site, perInstallation: 2)
      let request = try Self.request(site, installation)
      let forged = StatementRequest(
        installation: installation.thumbprint, month: "2026-11",
        alive: TestInstallation.unsigned(request.alive))
      for _ in 0..<5 {
        let refused = try await problem { try await gateway.counter.fetch(forged) }
        #expect(refused.code == .signatureInvalid)
      }
      for _ in 0..<2 { _ = try await gateway.counter.fetch(request) }
      let refused = try await Self.refusal(of: request, by: gateway, within: 20)
      #expect(refused.code == .rateLimited && refused.detail.contains("this installation"))
    }
  }

  @Test func `the installations of a line share what is computed for them`() async throws {
    try await TestSite.play { site in
      let installation = try await site.activated()
      let gateway = try Self.gateway(site, perInstallation: 100_000)
      let request = try Self.request(site, installation)
      let refused = try await Self.refusal(of: request, by: gateway, within: 1000)
      #expect(refused.code == .rateLimited && refused.detail.contains("this line"))
    }
  }

  /// One that holds installations to a pace.
  private static func gateway(_ site: TestSite, perInstallation: Int64) throws -> Gateway {
    Gateway(
      store: site.store, trust: try GatewayTrust(site.vendor.trust, revocations: nil),
      key: try site.vendor.key(.gateway), clock: site.clock, perInstallation: perInstallation)
  }

  /// Asks until it is refused: allowances grow while a slow machine works.
  private static func refusal(
    of request: StatementRequest, by gateway: Gateway, within most: Int
  ) async throws -> Problem {
    for _ in 0..<most {
      do { _ = try await gateway.counter.fetch(request) } catch let problem as Problem {
        return problem
      }
    }
    throw TestInstallation.Missing()
  }

  @Test(arguments: ["2026-13", "2026-1", "", "november", "2026-11-01"])
  func `what is no month is refused`(month: String) async throws {
    try await TestSite.play { site in
      let installation = try await site.activated()
      let body = try Self.request(site, installation, month: month).json.serialized
      let answer = try await site.send(.post, "/v1/statements/fetch", body)
      #expect(answer.status == 400 && answer.problem?.code == .malformed)
    }
  }

  @Test func `keysets come along where the installation has an older one, and not otherwise`()
    async throws
  {
    try await TestSite.play { site in
      let installation = try await site.activated()
      let epoch = site.vendor.trust.keyset.epoch
      let none = try await site.gateway.counter.fetch(
        try Self.request(site, installation, have: Holdings(epoch: epoch)))
      #expect(none.delivery.keysets.isEmpty)
      let some = try await site.gateway.counter.fetch(try Self.request(site, installation))
      #expect(some.delivery.keysets.count == site.vendor.trust.chain.count)
      #expect(some.delivery.licenses.isEmpty && some.delivery.revocations == nil)
    }
  }

  @Test func `staff read a statement in every form`() async throws {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try installation.day(peak: 7)
      _ = try await site.report(installation, installation.records)
      let token = try await site.token()
      let path = "/v1/statements?line=lin_1&month=2026-11"
      let json = try await site.send(.get, path, token: token)
      #expect(json.status == 200 && json.json?["sealed"]?.string != nil)
      let asked = try await site.send(.get, path + "&format=json", token: token)
      #expect(asked.json?["statement"] != nil)
      let csv = try await site.send(.get, path + "&format=csv", token: token)
      #expect(csv.headers[.contentType] == "text/csv; charset=utf-8; header=present")
      #expect(csv.body.starts(with: [0xEF, 0xBB, 0xBF]) && csv.text.contains("2026-11-21"))
      let focus = try await site.send(.get, path + "&format=focus", token: token)
      #expect(focus.text.hasPrefix("BilledCost,") && focus.text.contains("8.40"))
      let jws = try await site.send(.get, path + "&format=jws", token: token)
      #expect(jws.headers[.contentType] == "application/jose")
      let opened = try site.vendor.trust.open(jws.body, as: Statement.self).payload
      #expect(opened.lines.first?.peak == 7)
      let wrong = try await site.send(.get, path + "&format=xml", token: token)
      #expect(wrong.status == 400 && wrong.problem?.code == .malformed)
      #expect(try await site.send(.get, path + "&format=csv").status == 401)
    }
  }
}
