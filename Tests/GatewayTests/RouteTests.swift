import Billing
import Gateway
import HTTPTypes
import Licensing
import Reporting
import Sealing
import Testing
import TestSupport

@Suite struct RouteTests {
  @Test func `activation, report and statement over HTTP`() async throws {
    try await TestSite.play { site in
      let token = try await site.token()
      var installation = try site.installation()
      let publication = Publication(licenses: [site.licenseText])
      let published = try await site.send(
        .put, "/v1/publications", token: token, publication.json.serialized)
      #expect(published.status == 200)
      #expect(published.json?["licenses"]?.integer == 1)
      let request = ActivationRequest(
        license: site.licenseText, enrolment: try installation.enrolment())
      let activated = try await site.send(.post, "/v1/activations", request.json.serialized)
      #expect(activated.status == 200)
      _ = try ActivationAnswer(activated.body)
      try installation.day(peak: 7)
      try installation.sample(peak: 12, after: 600)
      let report = ReportRequest(
        installation: installation.thumbprint, records: installation.records)
      let reported = try await site.send(.post, "/v1/reports", report.json.serialized)
      #expect(reported.status == 200)
      #expect(try site.open(try ReportAnswer(reported.body).receipt).seq == 2)
      site.clock.set(TestSite.noon + 86_000)
      for query in ["license=lic_1", "line=lin_1"] {
        let answer = try await site.send(
          .get, "/v1/statements?\(query)&month=2026-11", token: token)
        #expect(answer.status == 200)
        let sealed = try TestSite.some(answer.json?["sealed"]?.string)
        let statement = try site.vendor.trust.open(Array(sealed.utf8), as: Statement.self)
        #expect(statement.payload.json == answer.json?["statement"])
        #expect(statement.payload.status == .provisional)
        #expect(statement.payload.lines.map(\.quantity) == [7, 12])
        #expect(statement.payload.totals.map(\.amount) == [2280])
        #expect(statement.payload.position == 2)
      }
      let name = installation.thumbprint
      let list = try await site.send(.get, "/v1/installations?line=lin_1", token: token)
      #expect(list.text.contains(name.text))
      let days = try await site.send(
        .get, "/v1/installations/\(name)/days?month=2026-11", token: token)
      guard case .array(let dates)? = days.json?["days"] else {
        Issue.record("\(days.text)")
        return
      }
      #expect(dates.map { $0["date"]?.string } == ["2026-11-21", "2026-11-22"])
      #expect(dates.map { $0["peak"]?.integer } == [7, 12])
    }
  }

  @Test func `the vendor's paths need a token of the right scope`() async throws {
    try await TestSite.play { site in
      let read = try await site.token([.read])
      let publish = try await site.token([.publish])
      let reading = [
        "/v1/installations", "/v1/installations/\(try site.installation().thumbprint)",
        "/v1/statements?line=lin_1&month=2026-11",
      ]
      for path in reading {
        #expect(try await site.send(.get, path).status == 401)
        #expect(try await site.send(.get, path, token: "tally_gw_wrong").status == 401)
        #expect(try await site.send(.get, path, token: publish).status == 403)
        #expect([200, 404].contains(try await site.send(.get, path, token: read).status))
      }
      let body = Publication().json.serialized
      #expect(try await site.send(.put, "/v1/publications", body).status == 401)
      #expect(try await site.send(.put, "/v1/publications", token: read, body).status == 403)
      #expect(try await site.send(.put, "/v1/publications", token: publish, body).status == 200)
      site.clock.advance(86_400)
      let expired = try await site.send(.get, "/v1/installations", token: read)
      #expect(expired.status == 401)
      #expect(expired.headers[.wwwAuthenticate] == "Bearer")
    }
  }

  @Test func `a revoked token is refused at once, and no token is kept as text`() async throws {
    try await TestSite.play { site in
      let (text, token) = try await site.gateway.tokens.make([.read], days: 9, note: "one")
      #expect(try await site.send(.get, "/v1/installations", token: text).status == 200)
      #expect(try await site.gateway.tokens.revoke(token.id))
      #expect(try await site.gateway.tokens.revoke(token.id) == false)
      #expect(try await site.send(.get, "/v1/installations", token: text).status == 401)
      let kept = try await site.gateway.tokens.list()
      #expect(kept.map(\.id) == [token.id])
      #expect(!kept.map(\.json.text).joined().contains(text))
    }
  }

  struct Refused: Sendable {
    let method: HTTPRequest.Method
    let path: String
    let body: String
    let status: Int
    let code: Problem.Code
  }

  static let refusals: [Refused] = [
    .init(method: .get, path: "/", body: "", status: 404, code: .notFound),
    .init(method: .get, path: "/v2/reports", body: "", status: 404, code: .notFound),
    .init(method: .get, path: "/v1/reports", body: "", status: 405, code: .methodNotAllowed),
    .init(method: .delete, path: "/healthz", body: "", status: 405, code: .methodNotAllowed),
    .init(method: .post, path: "/v1/publications", body: "", status: 405, code: .methodNotAllowed),
    .init(method: .post, path: "/v1/reports", body: "", status: 400, code: .malformed),
    .init(method: .post, path: "/v1/reports", body: "{}", status: 400, code: .malformed),
    .init(method: .post, path: "/v1/reports", body: "[1,2", status: 400, code: .malformed),
    .init(
      method: .post, path: "/v1/activations", body: "{\"license\":1}", status: 400,
      code: .malformed),
    .init(
      method: .post, path: "/v1/activations",
      body: String(repeating: " ", count: 256 * 1024 + 1), status: 413, code: .tooLarge),
    .init(
      method: .post, path: "/v1/reports",
      body: String(repeating: " ", count: 8 * 1024 * 1024 + 1), status: 413, code: .tooLarge),
  ]

  @Test func `what cannot be taken is a problem document`() async throws {
    #expect(Self.refusals.count == 11)
    try await TestSite.play { site in
      for refused in Self.refusals {
        let answer = try await site.send(
          refused.method, refused.path, Array(refused.body.utf8))
        let name = "\(refused.method) \(refused.path) \(refused.body.prefix(9))"
        #expect(answer.status == refused.status, "\(name)")
        #expect(answer.problem?.code == refused.code, "\(name): \(answer.text)")
        #expect(answer.headers[.contentType] == "application/problem+json", "\(name)")
        if refused.status == 405 { #expect(answer.headers[.allow]?.isEmpty == false) }
      }
    }
  }

  @Test func `a body at the limit is read`() async throws {
    try await TestSite.play { site in
      let answer = try await site.send(
        .post, "/v1/activations", [UInt8](repeating: 0x20, count: 256 * 1024))
      #expect(answer.problem?.code == .malformed)
    }
  }

  @Test func `a report of a thousand records is taken, one more is not`() async throws {
    try await TestSite.play { site in
      var installation = try await site.activated()
      for index in 1...1001 { try installation.sample(peak: 5, after: 60 + Int64(index)) }
      func send(_ count: Int) async throws -> Answer {
        let report = ReportRequest(
          installation: installation.thumbprint,
          records: Array(installation.records.prefix(count)))
        return try await site.send(.post, "/v1/reports", report.json.serialized)
      }
      #expect(try await send(1001).problem?.code == .tooLarge)
      #expect(try await send(1000).status == 200)
    }
  }

  @Test func `out of order names the record that is expected`() async throws {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try installation.days(3)
      site.clock.advance(3 * 86_400)
      let report = ReportRequest(
        installation: installation.thumbprint, records: [installation.records[2]])
      let answer = try await site.send(.post, "/v1/reports", report.json.serialized)
      #expect(answer.status == 409)
      #expect(answer.json?["code"]?.string == "OUT_OF_ORDER")
      #expect(answer.json?["expected"]?.integer == 1)
      #expect(answer.json?["retryable"] == .bool(false))
    }
  }

  @Test func `queries are read strictly`() async throws {
    try await TestSite.play { site in
      let token = try await site.token()
      let paths = [
        "/v1/statements?license=lic_1", "/v1/statements?month=2026-11",
        "/v1/statements?license=lic_1&month=2026-13",
        "/v1/statements?license=1&month=2026-11", "/v1/statements?licence=lic_1&month=2026-11",
        "/v1/statements?license=lic_1&month=2026-11&month=2026-12",
        "/v1/installations?limit=3", "/v1/installations?after=x",
      ]
      for path in paths {
        let answer = try await site.send(.get, path, token: token)
        #expect(answer.problem?.code == .malformed, "\(path): \(answer.text)")
      }
      for path in [
        "/v1/statements?license=lic_none&month=2026-11",
        "/v1/statements?license=lic_1&line=lin_2&month=2026-11",
        "/v1/statements?line=lin_none&month=2026-11", "/v1/installations/none",
      ] {
        let answer = try await site.send(.get, path, token: token)
        #expect(answer.problem?.code == .notFound, "\(path): \(answer.text)")
      }
    }
  }

  @Test func `health, readiness and metrics`() async throws {
    try await TestSite.play { site in
      #expect(try await site.send(.get, "/healthz").status == 200)
      #expect(try await site.send(.get, "/readyz").status == 200)
      #expect(try await site.send(.head, "/healthz").status == 200)
      var installation = try await site.activated()
      try installation.sample(peak: 3, after: 60)
      let report = ReportRequest(
        installation: installation.thumbprint, records: installation.records)
      _ = try await site.send(.post, "/v1/reports", report.json.serialized)
      _ = try await site.send(.post, "/v1/reports", report.json.serialized)
      _ = try await site.send(.post, "/v1/reports", Array("{}".utf8))
      let metrics = try await site.send(.get, "/metrics").text
      for line in [
        "tally_gateway_records_total{status=\"stored\"} 1",
        "tally_gateway_records_total{status=\"duplicate\"} 1",
        "tally_gateway_problems_total{code=\"MALFORMED\"} 1",
        "tally_gateway_receipts_total 2", "tally_gateway_ready 1",
        "tally_gateway_requests_total{path=\"/v1/reports\",status=\"200\"} 2",
      ] {
        #expect(metrics.contains(line + "\n"), "\(line) in \(metrics)")
      }
    }
  }

  @Test func `installations are listed page by page, each once`() async throws {
    try await TestSite.play(installations: 250) { site in
      for _ in 0..<205 { _ = try await site.activated() }
      var names: [String] = []
      var cursor: Thumbprint?
      var pages = 0
      repeat {
        let (page, next) = try await site.gateway.installations.page(
          line: site.license.line, after: cursor)
        names += page.compactMap { $0["installation"]?.string }
        cursor = next
        pages += 1
      } while cursor != nil
      #expect(pages == 3)
      #expect(names.count == 205)
      #expect(Set(names).count == 205)
      #expect(names == names.sorted())
    }
  }
}
