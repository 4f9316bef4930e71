import CivilTime
import Licensing
import Metering
import Reporting
import Sealing
import StartupCheck
import TestSupport
import Testing
import Verifier

/// Under which line an installation counts that holds several: the one that its verdict is about.
@Suite struct LineTests {
  /// Why another line does not let the platform run, though its license was issued last.
  enum Flaw: CaseIterable {
    case early, over, otherProduct, revoked
  }

  /// A license of the line 2, issued after those of the line 1.
  private func second(
    _ site: TestSite, _ change: (inout License) throws -> Void = { _ in }
  ) throws -> License {
    var license = try site.license(revision: 2)
    license.jti = try #require(LicenseID("lic_second"))
    license.line = try #require(LineID("lin_2"))
    license.iat += 60
    license.activation = .optional
    try change(&license)
    return license
  }

  private func first(
    _ site: TestSite, _ change: (inout License) throws -> Void = { _ in }
  ) throws -> License {
    var license = try site.license()
    license.activation = .optional
    try change(&license)
    return license
  }

  private func flawed(_ flaw: Flaw, _ site: TestSite) throws -> License {
    try second(site) { license in
      func term(_ from: String, _ through: String) throws -> Term? {
        Term(from: try #require(CivilDate(from)), through: try #require(CivilDate(through)))
      }
      switch flaw {
      case .early: license.term = try term("2027-01-01", "2027-12-31")
      case .over: license.term = try term("2025-01-01", "2025-12-31")
      case .otherProduct: license.product = "other"
      case .revoked: break
      }
    }
  }

  private func revocation(of license: License, _ site: TestSite) throws -> ShelfOffer {
    let document = Revocations(
      iss: site.vendor.iss, iat: TestSite.noon - 60, seq: 1,
      revoked: [Revocations.Entry(jti: license.jti, at: TestSite.noon - 60, reason: "refunded")])
    return ShelfOffer(Delivery(revocations: try site.vendor.jws(document)))
  }

  /// The line that the installation counts under now.
  private func counted(_ site: TestSite, _ content: ShelfContent) throws -> LineID? {
    try site.surroundings().line(of: content, at: try site.clocks.now())
  }

  /// The line that a verdict is about now.
  private func judged(_ site: TestSite, _ content: ShelfContent) throws -> LineID? {
    let surroundings = try site.surroundings()
    return judgedLine(
      in: content.dossier.situation(
        running: surroundings.running, wall: try site.clocks.now(), zones: surroundings.zones))
  }

  @Test(arguments: Flaw.allCases, [false, true])
  func `it counts under the line that lets the platform run`(
    _ flaw: Flaw, _ turned: Bool
  ) async throws {
    let site = try TestSite()
    let good = try first(site)
    let bad = try flawed(flaw, site)
    let running =
      turned
      ? try await site.start(installing: bad, good) : try await site.start(installing: good, bad)
    let shelf = running.daemon.desk.installation.shelf
    if flaw == .revoked { _ = try await shelf.take(try revocation(of: bad, site)) }
    try await running.daemon.counting.apply()
    let before = await shelf.content
    #expect(try counted(site, before) == good.line)
    #expect(try judged(site, before) == good.line)
    let current = try #require(try await running.daemon.desk.installation.working())
    #expect(current.payload.jti == good.jti)
    let verdict = await running.daemon.standing.refresh(nil, writes: false)
    #expect(verdict.exitCode == 0, "\(verdict)")
    // The first record names the line from then on: the verdict must not turn with it.
    _ = try running.beat("a", "b")
    try await running.pass(5)
    #expect(try await running.records().map(\.license) == [good.jti.text])
    let after = await shelf.content
    #expect(try counted(site, after) == good.line)
    #expect(try judged(site, after) == good.line)
    #expect(await running.daemon.standing.refresh(nil, writes: false).exitCode == 0)
  }

  /// It counts under the line that `check` judges: who counted on under an ended one would have its
  /// limit with the other's verdict.
  @Test func `a line whose term ends yields to a good one, and its last date stays its own`()
    async throws
  {
    let site = try TestSite()
    let lasting = try first(site)
    let day = try #require(CivilDate("2026-11-21"))
    // Ends this midnight; both may be used until then, and it was issued last.
    let ending = try second(site) {
      $0.term = Term(from: day, through: day)
      $0.graceDays = 0
    }
    let running = try await site.start(installing: lasting, ending)
    let shelf = running.daemon.desk.installation.shelf
    _ = try running.beat("a")
    try await running.pass(5)
    #expect(try await running.records().map(\.license) == [ending.jti.text])
    #expect(try counted(site, await shelf.content) == ending.line)
    #expect(try judged(site, await shelf.content) == ending.line)
    site.clocks.pass(TestSite.midnight - TestSite.noon - 10)
    try await running.pass(20)
    #expect(try judged(site, await shelf.content) == lasting.line, "though the record names it")
    #expect(try counted(site, await shelf.content) == lasting.line)
    #expect(try await running.daemon.desk.installation.working()?.payload == lasting)
    let records = try await running.records()
    let days = records.filter { $0.stage == .day }
    #expect(days.map(\.license) == [ending.jti.text], "the date that is over")
    #expect(records.filter { $0.date > day }.allSatisfy { $0.license == lasting.jti.text })
    #expect(await running.daemon.standing.refresh(nil, writes: false).exitCode == 0)
  }

  /// The gateway's clock may be ahead, and a renewal may come while the verifier stands still: the known
  /// time is then past the end of a date that is yet to be closed.
  @Test func `a date is closed under the line of its own time, though the known time is later`()
    async throws
  {
    let site = try TestSite()
    let lasting = try first(site)
    let day = try #require(CivilDate("2026-11-21"))
    let ending = try second(site) {
      $0.term = Term(from: day, through: day)
      $0.graceDays = 0
    }
    let running = try await site.start(installing: lasting, ending)
    let shelf = running.daemon.desk.installation.shelf
    _ = try running.beat("a")
    try await running.pass(5)
    #expect(try await running.records().map(\.license) == [ending.jti.text])
    // Signed the day after: from now on nothing is decided as of an earlier time.
    let renewal = try first(site) {
      $0.jti = try #require(LicenseID("lic_renewal"))
      $0.revision = 2
      $0.iat = TestSite.midnight + 3600
    }
    let offer = try ShelfOffer(file: try site.file(renewal), source: "test.license")
    #expect(try await shelf.take(offer).count == 1)
    #expect(try counted(site, await shelf.content) == lasting.line)
    site.clocks.pass(TestSite.midnight - TestSite.noon - 10)
    try await running.pass(20)
    let days = try await running.records().filter { $0.stage == .day }
    #expect(days.map(\.date) == [day])
    #expect(days.map(\.license) == [ending.jti.text])
  }

  @Test func `what was bought after a trial is activated, though the ended trial is recorded`()
    async throws
  {
    let site = try TestSite()
    let day = try #require(CivilDate("2026-11-21"))
    let trial = try second(site) {
      $0.term = Term(from: day, through: day)
      $0.graceDays = 0
    }
    let running = try await site.start(installing: trial)
    _ = try running.beat("a")
    try await running.pass(5)
    site.clocks.pass(TestSite.midnight - TestSite.noon)
    try await running.pass(5)
    #expect(await running.daemon.standing.refresh(nil, writes: false).exitCode == 1)
    let bought = try site.license()
    let offer = try ShelfOffer(file: try site.file(bought), source: "test.license")
    let installation = running.daemon.desk.installation
    #expect(try await installation.shelf.take(offer).count == 1)
    #expect(try await installation.working()?.needsActivation == true)
    #expect(try await running.report(force: true)?.outcome == "RECEIPTED")
    #expect(await installation.shelf.content.activation?.payload.line == bought.line)
    #expect(await running.daemon.standing.refresh(nil, writes: false).exitCode == 0)
  }

  @Test func `an activation names the line before all else`() async throws {
    let site = try TestSite()
    let running = try await site.start(installing: try first(site), try second(site))
    let shelf = running.daemon.desk.installation.shelf
    #expect(try counted(site, await shelf.content)?.text == "lin_2", "issued last")
    let activation = Activation(
      iss: site.vendor.iss, iat: TestSite.noon, line: site.line, revision: 1,
      installation: running.daemon.desk.installation.name)
    let offer = ShelfOffer(activation: try site.vendor.jws(activation), source: "a")
    #expect(try await shelf.take(offer).count == 1)
    #expect(try counted(site, await shelf.content) == site.line)
    #expect(try judged(site, await shelf.content) == site.line)
  }
}
