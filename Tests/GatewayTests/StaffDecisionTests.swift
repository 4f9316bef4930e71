import Billing
import CivilTime
import Gateway
import HTTPTypes
import Licensing
import Reporting
import Sealing
import Testing
import TestSupport

/// What the vendor's staff decide about installations.
@Suite(.everyStore) struct StaffDecisionTests {
  static func word(_ why: String = "the disk is lost") throws -> StaffWord {
    try StaffWord(by: "alice", why: why)
  }

  static func listed(_ site: TestSite, _ name: Thumbprint) async throws -> JSONValue {
    try await site.gateway.installations.show(name)
  }

  @Test func `a freed seat can be taken, and who freed it and why stands sealed in the ledger`()
    async throws
  {
    try await TestSite.play { site in
      let old = try await site.activated()
      let new = try site.installation()
      #expect(try await problem { try await site.activate(new) }.code == .noSeat)
      let answer = try await site.gateway.decisions.release(old.thumbprint, Self.word())
      #expect(answer.isNew)
      let opened = try site.vendor.trust.open(
        Array(answer.stored.jws.utf8), as: Decision.self
      ).payload
      #expect(opened == answer.stored.decision)
      #expect(opened.by == "alice" && opened.why == "the disk is lost" && opened.isOfStaff)
      #expect(opened.iat == TestSite.noon && opened.installation == old.thumbprint)
      #expect(opened.matter == .release)
      try await site.restart()
      _ = try await site.activate(new)
      site.clock.advance(60)
      let again = try await site.gateway.decisions.release(old.thumbprint, Self.word("again"))
      #expect(!again.isNew && again.stored == answer.stored)
      let shown = try await Self.listed(site, old.thumbprint)
      #expect(shown["released_at"]?.integer == TestSite.noon)
      #expect(shown["decisions"] == .array([answer.stored.json]))
    }
  }

  @Test func `a statement quotes what staff decided in its month, whole`() async throws {
    try await TestSite.play { site in
      let old = try await site.activated()
      let answer = try await site.gateway.decisions.release(old.thumbprint, Self.word())
      let statement = try await DateCloserTests.statement(site)
      #expect(statement.decisions == [answer.stored.jws])
      let sealed = try site.gateway.sealed(statement)
      let back = try site.vendor.trust.open(Array(sealed.utf8), as: Statement.self).payload
      #expect(back == statement)
      #expect(try await DateCloserTests.statement(site, "2026-12").decisions.isEmpty)
      let spoilt = statement.json.text.replacing(answer.stored.jws, with: site.licenseText)
      #expect(throws: Refusal.self) { _ = try Statement.parse(Array(spoilt.utf8)) }
    }
  }

  @Test func `from the date of its release on none is closed or carried, and the month can close`()
    async throws
  {
    try await TestSite.play { site in
      var old = try await site.activated()
      try old.day(peak: 70)
      try old.sample(peak: 2, after: 600)
      _ = try await site.report(old, old.records)
      site.clock.set(try DateCloserTests.midnight("2026-11-24"))
      _ = try await site.gateway.decisions.release(old.thumbprint, Self.word())
      site.clock.set(try DateCloserTests.midnight("2026-12-10"))
      #expect(try await site.gateway.closer.closeDue().closed == 2)
      let statement = try await DateCloserTests.statement(site)
      #expect(statement.lines.map(\.date.day) == [21, 22, 23])
      #expect(statement.lines.map(\.quantity) == [70, 70, 70])
      #expect(statement.status == .closed)
    }
  }

  @Test func `what a freed installation reports after all is billed, and found`() async throws {
    try await TestSite.play { site in
      var old = try await site.activated()
      _ = try await site.gateway.decisions.release(old.thumbprint, Self.word())
      try old.sample(peak: 9, after: 600)
      let answer = try await site.report(old, old.records)
      #expect(answer.results.map(\.status) == [.stored])
      #expect(try await ClosedDateTests.findings(site, old) == [.releasedReports])
      #expect(try await DateCloserTests.line(site, "2026-11-21").quantity == 9)
      // Enrolling again gives the stored activation, and no seat.
      _ = try await site.activate(old)
      _ = try await site.activate(try site.installation())
    }
  }

  @Test func `that a seat was freed is quoted wherever its installation has a line`() async throws {
    try await TestSite.play { site in
      var old = try await site.activated()
      _ = try await site.gateway.decisions.release(old.thumbprint, Self.word())
      for _ in 1...12 { try old.day(peak: 9) }
      site.clock.set(try DateCloserTests.midnight("2026-12-10"))
      _ = try await site.report(old, old.records)
      for (month, dates) in [("2026-11", 10), ("2026-12", 2), ("2027-01", 0)] {
        let statement = try await DateCloserTests.statement(site, month)
        #expect(statement.lines.count == dates)
        #expect(statement.decisions.count == (dates > 0 ? 1 : 0), "\(month)")
      }
    }
  }

  @Test func `only what holds its seat can be freed`() async throws {
    try await TestSite.play { site in
      let old = try await site.activated()
      let new = try await site.successor(of: old)
      let word = try Self.word()
      let replaced = try await problem {
        try await site.gateway.decisions.release(old.thumbprint, word)
      }
      #expect(replaced.code == .conflict && replaced.detail.contains("\(new.thumbprint)"))
      let stranger = try site.installation().thumbprint
      let unknown = try await problem {
        try await site.gateway.decisions.release(stranger, word)
      }
      #expect(unknown.code == .notFound)
      let position = try await site.store.read { try $0.position() }
      #expect(position == 0, "a refusal enters nothing")
    }
  }

  @Test func `a permit lets one installation take a place that it could not take by itself`()
    async throws
  {
    try await TestSite.play { site in
      let first = try await site.activated()
      let second = try await site.successor(of: first)
      let third = try site.installation()
      let refused = try await problem {
        try await site.activate(third, replaces: second.thumbprint)
      }
      #expect(refused.code == .replaceNotAllowed)
      site.clock.advance(60)
      let answer = try await site.gateway.decisions.permitReplacement(
        of: second.thumbprint, by: nil, days: 7, Self.word())
      #expect(answer.isNew)
      let again = try await site.gateway.decisions.permitReplacement(
        of: second.thumbprint, by: nil, days: 30, Self.word())
      #expect(!again.isNew && again.stored == answer.stored)
      try await site.restart()
      _ = try await site.activate(third, replaces: second.thumbprint)
      // It is used: neither it nor its place serves another.
      let fourth = try site.installation()
      for place in [second, third] {
        let late = try await problem {
          try await site.activate(fourth, replaces: place.thumbprint)
        }
        #expect(late.code == .replaceNotAllowed)
      }
      let listed = try await Self.listed(site, second.thumbprint)
      #expect(listed["replaced_by"]?.string == third.thumbprint.text)
      // Whoever asks again because the answer was lost makes no second permit.
      let lost = try await site.gateway.decisions.permitReplacement(
        of: second.thumbprint, by: nil, days: 7, Self.word())
      #expect(!lost.isNew && lost.stored == answer.stored && lost.usedBy == third.thumbprint)
      #expect(lost.json["used_by"]?.string == third.thumbprint.text)
      let other = try await site.gateway.decisions.permitReplacement(
        of: second.thumbprint, by: nil, days: 7, Self.word("the third was lost, too"))
      #expect(other.isNew && other.usedBy == nil)
    }
  }

  @Test func `a permit names its successor, and ends`() async throws {
    try await TestSite.play { site in
      let first = try await site.activated()
      let second = try await site.successor(of: first)
      let (meant, other) = (try site.installation(), try site.installation())
      _ = try await site.gateway.decisions.permitReplacement(
        of: second.thumbprint, by: meant.thumbprint, days: 1, Self.word())
      let foreign = try await problem {
        try await site.activate(other, replaces: second.thumbprint)
      }
      #expect(foreign.code == .replaceNotAllowed)
      site.clock.advance(86_401)
      let late = try await problem {
        try await site.activate(meant, replaces: second.thumbprint)
      }
      #expect(late.code == .replaceNotAllowed)
      site.clock.advance(-1)
      _ = try await site.activate(meant, replaces: second.thumbprint)
    }
  }

  @Test func `where the place is gone already a permitted successor needs a free seat`()
    async throws
  {
    try await TestSite.play { site in
      let original = try await site.activated()
      let clone = try await site.successor(of: original)
      let honest = try site.installation()
      _ = try await site.gateway.decisions.permitReplacement(
        of: original.thumbprint, by: honest.thumbprint, days: 7, Self.word())
      site.clock.advance(60)
      let full = try await problem {
        try await site.activate(honest, replaces: original.thumbprint)
      }
      #expect(full.code == .noSeat)
      _ = try await site.gateway.decisions.release(clone.thumbprint, Self.word("it was a clone"))
      let answer = try await site.activate(honest, replaces: original.thumbprint)
      let activation = try site.vendor.trust.open(
        Array(answer.activation.utf8), as: Activation.self
      ).payload
      #expect(activation.replaces?.installation == original.thumbprint)
      let listed = try await Self.listed(site, original.thumbprint)
      #expect(listed["replaced_by"]?.string == clone.thumbprint.text, "who came first stays")
    }
  }

  @Test func `a permit leads into no other line`() async throws {
    try await TestSite.play { site in
      let old = try await site.activated()
      _ = try await site.gateway.decisions.permitReplacement(
        of: old.thumbprint, by: nil, days: 7, Self.word())
      let license = try TestSite.payg("9", line: "lin_9", revision: 1)
      let new = try site.installation()
      let request = ActivationRequest(
        license: try site.vendor.jws(license),
        enrolment: try new.enrolment(replaces: old.thumbprint, license: license.jti))
      let refused = try await problem { try await site.gateway.activations.activate(request) }
      #expect(refused.code == .replaceNotAllowed)
    }
  }

  @Test func `staff close the dates that no bundle will bring, and the statement says so`()
    async throws
  {
    try await TestSite.play { site in
      var installation = try await site.activated()
      try await DateCloserTests.publish(.offline, site)
      installation.license = try TestSite.some(LicenseID("lic_2"))
      installation.revision = 2
      try installation.day(peak: 5)
      _ = try await site.report(installation, installation.records)
      site.clock.set(try DateCloserTests.midnight("2026-12-02"))
      let name = installation.thumbprint
      let last = try TestSite.some(CivilDate("2026-11-30"))
      let word = try Self.word("the site is gone")
      let early = try await problem {
        try await site.gateway.decisions.close(
          name, through: TestSite.some(CivilDate("2026-12-02")), word)
      }
      #expect(early.code == .conflict)
      let dates = try await site.gateway.decisions.close(name, through: last, word)
      #expect(dates.map(\.day) == Array(22...30))
      #expect(try await site.gateway.decisions.close(name, through: last, word).isEmpty)
      let statement = try await DateCloserTests.statement(site)
      #expect(statement.status == .closed)
      let quoted = try statement.decisions.map { try Decision.quoted($0) }
      #expect(quoted.count == 9 && quoted.allSatisfy { $0.why == "the site is gone" })
      // The bundle turns up after all.
      try installation.day(peak: 6)
      _ = try await site.report(installation, [installation.records[1]])
      #expect(try await DateCloserTests.line(site, "2026-11-22").basis == .day)
    }
  }

  @Test func `staff say who they are and why`() throws {
    #expect(throws: Never.self) { _ = try StaffWord(by: "王芳", why: "磁盘损坏") }
    let bad = [
      ("", "w"), ("alice", ""), ("alice", "  "), ("a\u{1B}[1m", "w"), ("alice", "a\nb"),
      (String(repeating: "a", count: 129), "w"), ("alice", String(repeating: "a", count: 1001)),
      ("tally-gateway", "w"),
    ]
    #expect(bad.count == 8)
    for (by, why) in bad {
      #expect(throws: Problem.self, "\(by) \(why)") { _ = try StaffWord(by: by, why: why) }
    }
  }
}

/// The same over HTTP.
@Suite struct DecisionRouteTests {
  static func post(
    _ verb: String, _ installation: TestInstallation, _ json: String, _ site: TestSite,
    token: String?
  ) async throws -> Answer {
    try await site.send(
      .post, "/v1/installations/\(installation.thumbprint)/\(verb)", token: token,
      Array(json.utf8))
  }

  static let word = #""by":"alice","why":"lost""#

  @Test func `deciding needs a token of that scope, and a body that says who and why`()
    async throws
  {
    try await TestSite.play { site in
      let installation = try await site.activated()
      let reader = try await site.token()
      let decider = try await site.token([.decide])
      let bodies: [(String, String)] = [
        ("release", "{\(Self.word)}"), ("replace", "{\(Self.word),\"days\":3}"),
        ("close", "{\(Self.word),\"through\":\"2026-11-20\"}"),
      ]
      for (verb, body) in bodies {
        func status(_ body: String, _ token: String?) async throws -> Int {
          try await Self.post(verb, installation, body, site, token: token).status
        }
        #expect(try await status(body, nil) == 401)
        #expect(try await status(body, reader) == 403)
        let bad = [
          "{}", "[]", "", #"{"by":"alice"}"#, #"{"by":"","why":"w"}"#,
          body.replacing("}", with: #","more":1}"#), body.replacing("}", with: #","by":"b"}"#),
          #"{"by":"tally-gateway","why":"w","days":1,"through":"2026-11-20"}"#,
        ]
        for body in bad { #expect(try await status(body, decider) == 400, "\(verb) \(body)") }
      }
      let position = try await site.store.read { try $0.position() }
      #expect(position == 0, "nothing was decided")
      for (verb, body) in bodies.reversed() {
        let answer = try await Self.post(verb, installation, body, site, token: decider)
        #expect(answer.status == 200, "\(verb): \(answer.text)")
      }
      let again = try await Self.post("release", installation, bodies[0].1, site, token: decider)
      #expect(again.json?["new"] == .bool(false))
      #expect(again.json?["decision"]?["by"]?.string == "alice")
      let stranger = try await Self.post(
        "release", try site.installation(), bodies[0].1, site, token: decider)
      #expect(stranger.status == 404)
      let days = try await Self.post(
        "replace", installation, "{\(Self.word),\"days\":91}", site, token: decider)
      #expect(days.status == 400)
    }
  }
}
