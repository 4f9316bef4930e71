import CivilTime
import LibcryptoIssuing
import Licensing
import Reporting
import Sealing
import TestSupport
import Testing
import Verifier

@Suite struct ShelfTests {
  @Test func `a license file is installed once and stays over a restart`() async throws {
    let site = try TestSite()
    let file = try site.file(try site.license())
    do {
      let installation = try await site.open()
      let offer = try ShelfOffer(file: file, source: "a.license")
      // The keyset is there already: it came with the release file.
      #expect(try await installation.shelf.take(offer).count == 1)
      #expect(try await installation.shelf.take(offer) == [])
    }
    let content = try await site.open().shelf.content
    #expect(content.licenses.map(\.payload.jti.text) == ["lic_1"])
    #expect(content.trust?.keyset.epoch == 1)
  }

  @Test func `by hand one bad block refuses the whole file`() async throws {
    let site = try TestSite()
    let installation = try await site.open()
    let stranger = try TestVendor(iss: site.vendor.iss)
    let text = Armour.write([
      ArmourBlock(kind: .keyset, document: site.vendor.keyset),
      ArmourBlock(kind: .license, document: try site.vendor.jws(try site.license())),
      ArmourBlock(kind: .license, document: try stranger.jws(try site.license(revision: 2))),
    ])
    let offer = try ShelfOffer(file: Array(text.utf8), source: "a.license")
    await #expect(throws: VerifierError(.documentRefused, "")) {
      _ = try await installation.shelf.take(offer)
    }
    #expect(await installation.shelf.content.licenses.isEmpty)
    #expect(try await installation.ledger.documents().licenses.isEmpty)
  }

  @Test func `a file without a license is refused`() throws {
    let site = try TestSite()
    let keyset = Armour.write([ArmourBlock(kind: .keyset, document: site.vendor.keyset)])
    #expect(throws: VerifierError(.documentRefused, "")) {
      _ = try ShelfOffer(file: Array(keyset.utf8), source: "a")
    }
    #expect(throws: VerifierError(.documentRefused, "")) {
      _ = try ShelfOffer(file: [], source: "a")
    }
  }

  @Test func `the time zone never changes within a line`() async throws {
    let site = try TestSite()
    let running = try await site.start(installing: try site.license())
    let other = try site.file(try site.license(revision: 2, zone: "Europe/Berlin"))
    await #expect(throws: VerifierError(.requestRefused, "")) {
      _ = try await running.daemon.desk.install(other, source: "b.license")
    }
  }

  /// What a gateway may bring, and whether it is taken.
  @Test func `a gateway brings higher revisions of the line and nothing else`() async throws {
    let site = try TestSite()
    let installation = try await site.open()
    let shelf = installation.shelf
    _ = try await shelf.take(
      try ShelfOffer(file: try site.file(try site.license(revision: 3)), source: "a"))
    var strange = try site.license(revision: 9)
    strange.line = try #require(LineID("lin_2"))
    var foreign = try site.license(revision: 8)
    foreign.sub = try #require(CustomerID("cus_2"))
    let forger = try TestVendor(iss: site.vendor.iss)
    let left = [
      try site.vendor.jws(try site.license(revision: 2)), try site.vendor.jws(strange),
      try site.vendor.jws(foreign), try forger.jws(try site.license(revision: 7)), "nonsense",
    ]
    for text in left {
      #expect(try await shelf.take(ShelfOffer(Delivery(licenses: [text]))) == [])
    }
    let next = try site.vendor.jws(try site.license(revision: 4))
    #expect(try await shelf.take(ShelfOffer(Delivery(licenses: left + [next]))).count == 1)
    #expect(await shelf.content.licenses.map(\.payload.revision).sorted() == [3, 4])
  }

  @Test func `revocations only grow`() async throws {
    let site = try TestSite()
    let shelf = try await site.start(installing: try site.license()).daemon.desk.installation.shelf
    func revocations(_ seq: Int64) throws -> ShelfOffer {
      let document = Revocations(iss: site.vendor.iss, iat: TestSite.noon, seq: seq, revoked: [])
      return ShelfOffer(Delivery(revocations: try site.vendor.jws(document)))
    }
    #expect(try await shelf.take(try revocations(2)).count == 1)
    #expect(try await shelf.take(try revocations(1)) == [])
    #expect(try await shelf.take(try revocations(2)) == [])
    #expect(try await shelf.take(try revocations(3)).count == 1)
    #expect(await shelf.content.revocations?.payload.seq == 3)
  }

  @Test func `revocations that leave out a license known as revoked are passed over, and said so`()
    async throws
  {
    let site = try TestSite()
    let shelf = try await site.start(installing: try site.license()).daemon.desk.installation.shelf
    func revocations(_ seq: Int64, _ licenses: [String]) throws -> ShelfOffer {
      let document = Revocations(
        iss: site.vendor.iss, iat: TestSite.noon, seq: seq,
        revoked: try licenses.map {
          Revocations.Entry(jti: try #require(LicenseID($0)), at: TestSite.noon, reason: "unpaid")
        })
      return ShelfOffer(Delivery(revocations: try site.vendor.jws(document)))
    }
    #expect(try await shelf.take(try revocations(1, ["lic_a", "lic_b"])).count == 1)
    let words = try await shelf.take(try revocations(2, ["lic_b", "lic_c"]))
    #expect(words.count == 1)
    #expect(words.first?.contains("passed over") == true && words.first?.contains("lic_a") == true)
    #expect(await shelf.content.revocations?.payload.seq == 1)
    #expect(try await shelf.take(try revocations(3, ["lic_c", "lic_b", "lic_a"])).count == 1)
    #expect(await shelf.content.revocations?.payload.seq == 3)
  }

  @Test func `a number run up by a stolen key is healed by the keyset that revokes the key`()
    async throws
  {
    let site = try TestSite()
    let shelf = try await site.start(installing: try site.license()).daemon.desk.installation.shelf
    func revocations(_ seq: Int64) -> Revocations {
      Revocations(iss: site.vendor.iss, iat: TestSite.noon, seq: seq, revoked: [])
    }
    let stolen = try site.vendor.jws(revocations(SealedLimits.counts.upperBound))
    #expect(try await shelf.take(ShelfOffer(Delivery(revocations: stolen))).count == 1)
    let fresh = try VendorKey.generate(.edDSA)
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
    let healed = try fresh.seal(revocations(1))
    let words = try await shelf.take(
      ShelfOffer(Delivery(keysets: [keyset], revocations: healed)))
    #expect(words.count == 2, "the keyset and the revocations, in one delivery")
    #expect(await shelf.content.revocations?.payload.seq == 1)
  }

  @Test func `an activation of another installation is refused`() async throws {
    let site = try TestSite()
    let installation = try await site.start(installing: try site.license()).daemon.desk
      .installation
    let other = Activation(
      iss: site.vendor.iss, iat: TestSite.noon, line: site.line, revision: 1,
      installation: site.vendor.root.thumbprint)
    let offer = ShelfOffer(activation: try site.vendor.jws(other), source: "a")
    await #expect(throws: VerifierError(.requestRefused, "")) {
      _ = try await installation.shelf.take(offer)
    }
    #expect(await installation.shelf.content.activation == nil)
  }

  @Test func `in force is the highest revision that has begun, else the first to begin`()
    async throws
  {
    let site = try TestSite()
    let installation = try await site.open()
    let file = try site.file(
      try site.license(revision: 1, from: "2026-11-21"),
      try site.license(revision: 2, from: "2027-11-21"),
      try site.license(revision: 3, from: "2027-01-01"))
    _ = try await installation.shelf.take(try ShelfOffer(file: file, source: "a"))
    let content = await installation.shelf.content
    let expected: [(String, Int64)] = [
      ("2026-01-01", 1), ("2026-11-21", 1), ("2026-12-31", 1), ("2027-01-01", 3),
      ("2027-11-21", 3),
    ]
    for (date, revision) in expected {
      let date = try #require(CivilDate(date))
      #expect(content.license(on: date, of: site.line)?.payload.revision == revision)
    }
  }
}
