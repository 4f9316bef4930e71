@testable import Authority
import Foundation
import Libcrypto
import Licensing
import Sealing
import Testing

@Suite struct CrashTests {
  /// Fixes a license and ends the process before it is signed.
  private func crash(_ office: Office) throws -> (license: License, payload: String) {
    let author = Author(who: "maria", why: "order 7", at: Office.start)
    let license = try office.authority.planned(office.order(.payg), at: Office.start)
    let intent = try office.authority.begin(
      license, as: .licenseIssue, with: try office.key(.online(.license)).thumbprint, by: author)
    try office.reopen()
    return (license, intent.payload)
  }

  @Test func `after a crash between intent and signature the same payload becomes one license`()
    throws
  {
    let office = try Office()
    let (license, payload) = try crash(office)
    #expect(try office.authority.registry.licenses().isEmpty)
    office.clock.set(Office.start + 3600)
    let finished = try office.authority.finishPending(Office.secret())
    #expect(finished?.subject == license.jti.text)
    let stored = try office.authority.registry.licenses()
    #expect(stored.map(\.license) == [license])
    let document = try UnverifiedDocument(Array(stored[0].jws.utf8), as: .license)
    #expect(document.payload == Array(payload.utf8))
    let row = try #require(try office.authority.registry.audit(last: 1).first)
    #expect(row.payload == payload)
    #expect(row.who == "maria" && row.why == "order 7" && row.at == Office.start)
    // Once more changes nothing.
    #expect(try office.authority.finishPending(Office.secret()) == nil)
    try office.reopen()
    #expect(try office.authority.registry.licenses() == stored)
    #expect(try office.authority.registry.verifyAudit().faults.isEmpty)
  }

  @Test func `nothing new is begun while something is pending`() throws {
    let office = try Office()
    _ = try crash(office)
    let error = #expect(throws: AuthorityError.self) { try office.issue(.community) }
    #expect(error?.code == .intentPending)
    let wrong = #expect(throws: AuthorityError.self) {
      try office.authority.finishPending(Office.secret("another key's"))
    }
    #expect(wrong?.code == .intentPending)
    #expect(wrong?.message.contains("tally intent drop") == true)
    #expect(try office.authority.registry.pendingIntent() != nil)
  }

  @Test func `a dropped intent leaves a row and no license`() throws {
    let office = try Office()
    let (license, payload) = try crash(office)
    #expect(try office.authority.dropPending(why: "the key is lost").subject == license.jti.text)
    #expect(try office.authority.registry.pendingIntent() == nil)
    #expect(try office.authority.registry.licenses().isEmpty)
    let row = try #require(try office.authority.registry.audit(last: 1).first)
    #expect(row.action == .intentDrop && row.why == "the key is lost")
    // The row keeps all that the intent said, its payload byte for byte.
    let kept = try JSONScanner.scan(Array(row.payload.utf8), maximumDepth: 4)
    #expect(kept["payload"]?.string == payload && kept["who"]?.string == "maria")
    #expect(throws: AuthorityError.self) { try office.authority.dropPending(why: "") }
    _ = try office.issue(.payg)
    #expect(try office.authority.registry.verifyAudit().faults.isEmpty)
  }

  @Test func `a keyset that was begun is finished with the roots`() throws {
    let office = try Office()
    let keyset = try #require(try office.authority.registry.keysets().last).keyset
    let next = Keyset(
      iss: keyset.iss, epoch: 2, iat: Office.start + 5, roots: keyset.roots, keys: keyset.keys,
      revoked: [])
    _ = try office.authority.begin(
      next, by: Author(who: "maria", why: "", at: Office.start + 5))
    try office.reopen()
    #expect(try office.authority.finishPending(Office.secret())?.kind == .keyset)
    #expect(try office.authority.trust().keyset == next)
    #expect(try office.authority.registry.verifyAudit().faults.isEmpty)
  }

  @Test func `a wrong passphrase leaves no intent`() throws {
    let office = try Office()
    let error = #expect(throws: AuthorityError.self) {
      try office.authority.issueLicense(
        office.order(.payg), passphrase: Office.secret("wrong"), why: "")
    }
    #expect(error?.code == .passphraseWrong)
    let keyset = #expect(throws: AuthorityError.self) {
      try office.authority.publishKeyset(
        iss: nil, threshold: nil, passphrase: Office.secret("wrong"), why: "")
    }
    #expect(keyset?.code == .passphraseWrong)
    #expect(try office.authority.registry.pendingIntent() == nil)
  }

  @Test func `one command at a time changes a registry, any may read`() throws {
    let office = try Office()
    let error = #expect(throws: AuthorityError.self) {
      try Registry(office.folder, for: .change)
    }
    #expect(error?.code == .registryInUse)
    let reader = try Registry(office.folder, for: .read)
    #expect(try reader.customers().count == 1)
    let missing = #expect(throws: AuthorityError.self) {
      try Registry(office.folder + "/none", for: .change)
    }
    #expect(missing?.code == .registryMissing)
    #expect(!FileManager.default.fileExists(atPath: office.folder + "/none"))
  }
}
