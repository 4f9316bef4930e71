import Gateway
import HTTPTypes
import Licensing
import Reporting
import Sealing
import Testing
import TestSupport

/// What the vendor's staff do about findings.
@Suite(.everyStore) struct FindingServiceTests {
  static func word(_ why: String, by: String = "alice") throws -> StaffWord {
    try StaffWord(by: by, why: why)
  }

  /// A site with one finding.
  static func play(
    _ body: (inout TestSite, inout TestInstallation, FindingID) async throws -> Void
  ) async throws {
    try await TestSite.play { site in
      var installation = try await site.activated()
      let own = installation.root
      installation.root = try TestSite.some(
        Thumbprint("SjmcdXZLu6RMVsQ6XqnKHL0Zrw0Gn8nVt3aYwW2N3xE"))
      try installation.sample(peak: 1, after: 60)
      installation.root = own
      _ = try await site.report(installation, installation.records)
      let id = try TestSite.some(try await FindingTests.found(site, .foreignRoot)).id
      try await body(&site, &installation, id)
    }
  }

  @Test func `one is acknowledged, handed over, resolved and opened again, and all of it is kept`()
    async throws
  {
    try await Self.play { site, _, id in
      let findings = site.gateway.findings
      let first = try await findings.acknowledge(id, owner: nil, note: nil, Self.word("mine"))
      #expect(first.isNew && first.finding.state == .acknowledged && first.finding.owner == "alice")
      site.clock.advance(60)
      let second = try await findings.acknowledge(
        id, owner: "bob", note: "ticket 4711", Self.word("on leave"))
      #expect(second.isNew && second.finding.owner == "bob")
      let end = try await findings.resolve(id, as: .fixed, Self.word("their build is ours again"))
      #expect(end.finding.state == .resolved && end.finding.resolution == .fixed)
      #expect(end.finding.resolvedAt == TestSite.noon + 60 && end.finding.note == "ticket 4711")
      let again = try await findings.reopen(id, Self.word("it is not"))
      #expect(again.finding.state == .open && again.finding.resolution == nil)
      try await site.restart()
      let shown = try await site.gateway.findings.show(id)
      #expect(shown["id"]?.string == id.text && shown["state"] == "open")
      #expect(shown["effect"] == "billed_as_others" && shown["code"] == "FOREIGN_ROOT")
      guard case .array(let history)? = shown["history"] else { throw TestInstallation.Missing() }
      #expect(
        history.compactMap { $0["what"]?.string }
          == ["opened", "acknowledged", "acknowledged", "resolved", "reopened"])
      #expect(
        history.compactMap { $0["by"]?.string } == ["tally-gateway"]
          + [String](repeating: "alice", count: 4))
      #expect(
        history[3]["why"] == "their build is ours again" && history[3]["resolution"] == "fixed")
    }
  }

  @Test func `a step that is sent again is not taken again`() async throws {
    try await Self.play { site, _, id in
      let findings = site.gateway.findings
      let steps: [() async throws -> FindingAnswer] = [
        { try await findings.acknowledge(id, owner: "bob", note: "n", Self.word("a")) },
        { try await findings.resolve(id, as: .accepted, Self.word("b")) },
        { try await findings.reopen(id, Self.word("c")) },
      ]
      for step in steps {
        let taken = try await step()
        #expect(taken.isNew)
        site.clock.advance(5)
        let again = try await step()
        #expect(!again.isNew && again.finding == taken.finding)
      }
      let history = try await FindingTests.history(site, .foreignRoot)
      #expect(history == ["opened", "acknowledged", "resolved", "reopened"])
    }
  }

  @Test func `what does not fit the state is refused with a cure, and changes nothing`()
    async throws
  {
    try await Self.play { site, _, id in
      let findings = site.gateway.findings
      let notYet = try await problem { try await findings.reopen(id, Self.word("w")) }
      #expect(notYet.code == .conflict && notYet.detail.contains("nothing to open again"))
      let own = try await problem {
        try await findings.resolve(id, as: .cleared, Self.word("w"))
      }
      #expect(own.code == .malformed)
      _ = try await findings.resolve(id, as: .fixed, Self.word("w"))
      let twice = try await problem {
        try await findings.resolve(id, as: .dismissed, Self.word("w"))
      }
      #expect(twice.code == .conflict && twice.detail.contains("fixed"))
      let late = try await problem {
        try await findings.acknowledge(id, owner: nil, note: nil, Self.word("w"))
      }
      #expect(late.code == .conflict && late.detail.contains("reopen"))
      let stranger = try await problem {
        try await findings.reopen(FindingID(number: 99), Self.word("w"))
      }
      #expect(stranger.code == .notFound)
      #expect(
        try await problem { try await findings.show(FindingID(number: 99)) }.code == .notFound)
      for (owner, note) in [("", nil), ("a\nb", nil), (nil, "\u{1B}"), (nil, " ")]
        as [(String?, String?)]
      {
        let bad = try await problem {
          try await findings.acknowledge(id, owner: owner, note: note, Self.word("w"))
        }
        #expect(bad.code == .malformed)
      }
      #expect(try await FindingTests.history(site, .foreignRoot) == ["opened", "resolved"])
    }
  }

  @Test func `what comes again opens a resolved one, and leaves an acknowledged one`() async throws
  {
    try await Self.play { site, installation, id in
      let findings = site.gateway.findings
      let own = installation.root
      func comesAgain(_ seconds: Int64) async throws {
        installation.root = try TestSite.some(
          Thumbprint("SjmcdXZLu6RMVsQ6XqnKHL0Zrw0Gn8nVt3aYwW2N3xE"))
        try installation.sample(peak: 2, after: seconds)
        installation.root = own
        _ = try await site.report(installation, [try TestSite.some(installation.records.last)])
      }
      _ = try await findings.acknowledge(id, owner: nil, note: nil, Self.word("w"))
      try await comesAgain(90)
      #expect(try await FindingTests.found(site, .foreignRoot)?.state == .acknowledged)
      _ = try await findings.resolve(id, as: .fixed, Self.word("w"))
      try await comesAgain(120)
      let again = try TestSite.some(try await FindingTests.found(site, .foreignRoot))
      #expect(again.state == .open && again.count == 3 && again.id == id)
      #expect(
        try await FindingTests.history(site, .foreignRoot)
          == ["opened", "acknowledged", "resolved", "reopened"])
      let shown = try await site.gateway.installations.show(installation.thumbprint)
      guard case .array(let listed)? = shown["findings"] else { throw TestInstallation.Missing() }
      #expect(listed.count == 1 && listed[0]["id"]?.string == id.text)
      #expect(listed[0]["state"] == "open" && listed[0]["count"]?.integer == 3)
      #expect(listed[0]["seq"]?.integer == 1 && listed[0]["first_at"]?.integer == TestSite.noon)
    }
  }

  @Test func `names of findings are read in one form`() {
    #expect(FindingID("fnd_7")?.number == 7 && FindingID(number: 12).text == "fnd_12")
    let bad = [
      "fnd_", "fnd_0", "fnd_07", "fnd_-1", "fnd_+1", "fnd_1a", "7", "FND_7", "fnd_7 ",
      "fnd_1234567890123456789",
    ]
    for text in bad { #expect(FindingID(text) == nil, "\(text)") }
    #expect(FindingID(number: 9) < FindingID(number: 10))
  }

  @Test func `the list pages by name, and takes what comes between two pages`() async throws {
    try await TestSite.play(installations: 60) { site in
      var names: [Thumbprint] = []
      for _ in 0..<40 {
        let name = try await site.activated().thumbprint
        names.append(name)
        try await site.store.change { ledger in
          for code in [LedgerFinding.Code.forked, .foreignRoot, .silent] {
            try ledger.note(FindingSign(code, seq: 1), of: name, at: 1)
          }
        }
      }
      let service = site.gateway.findings
      let (first, next) = try await service.page(FindingFilter(), after: nil)
      #expect(first.count == 100 && next?.number == 100)
      let late = try TestSite.some(names.first)
      _ = try await site.store.change { try $0.note(.overLimit, seq: 1, of: late, at: 2) }
      let (second, end) = try await service.page(FindingFilter(), after: next)
      #expect(second.count == 21 && end == nil)
      #expect(second.last?["code"] == "OVER_LIMIT")
      let (forks, _) = try await service.page(FindingFilter(code: .forked), after: nil)
      #expect(forks.count == 40)
    }
  }
}

/// The same over HTTP.
@Suite struct FindingRouteTests {
  static let word = #""by":"alice","why":"seen""#

  @Test func `findings are listed and taken on with tokens of their scopes, and strict bodies`()
    async throws
  {
    try await FindingServiceTests.play { site, _, id in
      let reader = try await site.token()
      let decider = try await site.token([.decide])
      func get(_ path: String) async throws -> Answer {
        try await site.send(.get, path, token: reader)
      }
      func post(_ verb: String, _ body: String, _ token: String?) async throws -> Answer {
        try await site.send(.post, "/v1/findings/\(id)/\(verb)", token: token, Array(body.utf8))
      }
      let list = try await get("/v1/findings?state=open&code=FOREIGN_ROOT&line=lin_1")
      guard case .array(let found)? = list.json?["findings"] else {
        throw TestInstallation.Missing()
      }
      #expect(found.map { $0["id"]?.string } == [id.text] && list.json?["next"] == nil)
      #expect(try await get("/v1/findings?after=\(id)").json?["findings"] == .array([]))
      for bad in ["state=new", "code=NONE", "line=x", "installation=y", "after=1", "more=1"] {
        #expect(try await get("/v1/findings?\(bad)").status == 400, "\(bad)")
      }
      #expect(try await get("/v1/findings/\(id)?x=1").status == 400)
      #expect(try await get("/v1/findings/\(id)").json?["history"] != nil)
      for unknown in ["fnd_99", "fnd_07", "x"] {
        #expect(try await get("/v1/findings/\(unknown)").status == 404)
      }
      let bodies = [
        ("acknowledge", #"{\#(Self.word),"owner":"bob","note":"n"}"#),
        ("resolve", #"{\#(Self.word),"resolution":"fixed"}"#), ("reopen", "{\(Self.word)}"),
      ]
      for (verb, body) in bodies {
        #expect(try await post(verb, body, nil).status == 401)
        #expect(try await post(verb, body, reader).status == 403)
        for bad in ["", "{}", "[]", body.replacing("}", with: #","more":1}"#)] {
          #expect(try await post(verb, bad, decider).status == 400, "\(verb) \(bad)")
        }
        let answer = try await post(verb, body, decider)
        #expect(answer.status == 200 && answer.json?["new"] == .bool(true), "\(answer.text)")
        #expect(try await post(verb, body, decider).json?["new"] == .bool(false))
      }
      #expect(try await post("reopen", #"{"by":"bob","why":"w"}"#, decider).status == 409)
      let cleared = #"{\#(Self.word),"resolution":"cleared"}"#
      #expect(try await post("resolve", cleared, decider).status == 400)
    }
  }
}
