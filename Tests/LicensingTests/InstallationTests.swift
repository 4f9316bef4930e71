import Licensing
import Sealing
import TestSupport
import Testing

/// Activation, installation, and documents that no longer verify.
struct InstallationTests {
  /// The installation is never compared; the line of an activation is, since H2 showed that another
  /// line's license stood in for the one counted under, unless the verifier holds the license's line.
  @Test func `a license that need not be activated is bound to no installation, but to a line`()
    throws
  {
    var scene = try Scene(.subscription)
    scene.activation = try Sample.activation(1)
    scene.record = try Sample.record(2)
    scene.own = 3
    #expect(try scene.codes() == [.valid])
    scene.activation = try Sample.activation(1, line: "lin_2")
    #expect(try scene.codes() == [.wrongInstallation])
    scene.held = scene.licenses
    #expect(try scene.codes() == [.valid], "installed")
    scene.licenses[0].activation = .required
    #expect(try scene.codes() == [.wrongInstallation])
    scene.activation = try Sample.activation(1)
    #expect(try scene.codes() == [.wrongInstallation], "another installation")
  }

  @Test func `an activation holds for the line and needs nothing to compare with`() throws {
    var scene = try Scene(.payg)
    scene.licenses[0].revision = 5
    #expect(try scene.codes() == [.valid])
    scene.record = try Sample.record(1)
    #expect(try scene.codes() == [.valid])
    scene.own = 1
    scene.record = try Sample.record(2)
    #expect(try scene.codes() == [.valid], "the own key goes before the record")
  }

  @Test func `a mismatch of installation and line is one finding that names both`() throws {
    var scene = try Scene(.payg)
    scene.activation = try Sample.activation(1, line: "lin_2")
    scene.own = 2
    let findings = try scene.judged().findings(.wrongInstallation)
    #expect(findings.count == 1)
    let message = try #require(findings.first?.message)
    for part in [try Shared.thumbprint(1).text, try Shared.thumbprint(2).text, "lin_1", "lin_2"] {
      #expect(message.contains(part))
    }
  }

  /// Kept documents whose key fell out of trust: kind, and whether it counts while a license
  /// stands.
  @Test(arguments: DocumentKind.allCases)
  func `a kept document counts only where it leaves a place empty`(_ kind: DocumentKind) throws {
    #expect(DocumentKind.allCases.count == 11)
    for code in Refusal.Code.allCases {
      var scene = try Scene(.payg)
      scene.refused = [
        RefusedDocument(Refusal(code, "no"), kind: kind, source: "standing", isHeld: true)
      ]
      let isBroken = [.damaged, .malformed, .unsupportedVersion, .wrongKind, .signatureInvalid]
        .contains(code)
      #expect(try scene.codes().contains(FindingCode(code)) == isBroken)
      scene.activation = nil
      #expect(try scene.codes().contains(FindingCode(code)) == (isBroken || kind == .activation))
      scene.licenses = []
      #expect(try scene.codes().contains(FindingCode(code)) == (isBroken || kind == .license))
    }
  }

  @Test func `a commit is compared where both sides name one`() throws {
    for (running, commit, matches) in [
      ("1.98.190", "abc", true), ("1.98.190@abc", "abc", true), ("1.98.190@ABC", "abc", false),
      ("1.98.190@ab", "abc", false),
    ] {
      var scene = try Scene(.community)
      scene.running = running
      scene.release?.commit = commit
      #expect(try scene.codes() == (matches ? [.valid] : [.releaseMismatch]))
    }
    var scene = try Scene(.community)
    scene.running = "1.98.190@abc"
    #expect(try scene.codes() == [.valid])
  }

  @Test func `every edition asks what runs`() throws {
    for edition in Edition.allCases {
      var scene = try Scene(edition)
      scene.running = nil
      #expect(try scene.codes() == [.releaseUnknown])
      scene = try Scene(edition)
      scene.release = nil
      #expect(try scene.codes() == [.releaseUnknown])
    }
  }

  @Test func `a phase changes at its instants`() throws {
    let zone = try Shared.zone(Sample.zone)
    let period = try Sample.license(.payg).period(in: zone)
    let begins = try #require(period.begins)
    let ends = try #require(period.ends)
    let graceEnds = try #require(period.graceEnds)
    #expect(graceEnds - ends == 14 * 86_400)
    let phases: [(Int64, UsePeriod.Phase)] = [
      (begins - 1, .notYet), (begins, .running), (ends - 1, .running), (ends, .grace),
      (graceEnds - 1, .grace), (graceEnds, .over),
    ]
    for (instant, phase) in phases { #expect(period.phase(at: instant) == phase) }
    let endless = try Sample.license(.perpetual).period(in: zone)
    #expect(endless.phase(at: .min) == .running && endless.phase(at: .max) == .running)
  }

  @Test func `the license of a date is the highest that has begun on it`() throws {
    let vendor = try Shared.vendor
    let next = try Sample.license(.payg, revision: 2) {
      $0.term = try Shared.term("2027-01-01", "2027-12-31")
    }
    let licenses = [try vendor.seal(Sample.license(.payg)), try vendor.seal(next)]
    let line = try #require(LineID("lin_1"))
    func revision(_ date: String) throws -> Int64? {
      LicenseLine.inForce(licenses, of: line, on: try Shared.date(date))?.payload.revision
    }
    #expect(try revision("2026-11-20") == nil)
    #expect(try revision("2026-11-21") == 1)
    #expect(try revision("2026-12-31") == 1)
    #expect(try revision("2027-01-01") == 2)
  }
}
