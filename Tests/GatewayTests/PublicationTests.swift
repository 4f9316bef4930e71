import Gateway
import HTTPTypes
import Libcrypto
import LibcryptoIssuing
import Licensing
import Reporting
import Sealing
import Testing
import TestSupport

@Suite(.everyStore) struct PublicationTests {
  @Test func `a renewal reaches only installations of its own line that lack it`() async throws {
    try await TestSite.play { site in
      let installation = try await site.activated()
      let renewal = try site.vendor.jws(
        try TestSite.payg("2", revision: 2, from: "2027-11-01", through: "2028-10-31"))
      let other = try site.vendor.jws(try TestSite.payg("x", line: "lin_2", revision: 5))
      for _ in 0..<2 {
        let standing = try await site.gateway.publications.publish(
          Publication(licenses: [renewal, other]))
        #expect(standing.licenses == 2)
      }
      let alive = try installation.alive(at: TestSite.noon)
      func delivered(_ have: Holdings) async throws -> Delivery {
        try await site.report(installation, [], alive: alive, have: have).delivery
      }
      #expect(try await delivered(Holdings()).licenses == [renewal])
      #expect(try await delivered(Holdings(revision: 1)).licenses == [renewal])
      #expect(try await delivered(Holdings(revision: 2)).licenses.isEmpty)
      #expect(try await delivered(Holdings(epoch: 1)).keysets.isEmpty)
      #expect(try await delivered(Holdings()).keysets == [site.vendor.keyset])
      try await site.restart()
      #expect(try await delivered(Holdings(revision: 1)).licenses == [renewal])
    }
  }

  @Test func `a license that was only seen at an activation is not handed on`() async throws {
    try await TestSite.play(installations: 2) { site in
      let first = try await site.activated()
      let enlarged = try TestSite.payg("2", revision: 2, installations: 3)
      let second = try TestInstallation(license: enlarged.jti, root: site.vendor.trust.root)
      _ = try await site.gateway.activations.activate(
        ActivationRequest(
          license: try site.vendor.jws(enlarged), enrolment: try second.enrolment()))
      let answer = try await site.report(
        first, [], alive: try first.alive(at: TestSite.noon), have: Holdings(revision: 1))
      #expect(answer.delivery.licenses.isEmpty)
    }
  }

  @Test func `a line keeps its customer, product and zone, a name its payload`() async throws {
    try await TestSite.play { site in
      let shared = site
      let publish = { (license: License) in
        try await shared.gateway.publications.publish(
          Publication(licenses: [try shared.vendor.jws(license)]))
      }
      _ = try await publish(site.license)
      let cases = [
        try TestSite.payg("2", revision: 2, sub: "cus_2"),
        try TestSite.payg("2", revision: 2, zone: "Asia/Shanghai"),
        try TestSite.payg("1", revision: 2),
      ]
      for license in cases {
        let refused = try await problem { try await publish(license) }
        #expect(refused.code == .conflict)
      }
      let stored = try await site.store.read { [line = site.license.line] in
        try $0.licenses(of: line).count
      }
      #expect(stored == 1)
    }
  }

  /// A keyset of the site's vendor with another epoch, for the same keys.
  static func keyset(_ site: TestSite, epoch: Int64, iat: Int64 = 1_795_219_200) throws -> String {
    let old = site.vendor.trust.keyset
    let payload = Keyset(
      iss: old.iss, epoch: epoch, iat: iat, roots: old.roots, keys: old.keys,
      revoked: old.revoked
    ).json.serialized
    return KeysetDocument.text(
      payload: payload, signatures: [try site.vendor.root.signKeyset(payload)])
  }

  @Test func `keysets only move forward`() async throws {
    try await TestSite.play { site in
      let shared = site
      let publish = { (text: String) in
        try await shared.gateway.publications.publish(Publication(keysets: [text])).epoch
      }
      let second = try Self.keyset(site, epoch: 2)
      let third = try Self.keyset(site, epoch: 3)
      #expect(try await publish(site.vendor.keyset) == 1)
      #expect(try await publish(third) == 3)
      #expect(try await publish(third) == 3)
      for old in [second, site.vendor.keyset, try Self.keyset(site, epoch: 3, iat: 1)] {
        let refused = try await problem { try await publish(old) }
        #expect(refused.code == .keysetTooOld)
      }
      let stranger = try await TestSite.play { try Self.keyset($0, epoch: 4) }
      let refused = try await problem { try await publish(stranger) }
      #expect(refused.code == .signatureInvalid)
      #expect(site.gateway.trust.view.set.keyset.epoch == 3)
      let installation = try await site.activated()
      let answer = try await site.report(
        installation, [], alive: try installation.alive(at: TestSite.noon),
        have: Holdings(epoch: 1))
      #expect(answer.delivery.keysets == [third])
      let stored = try await site.store.read { try $0.keysets().map(\.epoch) }
      #expect(stored == [1, 3])
    }
  }

  @Test func `once the keyset drops the gateway's key, nothing is sealed any more`() async throws {
    try await TestSite.play { site in
      let installation = try await site.activated()
      let old = site.vendor.trust.keyset
      let payload = Keyset(
        iss: old.iss, epoch: 2, iat: old.iat, roots: old.roots,
        keys: old.keys.filter { $0.use != .gateway }, revoked: []
      ).json.serialized
      let text = KeysetDocument.text(
        payload: payload, signatures: [try site.vendor.root.signKeyset(payload)])
      _ = try await site.gateway.publications.publish(Publication(keysets: [text]))
      let refused = try await problem {
        try await site.report(
          installation, [], alive: try installation.alive(at: TestSite.noon))
      }
      #expect(refused.code == .notReady)
      #expect(refused.retryable)
      #expect(try await site.send(.get, "/readyz").status == 503)
      let state = try await site.store.state(of: installation.thumbprint)
      #expect(state?.head.wordAt == 0, "what could not be receipted is not stored")
    }
  }

  @Test func `revocations only move forward`() async throws {
    try await TestSite.play { site in
      func revocations(_ seq: Int64, _ reason: String = "unpaid") throws -> String {
        try site.vendor.jws(
          Revocations(
            iss: site.vendor.iss, iat: TestSite.noon, seq: seq,
            revoked: [
              Revocations.Entry(jti: site.license.jti, at: TestSite.noon, reason: reason)
            ]))
      }
      let shared = site
      let publish = { (text: String) in
        try await shared.gateway.publications.publish(Publication(revocations: text)).revocations
      }
      #expect(try await publish(try revocations(5)) == 5)
      #expect(try await publish(try revocations(5)) == 5)
      for old in [try revocations(4), try revocations(5, "other")] {
        let refused = try await problem { try await publish(old) }
        #expect(refused.code == .conflict)
      }
      #expect(try await publish(try revocations(6)) == 6)
    }
  }

  @Test func `a number run up by a stolen key is healed by the keyset that revokes the key`()
    async throws
  {
    try await TestSite.play { site in
      func revocations(_ seq: Int64) -> Revocations {
        Revocations(
          iss: site.vendor.iss, iat: TestSite.noon, seq: seq,
          revoked: [
            Revocations.Entry(jti: site.license.jti, at: TestSite.noon, reason: "unpaid")
          ])
      }
      let publications = site.gateway.publications
      let stolen = revocations(SealedLimits.counts.upperBound)
      _ = try await publications.publish(
        Publication(revocations: try site.vendor.jws(stolen)))
      let fresh = try VendorKey.generate(.edDSA)
      let healed = try fresh.seal(revocations(1))
      let refused = try await problem {
        try await publications.publish(Publication(revocations: healed))
      }
      #expect(refused.code == .unknownKey)
      let old = site.vendor.trust.keyset
      let payload = Keyset(
        iss: old.iss, epoch: 2, iat: old.iat, roots: old.roots,
        keys: old.keys.filter { $0.use != .revocation } + [
          OnlineKey(
            key: fresh.publicKey, use: .revocation, from: 0,
            through: SealedLimits.instants.upperBound)
        ],
        revoked: [
          RevokedKey(
            kid: try site.vendor.key(.revocation).thumbprint, at: TestSite.noon, reason: "stolen")
        ]
      ).json.serialized
      let keyset = KeysetDocument.text(
        payload: payload, signatures: [try site.vendor.root.signKeyset(payload)])
      let standing = try await publications.publish(
        Publication(keysets: [keyset], revocations: healed))
      #expect(standing.revocations == 1)
      try await site.restart()
      #expect(site.gateway.trust.view.revocations?.payload.seq == 1)
    }
  }
}
