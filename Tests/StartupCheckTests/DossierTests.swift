import Libcrypto
import Licensing
import Platform
import Sealing
import StartupCheck
import Testing
import TestSupport

/// From files and what was kept to documents that are trusted.
struct DossierTests {
  private let vendor: Vendor
  private let license: [UInt8]
  private let release: [UInt8]

  init() throws {
    vendor = try Vendor()
    license = try vendor.licenseFile()
    release = try vendor.releaseFile()
  }

  private func file(_ blocks: [ArmourBlock]) -> [UInt8] { Array(Armour.write(blocks).utf8) }

  private func block(_ kind: DocumentKind, _ document: String) -> ArmourBlock {
    ArmourBlock(kind: kind, document: document)
  }

  @Test func `a license file and a release file are enough`() throws {
    let dossier = Dossier(vendor, license: license, release: release)
    #expect(dossier.refused.isEmpty)
    #expect(dossier.licenses.count == 1)
    #expect(try dossier.verdict().outcome == .allow)
    #expect(try dossier.verdict().code == .valid)
  }

  @Test func `without any license there is none`() throws {
    let verdict = try Dossier(vendor).verdict()
    #expect(verdict.outcome == .deny)
    #expect(verdict.code == .noLicense)
  }

  @Test(
    arguments: [[], Array("hello".utf8), [0], [0xFF, 0xD8, 0xFF], Array("{}".utf8)] as [[UInt8]])
  func `a file without documents is refused by name`(_ bytes: [UInt8]) throws {
    let verdict = try Dossier(vendor, license: bytes, release: release).verdict()
    #expect(verdict.outcome == .deny)
    #expect([.damaged, .malformed].contains(verdict.code))
    #expect(verdict.findings.first?.message.contains("the.license") == true)
  }

  @Test func `a license without a keyset opens only where one is known`() throws {
    let bare = Array(try vendor.seal(try Vendor.license()).utf8)
    let verdict = try Dossier(vendor, license: bare).verdict()
    #expect(verdict.code == .unknownKey)
    let kept = StandingDocument(written: Vendor.iat, keysets: [try vendor.keyset()])
    #expect(try Dossier(vendor, license: bare, standing: .document(kept)).verdict().code == .valid)
    #expect(try Dossier(vendor, license: bare, release: release).verdict().code == .valid)
  }

  @Test func `another root's file is refused for its keyset alone`() throws {
    let stranger = try Vendor(root: 9, keys: 0x20)
    let alone = Dossier(vendor, license: try stranger.licenseFile())
    #expect(alone.refused.map(\.refusal.code) == [.signatureInvalid])
    #expect(try alone.verdict().code == .signatureInvalid)
  }

  @Test func `another vendor's license beside our release is sealed by an unknown key`() throws {
    let stranger = try Vendor(root: 9, keys: 0x20)
    let dossier = Dossier(vendor, license: try stranger.licenseFile(), release: release)
    #expect(dossier.refused.map(\.refusal.code) == [.unknownKey])
    #expect(try dossier.verdict().outcome == .deny)
  }

  @Test func `every block of a file must verify`() throws {
    let good = try vendor.seal(try Vendor.license())
    let stranger = try ForgingKey.ed25519(0x77)
    let bad = try Seal.seal(
      try Vendor.license(jti: "lic_2").json.serialized, kind: .license, by: stranger)
    let dossier = Dossier(
      vendor,
      license: file([
        block(.keyset, try vendor.keyset()), block(.license, good), block(.license, bad),
      ]), release: release)
    #expect(dossier.licenses.count == 1)
    let verdict = try dossier.verdict()
    #expect(verdict.outcome == .deny)
    #expect(verdict.code == .unknownKey)
    #expect(verdict.findings.first?.message.contains("block 3 (LICENSE)") == true)
  }

  @Test func `a forged keyset beside a known one is refused and the known one used`() throws {
    let forged = try Vendor(root: 9).keyset(epoch: 99)
    let kept = StandingDocument(written: Vendor.iat, keysets: [try vendor.keyset()])
    let dossier = Dossier(
      vendor,
      license: file([
        block(.keyset, forged), block(.license, try vendor.seal(try Vendor.license())),
      ]),
      standing: .document(kept))
    #expect(dossier.trust?.keyset.epoch == 1)
    #expect(dossier.licenses.count == 1)
    #expect(try dossier.verdict().code == .signatureInvalid)
  }

  @Test func `a keyset block that is none is refused, even where another takes its place`() throws {
    let good = try vendor.keyset()
    let license = try vendor.seal(try Vendor.license())
    let bad: [(String, String)] = [
      ("no JSON", "{"), ("another object", "{}"),
      ("no signatures", #"{"payload":"e30","signatures":[]}"#),
      ("no base64url", #"{"payload":"e3=","signatures":[]}"#),
      ("a license", license),
    ]
    #expect(bad.count == 5)
    for (name, text) in bad {
      for blocks in [[good, text], [text, good]] {
        let dossier = Dossier(
          vendor, license: file(blocks.map { block(.keyset, $0) } + [block(.license, license)]))
        #expect(dossier.trust?.keyset.epoch == 1, "\(name)")
        #expect(dossier.refused.map(\.refusal.code) == [.malformed], "\(name)")
        let verdict = try dossier.verdict()
        #expect(verdict.outcome == .deny && verdict.code == .malformed, "\(name)")
        #expect(verdict.findings.first?.message.contains("(KEYSET)") == true, "\(name)")
      }
    }
  }

  @Test func `an older keyset in a file is passed over`() throws {
    let kept = StandingDocument(
      written: Vendor.iat, keysets: [try vendor.keyset(epoch: 5, revoked: [.release])])
    let dossier = Dossier(
      vendor, license: license, release: release, standing: .document(kept))
    #expect(dossier.trust?.keyset.epoch == 5)
    #expect(try dossier.verdict().code == .keyRevoked)
  }

  @Test func `beside a file whose key was revoked the reissued license is named`() throws {
    let later = try Vendor(keys: 20)
    let keyset = Keyset(
      iss: Vendor.iss, epoch: 2, iat: Vendor.iat, roots: vendor.roots,
      keys: [.license, .release].compactMap { use in
        (use == .license ? later : vendor).keys[use].map {
          OnlineKey(key: $0.publicKey, use: use, from: 0, through: Vendor.iat * 2)
        }
      },
      revoked: vendor.keys[.license].map {
        [RevokedKey(kid: $0.thumbprint, at: Vendor.iat, reason: "stolen")]
      } ?? [])
    let kept = StandingDocument(
      written: Vendor.iat,
      licenses: [try later.seal(try Vendor.license(revision: 2, jti: "lic_2"))],
      keysets: [try ForgedDocument.keyset(keyset, signedBy: [vendor.root])])
    let old = try Dossier(vendor, license: license, release: release, standing: .document(kept))
      .verdict()
    #expect(old.outcome == .deny && old.code == .keyRevoked && old.license?.text == "lic_2")
    let message = try #require(old.findings.first?.message)
    #expect(
      message.hasSuffix("license lic_2 verifies here: put its file in this one's place"),
      "\(message)")
    let chinese = try #require(old.findings.first?.message(in: .chinese))
    #expect(chinese.contains("许可证 lic_2 在此可以验证"), "\(chinese)")
    let held = try Dossier(vendor, release: release, standing: .document(kept)).verdict()
    #expect(held.outcome == .allow)
  }

  @Test func `files may come in any order when one's keyset leads to the other's`() throws {
    let next = try Vendor(root: 9)
    let changed = Keyset(
      iss: Vendor.iss, epoch: 2, iat: Vendor.iat, roots: next.roots, keys: [], revoked: [])
    let bridge = try ForgedDocument.keyset(changed, signedBy: [vendor.root, next.root])
    let license = try vendor.seal(try Vendor.license())
    let later = file([block(.keyset, try next.keyset(epoch: 3)), block(.license, license)])
    let both = file([
      block(.keyset, bridge), block(.license, try vendor.seal(try Vendor.license())),
    ])
    for order in [[later, both], [both, later]] {
      let dossier = Dossier(
        roots: vendor.roots,
        given: order.enumerated().map {
          GivenFile($1, as: .license, source: "\($0).license")
        }, using: LibcryptoProvider())
      #expect(dossier.trust?.keyset.epoch == 3)
      #expect(dossier.refused.isEmpty)
      #expect(dossier.licenses.count == 2)
    }
  }

  @Test func `keysets kept under roots that a new build no longer has do no harm`() throws {
    let old = try Vendor(root: 9)
    let kept = StandingDocument(
      written: Vendor.iat, licenses: [try old.seal(try Vendor.license())],
      keysets: [try old.keyset(epoch: 1_000_000)])
    let dossier = Dossier(
      vendor, license: license, release: release, standing: .document(kept))
    #expect(dossier.trust?.keyset.epoch == 1)
    #expect(try dossier.verdict().outcome == .allow)
    let alone = Dossier(vendor, standing: .document(kept))
    #expect(alone.trust == nil)
    #expect(try alone.verdict().outcome == .deny)
  }

  @Test func `each kind of document is refused where it has no place`() throws {
    let keyset = try vendor.keyset()
    let license = try vendor.seal(try Vendor.license())
    var checked = 0
    for kind in DocumentKind.allCases where kind != .license && kind != .keyset {
      let blocks = [block(.keyset, keyset), block(kind, license), block(.license, license)]
      let verdict = try Dossier(vendor, license: file(blocks), release: release).verdict()
      #expect(verdict.code == .wrongKind, "\(kind)")
      #expect(verdict.outcome == .deny)
      checked += 1
    }
    #expect(checked == 9)
  }

  @Test func `a license beside the program is no release and the other way round`() throws {
    let swapped = try Dossier(vendor, license: release, release: license).verdict()
    #expect(swapped.code == .wrongKind)
    let relabelled = file([
      block(.keyset, try vendor.keyset()), block(.license, try vendor.seal(try Vendor.release())),
    ])
    #expect(try Dossier(vendor, license: relabelled, release: release).verdict().code == .wrongKind)
  }

  @Test func `a file of keysets alone is no license file`() throws {
    let verdict = try Dossier(
      vendor, license: file([block(.keyset, try vendor.keyset())]), release: release
    ).verdict()
    #expect(verdict.code == .wrongKind)
  }

  @Test func `of revocations given and kept the newest counts`() throws {
    let id = try #require(LicenseID("lic_1"))
    func revocations(_ seq: Int64, _ revoked: Bool) throws -> String {
      let entry = Revocations.Entry(jti: id, at: Vendor.iat, reason: "unpaid")
      return try vendor.seal(
        Revocations(iss: Vendor.iss, iat: Vendor.iat, seq: seq, revoked: revoked ? [entry] : []))
    }
    for (given, kept, isRevoked) in [
      (try revocations(2, true), try revocations(1, false), true),
      (try revocations(1, false), try revocations(2, true), true),
      // A later list that forgets what an earlier one revoked is passed over.
      (try revocations(3, false), try revocations(2, true), true),
    ] {
      let blocks = [
        block(.keyset, try vendor.keyset()), block(.revocations, given),
        block(.license, try vendor.seal(try Vendor.license())),
      ]
      let standing = StandingDocument(written: Vendor.iat, revocations: kept)
      let verdict = try Dossier(
        vendor, license: file(blocks), release: release, standing: .document(standing)
      ).verdict()
      #expect((verdict.code == .licenseRevoked) == isRevoked)
    }
  }

  @Test func `another release, product or unknown release is denied`() throws {
    let dossier = Dossier(vendor, license: license, release: release)
    #expect(try dossier.verdict(running: "1.1").code == .releaseMismatch)
    #expect(try dossier.verdict(product: "other").code == .wrongProduct)
    #expect(try dossier.verdict(product: "platform").outcome == .allow)
    #expect(try Dossier(vendor, license: license).verdict(running: "1.1").code == .releaseUnknown)
  }

  @Test func `without a clock or a zone only a license that needs none is judged`() throws {
    let broken = FixedClock(instant: nil)
    let perpetual = try Dossier(vendor, license: license, release: release).verdict(clock: broken)
    #expect(perpetual.outcome == .warn)
    #expect(perpetual.code == .clockUntrusted)
    for edition in [Edition.subscription, .payg, .community] {
      let file = try vendor.licenseFile([try Vendor.license(edition)])
      let dossier = Dossier(vendor, license: file, release: release)
      #expect(
        dossier.judge(running: nil, clock: broken, zones: Dossier.utc)
          == .cannotTell(.clock(edition)))
      let none: ZoneSource = { _ throws(PlatformError) in throw PlatformError(.zoneUnknown, "") }
      #expect(
        dossier.judge(running: nil, clock: FixedClock(), zones: none) == .cannotTell(.zone("UTC")))
    }
  }
}
