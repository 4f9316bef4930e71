import Gateway
import LibcryptoIssuing
import Licensing
import Reporting
import Sealing
import Testing
import TestSupport

@Suite(.everyStore) struct ActivationTests {
  static func open(_ answer: ActivationAnswer, _ site: TestSite) throws -> Activation {
    try site.vendor.trust.open(Array(answer.activation.utf8), as: Activation.self).payload
  }

  @Test func `an enrolment is answered with an activation of the key`() async throws {
    try await TestSite.play { site in
      let installation = try site.installation()
      let activation = try Self.open(try await site.activate(installation), site)
      #expect(activation.installation == installation.thumbprint)
      #expect(activation.line == site.license.line)
      #expect(activation.revision == 1)
      #expect(activation.iat == TestSite.noon)
      #expect(activation.replaces == nil)
    }
  }

  @Test func `the same key gets the same activation, for ever`() async throws {
    try await TestSite.play { site in
      let installation = try site.installation()
      let first = try await site.activate(installation)
      site.clock.advance(86_400)
      try await site.restart()
      let again = try await site.gateway.activations.activate(
        ActivationRequest(
          license: site.licenseText, enrolment: try installation.enrolment(iat: TestSite.noon)))
      #expect(again.activation == first.activation)
    }
  }

  @Test func `seats are given until there is none, however many ask at once`() async throws {
    try await TestSite.play(installations: 3) { site in
      let shared = site
      let outcomes = try await withThrowingTaskGroup(of: Problem.Code?.self) { group in
        for _ in 0..<12 {
          group.addTask {
            do {
              _ = try await shared.activate(try shared.installation())
              return nil
            } catch let problem as Problem { return problem.code }
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(outcomes.count { $0 == nil } == 3)
      #expect(outcomes.count { $0 == .noSeat } == 9)
    }
  }

  @Test func `a replacement takes the seat, names the old head, and is automatic once in 30 days`()
    async throws
  {
    try await TestSite.play { site in
      var old = try await site.activated()
      try old.sample(peak: 4, after: 60)
      _ = try await site.report(old, old.records)
      let new = try site.installation()
      let activation = try Self.open(
        try await site.activate(new, replaces: old.thumbprint), site)
      #expect(activation.replaces?.installation == old.thumbprint)
      #expect(activation.replaces?.seq == 1)
      #expect(activation.replaces?.head == old.head)
      let next = try site.installation()
      let again = try await problem { try await site.activate(next, replaces: old.thumbprint) }
      #expect(again.code == .replaceNotAllowed)
      let soon = try await problem { try await site.activate(next, replaces: new.thumbprint) }
      #expect(soon.code == .replaceNotAllowed)
      site.clock.advance(30 * 86_400 - 1)
      let almost = try await problem { try await site.activate(next, replaces: new.thumbprint) }
      #expect(almost.code == .replaceNotAllowed)
      site.clock.advance(1)
      _ = try await site.activate(next, replaces: new.thumbprint)
    }
  }

  @Test func `nobody replaces what is not of the same line`() async throws {
    try await TestSite.play { site in
      let other = try TestSite.payg("other", line: "lin_2", revision: 1)
      let text = try site.vendor.jws(other)
      let foreign = try TestInstallation(license: other.jti, root: site.vendor.trust.root)
      _ = try await site.gateway.activations.activate(
        ActivationRequest(license: text, enrolment: try foreign.enrolment()))
      for name in [foreign.thumbprint, try site.installation().thumbprint] {
        let refused = try await problem {
          try await site.activate(try site.installation(), replaces: name)
        }
        #expect(refused.code == .replaceNotAllowed)
      }
      let moved = try await problem {
        try await site.gateway.activations.activate(
          ActivationRequest(
            license: site.licenseText,
            enrolment: try foreign.enrolment(license: site.license.jti)))
      }
      #expect(moved.code == .conflict)
    }
  }

  @Test func `what is not in order is refused with its reason`() async throws {
    try await TestSite.play { site in
      let installation = try site.installation()
      let stranger = try TestVendor()
      let enrolment = try installation.enrolment()
      let cases: [(String, String, Problem.Code)] = [
        (try stranger.jws(site.license), enrolment, .unknownKey),
        (try site.vendor.key(.gateway).seal(site.license), enrolment, .keyNotAllowed),
        (site.licenseText, TestInstallation.unsigned(enrolment), .signatureInvalid),
        (site.licenseText, try installation.alive(at: 1), .wrongKind),
        (site.licenseText, "nothing", .malformed),
        ("nothing", enrolment, .malformed),
        (
          site.licenseText,
          try installation.enrolment(license: LicenseID("lic_9")), .malformed
        ),
      ]
      #expect(cases.count == 7)
      for (license, enrolment, code) in cases {
        let refused = try await problem {
          try await site.gateway.activations.activate(
            ActivationRequest(license: license, enrolment: enrolment))
        }
        #expect(refused.code == code)
      }
      let state = try await site.store.state(of: installation.thumbprint)
      #expect(state == nil)
    }
  }

  @Test func `a revoked license activates nobody`() async throws {
    try await TestSite.play { site in
      let revocations = try site.vendor.jws(
        Revocations(
          iss: site.vendor.iss, iat: TestSite.noon, seq: 1,
          revoked: [
            Revocations.Entry(jti: site.license.jti, at: TestSite.noon, reason: "unpaid")
          ]))
      _ = try await site.gateway.publications.publish(Publication(revocations: revocations))
      let refused = try await problem { try await site.activate(try site.installation()) }
      #expect(refused.code == .licenseRevoked)
    }
  }
}
