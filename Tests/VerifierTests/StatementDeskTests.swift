import Billing
import CivilTime
import Libcrypto
import LibcryptoIssuing
import Licensing
import Metering
import Platform
import Reporting
import Sealing
import TestSupport
import Testing
import Verifier

/// Statements that the verifier brings and holds against its own ledger.
@Suite struct StatementDeskTests {
  /// A site that has reported some samples and a day record.
  static func reported() async throws -> (TestSite, RunningSite) {
    let site = try TestSite()
    let running = try await site.start(installing: try site.license())
    for peak in 0..<3 {
      _ = try running.beat("host-\(peak)")
      try await running.pass(6)
    }
    _ = try await running.report()
    return (site, running)
  }

  static func month(_ text: String = "2026-11") throws -> Month {
    guard let month = Month(text) else { throw TestSite.Missing(what: "a month") }
    return month
  }

  static func entry(_ record: UsageRecord) throws -> UsageEntry {
    guard let license = LicenseID(record.license) else { throw TestSite.Missing(what: "a license") }
    return UsageEntry(
      installation: record.installation, seq: record.seq,
      kind: record.stage == .day ? .day : .sample, date: record.date, from: record.from,
      to: record.to, peak: record.peak?.count, peakAt: record.peak?.at,
      observed: record.observed,
      gaps: record.gaps.filter { $0.from < $0.to }.map {
        UsageGap(from: $0.from, to: $0.to, reason: $0.reason.rawValue)
      }, rule: record.rule, license: license, revision: record.revision)
  }

  /// What the vendor writes of what has a receipt.
  static func statement(
    _ site: TestSite, _ running: RunningSite, month: String = "2026-11",
    licenses: [License]? = nil
  ) throws -> Statement {
    let zone = try ZoneFiles.load("Asia/Shanghai")
    let records = running.gateway.stored.records
    let name = running.daemon.desk.installation.name
    return try Statement.draft(
      from: StatementBasis(
        month: try self.month(month), zone: zone, asOf: try site.clocks.now(),
        position: Int64(records.count), licenses: try licenses ?? [site.license()],
        installations: [BilledInstallation(thumbprint: name, activatedAt: TestSite.noon)],
        entries: try records.map(entry)))
  }

  static func code(_ body: () async throws -> some Any) async throws -> VerifierError.Code {
    do { _ = try await body() } catch let error as VerifierError { return error.code }
    throw TestSite.Missing(what: "a refusal")
  }

  @Test func `a statement is brought by the installation's own seal, of now`() async throws {
    let (site, running) = try await Self.reported()
    let sealed = try site.vendor.jws(try Self.statement(site, running))
    running.gateway.set(statement: sealed)
    let fetched = try await running.daemon.desk.statement(of: try Self.month())
    #expect(fetched.jws == sealed && fetched.statement.lines.count == 1)
    #expect(fetched.keysets == [site.vendor.keyset])
    let request = try #require(running.gateway.asked.first)
    let name = running.daemon.desk.installation.name
    #expect(request.month == "2026-11" && request.installation == name)
    let seal = InstallationSeal(key: running.gateway.key, cryptography: LibcryptoProvider())
    let alive = try seal.open(Array(request.alive.utf8), as: Alive.self).payload
    #expect(alive.at == (try site.clocks.now()))
    #expect(alive.seq == (try await running.ledger.head().seq))
    // It stands alone: the file opens by the root.
    let file = fetched.statement.file(
      as: .jws, sealed: fetched.jws, keysets: fetched.keysets, in: .utc)
    #expect(try Armour.read(file).map(\.kind) == [.statement, .keyset])
    #expect(try FetchedStatement(fetched.json).statement == fetched.statement)
  }

  @Test func `what was not asked for is not believed`() async throws {
    let (site, running) = try await Self.reported()
    let statement = try Self.statement(site, running)
    var other = statement
    guard let line = LineID("lin_2") else { throw TestSite.Missing(what: "a line") }
    other.line = line
    let answers = [
      try site.vendor.jws(other),
      try site.vendor.jws(try Self.statement(site, running, month: "2026-12")),
      try TestVendor(iss: site.vendor.iss).jws(statement),
      try site.vendor.key(.license).seal(statement), "nonsense", "",
    ]
    for answer in answers {
      running.gateway.set(statement: answer)
      let code = try await Self.code {
        try await running.daemon.desk.statement(of: try Self.month())
      }
      #expect(code == .gatewayAnswerUnusable, "\(answer.prefix(40))")
    }
  }

  @Test func `what the gateway does is said by its code`() async throws {
    let (_, running) = try await Self.reported()
    let weathers: [(FakeGateway.Weather, VerifierError.Code)] = [
      (.down, .gatewayUnreachable), (.garbage, .gatewayAnswerUnusable),
      (.problem(.rateLimited, facts: [:]), .gatewayRefused),
      (.problem(.forbidden, facts: [:]), .gatewayRefused),
    ]
    for (weather, expected) in weathers {
      running.gateway.set(weather)
      let code = try await Self.code {
        try await running.daemon.desk.statement(of: try Self.month())
      }
      #expect(code == expected)
    }
    // Reporting goes on as if nobody had asked.
    running.gateway.set(.fair)
    #expect(try await running.report(force: true)?.outcome == "RECEIPTED")
  }

  @Test func `under a license that reports by file nothing dials`() async throws {
    let site = try TestSite()
    let running = try await site.start(
      installing: try site.license(reporting: BundleDeskTests.offline))
    let refused = try await Self.code {
      try await running.daemon.desk.statement(of: try Self.month())
    }
    #expect(refused == .requestRefused && running.gateway.asked.isEmpty)
  }

  private static func checked(
    _ site: TestSite, _ running: RunningSite, _ statement: Statement, keysets: [String] = []
  ) async throws -> CheckedStatement {
    try await running.daemon.desk.check(
      statement: Statement.armoured(try site.vendor.jws(statement), keysets: keysets),
      source: "november.tally")
  }

  @Test func `the vendor's statement is equal to the ledger, and a changed one names what differs`()
    async throws
  {
    let (site, running) = try await Self.reported()
    let statement = try Self.statement(site, running)
    let equal = try await Self.checked(site, running, statement)
    #expect(equal.recount.difference == nil && equal.recount.entries == 1, "\(equal.json.text)")
    #expect(equal.json["equal"] == true && equal.json["unseen"] == [])
    var more = statement
    more.lines[0].quantity += 1
    more.lines[0].charge?.amount += 120
    more = try more.adding([])
    let differs = try await Self.checked(site, running, more)
    #expect(differs.recount.difference?.member == "quantity")
    #expect(differs.json["difference"]?["date"] == "2026-11-21")
    #expect(differs.json["difference"]?["statement"] == 4)
    #expect(differs.json["difference"]?["records"] == 3)
  }

  @Test func `a record that has no receipt is not held against the vendor, one that has is`()
    async throws
  {
    let (site, running) = try await Self.reported()
    let before = try Self.statement(site, running)
    _ = try running.beat("host-9")
    try await running.pass(6)
    let unreported = try await Self.checked(site, running, before)
    #expect(unreported.recount.difference == nil)
    _ = try await running.report(force: true)
    // Written before it came: the receipt's position is higher.
    #expect(try await Self.checked(site, running, before).recount.difference == nil)
    var late = before
    late.position = Int64(running.gateway.stored.records.count)
    let held = try await Self.checked(site, running, late)
    #expect(held.recount.difference?.member == "seq")
  }

  @Test func `another line's statement and another vendor's are refused`() async throws {
    let (site, running) = try await Self.reported()
    var other = try Self.statement(site, running)
    guard let line = LineID("lin_2") else { throw TestSite.Missing(what: "a line") }
    other.line = line
    let refused = try await Self.code { try await Self.checked(site, running, other) }
    #expect(refused == .documentRefused)
    let stranger = try TestVendor(iss: site.vendor.iss)
    let forged = Statement.armoured(
      try stranger.jws(try Self.statement(site, running)), keysets: [stranger.keyset])
    let code = try await Self.code {
      try await running.daemon.desk.check(statement: forged, source: "november.tally")
    }
    #expect(code == .documentRefused)
  }

  @Test func `samples whose bytes were dropped are named, and the rest is compared`() async throws {
    let (site, running) = try await Self.reported()
    let statement = try Self.statement(site, running)
    try site.execute("UPDATE record SET jws = NULL, dropped = hash WHERE kind = 'sample'")
    let checked = try await Self.checked(site, running, statement)
    #expect(checked.recount.difference == nil)
    #expect(checked.json["unseen"] == [["code": "SAMPLES_DROPPED", "date": "2026-11-21"]])
  }

  @Test func `what staff decided is taken from the quoted decisions, if a gateway sealed them`()
    async throws
  {
    let (site, running) = try await Self.reported()
    let name = running.daemon.desk.installation.name
    let date = try Self.month().dates[20]
    let decision = Decision(
      iss: site.vendor.iss, iat: TestSite.noon, line: try site.license().line,
      installation: name, by: "alice", why: "agreed",
      matter: .bill(try BillChange(.correct(1), from: date, through: date)))
    let genuine = try site.vendor.jws(decision)
    var statement = try Self.statement(site, running)
    #expect(statement.lines.map(\.date) == [date])
    statement.lines[0].decided = .correct
    statement.lines[0].computed = statement.lines[0].quantity
    statement.lines[0].quantity = 1
    statement.lines[0].charge?.amount = 120
    statement = try statement.adding([])
    statement.decisions = [genuine]
    let equal = try await Self.checked(site, running, statement)
    #expect(equal.recount.difference == nil, "\(equal.json.text)")
    #expect(equal.json["decisions"] == 1 && equal.json["equal"] == true)
    var forged = statement
    forged.decisions = [try TestVendor(iss: site.vendor.iss).jws(decision)]
    let refused = try await Self.code { try await Self.checked(site, running, forged) }
    #expect(refused == .documentRefused)
    var missing = statement
    missing.decisions = []
    let differs = try await Self.checked(site, running, missing)
    #expect(differs.recount.difference?.date == date)
  }
}
