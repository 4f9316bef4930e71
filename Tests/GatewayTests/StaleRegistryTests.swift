import Gateway
import Libcrypto
import LibcryptoIssuing
import Licensing
import Reporting
import Sealing
import Storage
import Testing
import TestSupport

/// What a gateway makes of publications from a registry that has fallen behind, and of two at once.
@Suite struct StaleRegistryTests {
  private static func revocations(
    _ site: TestSite, _ seq: Int64, _ licenses: [String], reason: String = "unpaid"
  ) throws -> Revocations {
    Revocations(
      iss: site.vendor.iss, iat: TestSite.noon, seq: seq,
      revoked: try licenses.map {
        Revocations.Entry(
          jti: try TestSite.some(LicenseID("lic_\($0)")), at: TestSite.noon, reason: reason)
      })
  }

  /// A keyset of the site's vendor that revokes keys, and gives the revocation key another.
  private static func keyset(
    _ site: TestSite, epoch: Int64, revoking uses: [KeyUse], fresh: VendorKey? = nil
  ) throws -> String {
    let old = site.vendor.trust.keyset
    let fallen = try uses.map { try site.vendor.key($0).thumbprint }
    var keys = old.keys.filter { !uses.contains($0.use) }
    if let fresh, let use = uses.first {
      keys.append(
        OnlineKey(
          key: fresh.publicKey, use: use, from: 0, through: SealedLimits.instants.upperBound))
    }
    let payload = Keyset(
      iss: old.iss, epoch: epoch, iat: old.iat, roots: old.roots, keys: keys,
      revoked: fallen.map { RevokedKey(kid: $0, at: TestSite.noon, reason: "stolen") }
    ).json.serialized
    return KeysetDocument.text(
      payload: payload, signatures: [try site.vendor.root.signKeyset(payload)])
  }

  @Test func `an old registry's keyset does not let a stolen key stand again, whatever its number`()
    async throws
  {
    try await TestSite.play { site in
      let publications = site.gateway.publications
      let stolen = try site.vendor.jws(site.license)
      let healing = try Self.keyset(site, epoch: 4, revoking: [.license])
      _ = try await publications.publish(Publication(keysets: [healing]))
      for epoch in [Int64(3), 4, 5, 9] {
        let old = try PublicationTests.keyset(site, epoch: epoch)
        let refused = try await problem {
          try await publications.publish(Publication(keysets: [old]))
        }
        #expect(refused.code == .keysetTooOld, "\(epoch)")
        #expect(refused.detail.contains("registry"), "\(epoch)")
        #expect(!refused.detail.contains("publish the next"), "\(epoch)")
      }
      let refused = try await problem {
        try await publications.publish(Publication(licenses: [stolen]))
      }
      #expect(refused.code == .keyRevoked)
      let stored = try await site.store.read { try $0.keysets().map(\.text) }
      #expect(stored == [site.vendor.keyset, healing])
    }
  }

  @Test func `revocations above the known ones revoke whatever those do`() async throws {
    try await TestSite.play { site in
      let publications = site.gateway.publications
      let shared = site
      func publish(_ seq: Int64, _ licenses: [String]) async throws -> Int64? {
        try await publications.publish(
          Publication(revocations: try shared.vendor.jws(Self.revocations(shared, seq, licenses)))
        ).revocations
      }
      #expect(try await publish(1, ["1", "2"]) == 1)
      for (seq, licenses) in [(Int64(1), ["3"]), (2, ["3"]), (2, ["2", "3"]), (900, [])] {
        let refused = try await problem { try await publish(seq, licenses) }
        #expect(refused.code == .conflict, "\(seq) \(licenses)")
        #expect(refused.detail.contains("registry"), "\(seq) \(licenses)")
      }
      #expect(site.gateway.trust.view.revoked.count == 2)
      #expect(try await publish(3, ["2", "3", "1"]) == 3)
      #expect(site.gateway.trust.view.revoked.count == 3)
    }
  }

  @Test func `a revision of a line is one license`() async throws {
    try await TestSite.play { site in
      let publications = site.gateway.publications
      let first = try site.vendor.jws(try TestSite.payg("1", revision: 1))
      let other = try site.vendor.jws(try TestSite.payg("9", revision: 1))
      _ = try await publications.publish(Publication(licenses: [first]))
      let refused = try await problem {
        try await publications.publish(Publication(licenses: [other]))
      }
      #expect(refused.code == .conflict)
      #expect(refused.detail.contains("lic_1") && refused.detail.contains("registry"))
      let elsewhere = [
        try site.vendor.jws(try TestSite.payg("a", line: "lin_2", revision: 1)),
        try site.vendor.jws(try TestSite.payg("b", line: "lin_2", revision: 1)),
      ]
      let both = try await problem {
        try await publications.publish(Publication(licenses: elsewhere))
      }
      #expect(both.code == .conflict)
      let line = try TestSite.some(LineID("lin_2"))
      #expect(try await site.store.read { try $0.licenses(of: line).count } == 0)
      // What a key sealed that was revoked since holds no revision.
      let fresh = try VendorKey.generate(.edDSA)
      let keyset = try Self.keyset(site, epoch: 2, revoking: [.license], fresh: fresh)
      let healed = try fresh.seal(try TestSite.payg("9", revision: 1))
      let standing = try await publications.publish(
        Publication(licenses: [healed], keysets: [keyset]))
      #expect(standing.licenses == 1)
    }
  }

  @Test func `of two publications at once the one with the older keyset is refused whole`()
    async throws
  {
    try await TestSite.play { site in
      let fresh = try VendorKey.generate(.edDSA)
      let keyset = try Self.keyset(site, epoch: 2, revoking: [.revocation], fresh: fresh)
      let healed = try fresh.seal(try Self.revocations(site, 1, ["1"]))
      let first = site.gateway.publications
      let store = BusyStore(site.store) {
        _ = try await first.publish(Publication(keysets: [keyset], revocations: healed))
      }
      // Looks at the trust of before, and comes to the store after the other.
      let trust = try GatewayTrust(site.vendor.trust, revocations: nil)
      let late = PublicationService(
        store: store, trust: trust, shelf: LicenseShelf(store, trust), clock: site.clock)
      let stale = try site.vendor.jws(try Self.revocations(site, 5, ["2"]))
      let refused = try await problem {
        try await late.publish(
          Publication(licenses: [try site.vendor.jws(site.license)], revocations: stale))
      }
      #expect(refused.code == .conflict)
      #expect(refused.detail.contains("publish again"))
      let stored = try await site.store.read { try $0.revocations() }
      #expect(stored == healed)
      try await site.restart()
      #expect(site.gateway.trust.view.revocations?.payload.seq == 1)
    }
  }
}

/// A store of which every change comes after something else.
private final class BusyStore: LedgerStore {
  private let store: any LedgerStore
  private let before: @Sendable () async throws -> Void

  init(_ store: any LedgerStore, before: @escaping @Sendable () async throws -> Void) {
    self.store = store
    self.before = before
  }

  func change<Answer: Sendable>(
    _ body: @escaping @Sendable (any LedgerWriting) throws -> Answer
  ) async throws -> Answer {
    try await before()
    return try await store.change(body)
  }

  func read<Answer: Sendable>(
    _ body: @escaping @Sendable (any LedgerReading) throws -> Answer
  ) async throws -> Answer { try await store.read(body) }

  func state(of installation: Thumbprint) async throws -> InstallationState? {
    try await store.state(of: installation)
  }

  func damage() async throws -> [String] { try await store.damage() }
  func end() async -> StorageError? { await store.end() }
  func close() async { await store.close() }
}
