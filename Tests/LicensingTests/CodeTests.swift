import CivilTime
import Licensing
import Sealing
import TestSupport
import Testing

/// One situation for each code, otherwise sound.
struct CodeTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let code: FindingCode
    let name: String
    let scene: @Sendable () throws -> Scene
    var testDescription: String { "\(code.rawValue): \(name)" }

    init(_ code: FindingCode, _ name: String, _ scene: @escaping @Sendable () throws -> Scene) {
      self.code = code
      self.name = name
      self.scene = scene
    }
  }

  private static func changed(
    _ edition: Edition, _ change: (inout Scene) throws -> Void
  ) throws -> Scene {
    var scene = try Scene(edition)
    try change(&scene)
    return scene
  }

  static let refusals: [Case] = Refusal.Code.allCases.map { code in
    Case(FindingCode(code), "a document given by hand") {
      try changed(.subscription) {
        $0.refused = [
          RefusedDocument(
            Refusal(code, "it is not right"), kind: .license, source: "new.license")
        ]
      }
    }
  }

  static let documents: [Case] = [
    Case(.licenseRevoked, "the license in force") {
      try changed(.subscription) {
        $0.revocations = Revocations(
          iss: Sample.iss, iat: Sample.issued, seq: 1,
          revoked: [
            Revocations.Entry(
              jti: try #require(LicenseID("lic_1-1")), at: Sample.issued, reason: "refunded")
          ])
      }
    },
    Case(.superseded, "by a held revision") {
      try changed(.subscription) { $0.held = [try Sample.license(.subscription, revision: 2)] }
    },
    Case(.superseded, "by the activation") {
      try changed(.subscription) { $0.activation = try Sample.activation(revision: 2) }
    },
    Case(.superseded, "by the newest usage record") {
      try changed(.subscription) {
        $0.record = try Sample.record(license: "lic_1-2", revision: 2)
      }
    },
    Case(.wrongProduct, "a release of another product") {
      try changed(.subscription) { $0.release?.product = "other" }
    },
    Case(.wrongProduct, "another product by the platform's own word") {
      try changed(.subscription) { $0.product = "other" }
    },
    Case(.wrongInstallation, "another installation's record") {
      try changed(.payg) { $0.record = try Sample.record(2) }
    },
    Case(.wrongInstallation, "another installation's own key") {
      try changed(.payg) { $0.own = 2 }
    },
    Case(.wrongInstallation, "another line") {
      try changed(.payg) { $0.activation = try Sample.activation(line: "lin_2") }
    },
    Case(.notActivated, "payg without an activation") {
      try changed(.payg) { $0.activation = nil }
    },
    Case(.notActivated, "subscription that asks for it") {
      try Scene(.subscription) { $0.activation = .required }
    },
    Case(.noLicense, "nothing at all") { try changed(.payg) { $0.licenses = [] } },
  ]

  static let releases: [Case] = [
    Case(.releaseUnknown, "no document") { try changed(.community) { $0.release = nil } },
    Case(.releaseUnknown, "the platform says nothing") {
      try changed(.community) { $0.running = nil }
    },
    Case(.releaseMismatch, "another version") {
      try changed(.community) { $0.running = "1.98.189" }
    },
    Case(.releaseMismatch, "another commit") {
      try changed(.community) {
        $0.running = "1.98.190@abc"
        $0.release?.commit = "abcd"
      }
    },
    Case(.releaseNotCovered, "after the subscription") {
      try changed(.subscription) { $0.release?.released = try Shared.date("2027-11-21") }
    },
    Case(.releaseExpired, "after 180 days") {
      try changed(.community) { $0.wall = try Shared.start("2027-05-20") }
    },
  ]

  static let times: [Case] = [
    Case(.notYetValid, "before the term") {
      try changed(.subscription) { $0.wall = Sample.issued - 1 }.issuedEarlier()
    },
    Case(.expired, "after grace") {
      try changed(.subscription) { $0.wall = try Shared.start("2027-12-05") }
    },
    Case(.inGrace, "after the term") {
      try changed(.subscription) { $0.wall = try Shared.start("2027-11-21") }
    },
    Case(.reportOverdue, "payg after the lease") {
      try changed(.payg) { $0.wall = Sample.issued + 72 * 3600 }
    },
    Case(.reportLate, "payg after half of it") {
      try changed(.payg) { $0.wall = Sample.issued + 36 * 3600 }
    },
    Case(.clockUntrusted, "behind the floor") {
      try changed(.subscription) { $0.floor = Sample.issued + 3 * 86_400 }
    },
    Case(.clockUntrusted, "as the verifier saw it") {
      try changed(.subscription) {
        var facts = Facts()
        facts.add(.secondsMoved, 90_000)
        $0.findings = [StandingFinding(.clockUntrusted, facts)]
      }
    },
    Case(.ledgerDamaged, "as the verifier saw it") {
      try changed(.subscription) {
        var facts = Facts()
        facts.add(.seq, 17)
        facts.add(.reason, "the chain is broken")
        $0.findings = [StandingFinding(.ledgerDamaged, facts)]
      }
    },
    Case(.overLimit, "as the verifier saw it") {
      try changed(.subscription) {
        var facts = Facts()
        facts.add(.online, 1040)
        facts.add(.limit, 1000)
        $0.findings = [StandingFinding(.overLimit, facts)]
      }
    },
    Case(.keysetStale, "181 days") {
      try changed(.subscription) { $0.wall = try Shared.vendor.trust.keyset.iat + 181 * 86_400 }
    },
    Case(.maintenanceEnded, "perpetual runs on") {
      try changed(.perpetual) {
        $0.keyset = false
        $0.wall = try Shared.start("2027-11-21")
      }
    },
    Case(.expiringSoon, "60 days before") {
      try changed(.subscription) {
        $0.keyset = false
        $0.wall = try Shared.start("2027-09-22")
      }
    },
    Case(.valid, "all is well") { try Scene(.subscription) },
  ]

  static let cases = refusals + documents + releases + times

  @Test func `every code has a case`() {
    #expect(Set(Self.cases.map(\.code)) == Set(FindingCode.allCases))
    #expect(Self.cases.count == 40)
  }

  @Test(arguments: cases)
  func `each code is found, weighs what it should, and says what to do`(_ test: Case) throws {
    let scene = try test.scene()
    let verdict = try scene.judged()
    let finding = try #require(verdict.findings(test.code).first)
    let edition = scene.licenses.first?.edition
    #expect(finding.severity == test.code.severity(in: edition))
    switch finding.severity {
    case .deny: #expect(verdict.outcome == .deny && verdict.exitCode == 1)
    case .warn: #expect(verdict.outcome == .warn && verdict.exitCode == 0)
    case .note: #expect(verdict.outcome == .allow && verdict.exitCode == 0)
    }
    let isSound = verdict.findings.allSatisfy { $0.severity == .note }
    #expect(verdict.findings.last?.code == .valid || !isSound)
    #expect(verdict.findings(.valid).isEmpty == !isSound)
    #expect(!finding.message.contains("?"), "\(finding.message)")
    #expect(finding.message.count > 20)
  }

  @Test func `the lists of severities are those of the specification`() {
    func codes(_ severity: Severity, _ edition: Edition) -> String {
      FindingCode.allCases.filter { $0.severity(in: edition) == severity }.map(\.rawValue)
        .joined(separator: " ")
    }
    let deny = """
      DAMAGED MALFORMED UNSUPPORTED_VERSION WRONG_KIND UNKNOWN_KEY KEY_NOT_ALLOWED KEY_REVOKED \
      KEYSET_TOO_OLD SIGNATURE_INVALID LICENSE_REVOKED SUPERSEDED WRONG_PRODUCT \
      WRONG_INSTALLATION NOT_ACTIVATED NO_LICENSE NOT_YET_VALID RELEASE_UNKNOWN RELEASE_MISMATCH \
      RELEASE_NOT_COVERED RELEASE_EXPIRED EXPIRED
      """
    let warn = "CLOCK_UNTRUSTED LEDGER_DAMAGED OVER_LIMIT IN_GRACE REPORT_LATE KEYSET_STALE"
    for edition in Edition.allCases {
      #expect(codes(.deny, edition) == deny + (edition == .payg ? " REPORT_OVERDUE" : ""))
      #expect(codes(.warn, edition) == warn + (edition == .payg ? "" : " REPORT_OVERDUE"))
      #expect(codes(.note, edition) == "MAINTENANCE_ENDED EXPIRING_SOON VALID")
    }
  }
}

extension Scene {
  /// The same with everything signed ten days earlier, so that the clock is trusted before the
  /// term.
  func issuedEarlier() -> Scene {
    var scene = self
    for index in scene.licenses.indices { scene.licenses[index].iat -= 864_000 }
    scene.release?.iat -= 864_000
    scene.activation?.iat -= 864_000
    return scene
  }
}
