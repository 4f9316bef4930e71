@testable import Authority
import CivilTime
import Foundation
import Libcrypto
import Licensing
import Sealing
import Testing

/// A registry of which an old copy was put back, and what the published files give back to it.
@Suite struct RestoreTests {
  /// What became of a registry after a copy of it was made: a key was stolen and revoked, its licenses
  /// were reissued, one was revoked, a new customer came.
  private struct Story {
    let office: Office
    /// The copy that is put back.
    let old: Office
    let stolen: Thumbprint
    let fresh: Thumbprint
    let files: [ArmourBlock]

    init() throws {
      office = try Office()
      stolen = try office.key(.online(.license)).thumbprint
      let first = try office.issueLine(.payg, key: stolen)
      _ = try office.authority.revokeLicenses(
        [first.jti], reason: "not paid", passphrase: Office.secret(), confirmed: true, why: "")
      let second = try office.issueLine(.subscription, key: stolen)
      old = try office.copy()
      office.clock.set(Office.start + 86_400)
      fresh = try office.anotherKey()
      _ = try office.authority.revokeKey(stolen, reason: "stolen", why: "case 17")
      _ = try office.authority.publishKeyset(
        iss: nil, threshold: nil, passphrase: Office.secret(), why: "case 17")
      _ = try office.reissue(ReissueOrder(signedBy: stolen, key: fresh))
      let customer = try office.authority.addCustomer("Later Ltd", why: "").id
      var order = office.order(.community)
      order.customer = customer
      let third = try office.authority.issueLicense(
        order, key: fresh, passphrase: Office.secret(), why: "")
      _ = try office.authority.revokeLicenses(
        [third.payload.jti], reason: "closed", passphrase: Office.secret(), confirmed: true, why: ""
      )
      #expect(second.revision == 1)
      files = try Armour.read(Array(try office.authority.plan(for: nil).file.utf8))
    }
  }

  private static func state(_ office: Office) throws -> [String] {
    let registry = office.authority.registry
    return try registry.licenses().filter { $0.state == .issued || $0.license.revision > 0 }
      .map { "\($0.license.jti) \($0.state) \($0.kid)" }.sorted()
  }

  @Test func `an old copy and the published file make the registry that was`() throws {
    let story = try Story()
    let restored = try story.old.authority.restore(story.files, why: "the disk died")
    #expect(restored.keysets == [3])
    #expect(restored.revocations == 2)
    #expect(restored.licenses.count == 2 && restored.leftAside.isEmpty)
    let (old, new) = (story.old.authority, story.office.authority)
    #expect(try old.trust().keyset == new.trust().keyset)
    #expect(try old.newestNumbers() == new.newestNumbers())
    #expect(try Self.state(story.old) == Self.state(story.office))
    #expect(try old.registry.key(story.stolen).revoked == new.registry.key(story.stolen).revoked)
    let (mine, theirs) = (
      try old.registry.key(story.fresh), try new.registry.key(story.fresh)
    )
    #expect(mine.online == theirs.online && mine.stands)
    #expect(try old.registry.customers().map(\.name) == new.registry.customers().map(\.name))
    let rows = try old.registry.audit().filter { $0.why == "the disk died" }
    #expect(rows.filter { $0.action == .registryRestore }.count == 4)
    #expect(rows.filter { $0.action == .registryRestoreEntry }.count == 3)
    #expect(rows.contains { $0.subjects.first == "keyset 3" })
    let report = try old.registry.verifyAudit()
    #expect(report.faults.isEmpty, "\(report.faults)")
    // The same again changes nothing, and writes nothing.
    #expect(try old.restore(story.files, why: "again").isEmpty)
    #expect(try old.registry.audit().count == Int(report.rows))
  }

  private static func sign(
    _ office: Office, _ version: String, _ released: String = "2026-11-22"
  ) throws -> Verified<Release> {
    try office.authority.signRelease(
      ReleaseOrder(
        product: "platform", version: version, released: try #require(CivilDate(released))),
      passphrase: Office.secret(), why: "")
  }

  private static func blocks(_ office: Office, _ releases: Verified<Release>...) throws
    -> [ArmourBlock]
  {
    try releases.flatMap { try Armour.read(Array(office.authority.file(of: $0).utf8)) }
  }

  /// Else the version would be signed a second time, with another date, and the days of the community
  /// edition would begin anew.
  @Test func `releases come back from their files, and none is signed twice`() throws {
    let office = try Office()
    let first = try Self.sign(office, "2.0.0")
    let old = try office.copy()
    let second = try Self.sign(office, "2.0.1")
    let files = try Self.blocks(office, first, second)
    let restored = try old.authority.restore(files, why: "the disk died")
    #expect(restored.releases == ["platform 2.0.1"] && restored.leftAside.isEmpty)
    #expect(try old.authority.registry.releases() == office.authority.registry.releases())
    #expect(throws: AuthorityError(.conflict, "")) {
      try Self.sign(old, "2.0.1", "2026-11-25")
    }
    let report = try old.authority.registry.verifyAudit()
    #expect(report.faults.isEmpty, "\(report.faults)")
    #expect(try old.authority.restore(files, why: "again").isEmpty)
    // Signed again under another key: both documents are the vendor's, the newer one counts.
    old.clock.set(Office.start + 60)
    let key = try old.authority.newKey(
      KeyOrder(role: .online(.release)), passphrase: Office.secret(), why: "")
    _ = try old.authority.publishKeyset(
      iss: nil, threshold: nil, passphrase: Office.secret(), why: "")
    let copies = try old.authority.plan(
      ReleaseReissueOrder(versions: ["2.0.1"], key: key.thumbprint))
    var copy: Verified<Release>?
    try old.authority.reissue(
      copies, with: key.thumbprint, passphrase: Office.secret(), why: ""
    ) { copy = $0 }
    let again = try Self.blocks(old, try #require(copy))
    #expect(try office.authority.restore(again, why: "").releases == ["platform 2.0.1"])
    #expect(try office.authority.registry.releases().last?.kid == key.thumbprint)
    #expect(try office.authority.registry.verifyAudit().faults.isEmpty)
  }

  @Test func `a release that was signed otherwise since is a fork, and changes nothing`() throws {
    let office = try Office()
    let old = try office.copy()
    let lost = try Self.sign(office, "2.0.0")
    for released in ["2026-11-25", "2026-11-22"] {
      let fork = try old.copy()
      fork.clock.set(Office.start + 60)
      _ = try Self.sign(fork, "2.0.0", released)
      let before = try RegistryState(fork)
      let error = #expect(throws: AuthorityError.self) {
        try fork.authority.restore(Self.blocks(office, lost), why: "")
      }
      #expect(error?.code == .conflict, "\(released)")
      #expect(try RegistryState(fork) == before)
    }
  }

  @Test func `what is issued after goes on where the lost registry ended`() throws {
    let story = try Story()
    _ = try story.old.authority.restore(story.files, why: "")
    story.old.clock.set(Office.start + 2 * 86_400)
    let office = story.old
    // The private half comes from its own copy.
    let pem = try office.authority.registry.key(story.fresh).pem
    try FileManager.default.copyItem(
      atPath: "\(story.office.folder)/\(pem)", toPath: "\(office.folder)/\(pem)")
    let record = try office.authority.publishKeyset(
      iss: nil, threshold: nil, passphrase: Office.secret(), why: ""
    ).record
    #expect(record.keyset.epoch == 4)
    #expect(record.keyset.revoked.map(\.kid) == [story.stolen])
    let license = try #require(
      try office.authority.registry.licenses().first {
        $0.kid == story.fresh && $0.state == .issued
      })
    let line = try office.history(license.license.line)
    #expect(line.newest?.license.revision == 2)
    let next = try office.issueLine(.community, key: story.fresh)
    let revoked = try office.authority.revokeLicenses(
      [next.jti], reason: "closed", passphrase: Office.secret(), confirmed: true, why: "")
    #expect(revoked.payload.seq == 3 && revoked.payload.revoked.count == 3)
    let report = try office.authority.registry.verifyAudit()
    #expect(report.faults.isEmpty, "\(report.faults)")
  }

  @Test func `a registry that went its own way takes nothing back, and says what to do`() throws {
    let story = try Story()
    let office = story.old
    // Revokes another license under the number that the lost registry gave.
    let other = try #require(
      try office.authority.registry.licenses().first { $0.state == .issued })
    _ = try office.authority.revokeLicenses(
      [other.license.jti], reason: "x", passphrase: Office.secret(), confirmed: true, why: "")
    let before = try RegistryState(office)
    let error = #expect(throws: AuthorityError.self) {
      try office.authority.restore(story.files, why: "")
    }
    #expect(error?.code == .conflict)
    #expect(error?.message.contains("put the copy back again") == true)
    #expect(try RegistryState(office) == before)
  }

  @Test func `a registry that has published a keyset of its own since takes nothing back`() throws {
    let story = try Story()
    let office = story.old
    for _ in 0..<3 {
      _ = try office.authority.publishKeyset(
        iss: nil, threshold: nil, passphrase: Office.secret(), why: "")
    }
    let before = try RegistryState(office)
    let error = #expect(throws: AuthorityError.self) {
      try office.authority.restore(story.files, why: "")
    }
    #expect(error?.code == .conflict)
    #expect(try RegistryState(office) == before)
  }

  @Test func `a file that does not verify changes nothing`() throws {
    let story = try Story()
    let before = try RegistryState(story.old)
    var forged = story.files
    let license = try #require(forged.lastIndex { $0.kind == .license })
    forged[license] = ArmourBlock(
      kind: .license, document: String(forged[license].document.dropLast(6)) + "AAAAAA")
    let withoutKeyset = story.files.filter { $0.kind != .keyset }
    for blocks in [forged, withoutKeyset] {
      let error = #expect(throws: AuthorityError.self) {
        try story.old.authority.restore(blocks, why: "")
      }
      #expect(error?.code == .documentRefused)
      #expect(try RegistryState(story.old) == before)
    }
  }
}
