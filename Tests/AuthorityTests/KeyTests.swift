@testable import Authority
import CivilTime
import Foundation
import Libcrypto
import LibcryptoIssuing
import Licensing
import Platform
import Sealing
import Testing

@Suite struct KeyTests {
  @Test func `a private key is encrypted PKCS#8, readable by its owner alone`() throws {
    let office = try Office()
    let key = try office.authority.newKey(
      KeyOrder(role: .online(.gateway)), passphrase: Office.secret(), why: "")
    let path = "\(office.folder)/\(key.pem)"
    let bytes = try Files.read(path, secret: true)
    #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("-----BEGIN ENCRYPTED PRIVATE KEY"))
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    #expect(
      try VendorKey(encryptedPEM: bytes, passphrase: Office.secret()).thumbprint == key.thumbprint)
    #expect(try office.authority.registry.key(key.thumbprint) == key)
    #expect(key.from == Office.start - 86_400)
    #expect(UTC.text(key.through) == "2031-11-21T23:59:59Z")
  }

  @Test func `a key file with a loose mode, of another key, or away is refused by name`() throws {
    let office = try Office()
    let key = try office.key(.online(.license))
    let path = "\(office.folder)/\(key.pem)"
    let good = try Files.read(path)
    let other = try Files.read("\(office.folder)/\(try office.key(.online(.release)).pem)")
    let cases: [(AuthorityError.Code, () throws -> Void)] = [
      (.fileUnavailable, { try Files.replace(path, with: good, mode: 0o640) }),
      (.fileUnavailable, { try Files.replace(path, with: good, mode: 0o604) }),
      (.keyUnreadable, { try Files.replace(path, with: other, mode: 0o600) }),
      (.keyUnreadable, { try Files.replace(path, with: Array("no key".utf8), mode: 0o600) }),
      (.keyMissing, { try Files.remove(path) }),
    ]
    #expect(cases.count == 5)
    for (code, spoil) in cases {
      try spoil()
      let error = #expect(throws: AuthorityError.self) { try office.issue(.community) }
      #expect(error?.code == code)
      #expect(error?.message.contains(path) == true)
    }
    try Files.create(path, with: good, mode: 0o600)
    _ = try office.issue(.community)
  }

  @Test func `an empty passphrase makes no key and leaves no file`() throws {
    let office = try Office()
    let error = #expect(throws: AuthorityError.self) {
      try office.authority.newKey(
        KeyOrder(role: .root), passphrase: Office.secret(""), why: "")
    }
    #expect(error?.code == .passphraseWrong)
    let files = try FileManager.default.contentsOfDirectory(atPath: "\(office.folder)/keys")
    #expect(files.count == KeyRole.allCases.count)
  }

  @Test func `the first keyset names the vendor, and the name never changes`() throws {
    let folder = NSTemporaryDirectory() + "authority-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let authority = try Office.open(folder, HandClock(Office.start))
    func publish(_ iss: String?) throws(AuthorityError) {
      _ = try authority.publishKeyset(
        iss: iss, threshold: nil, passphrase: Office.secret(), why: "")
    }
    #expect(throws: AuthorityError(.keyMissing, "")) { try publish(Office.iss) }
    _ = try authority.newKey(KeyOrder(role: .root), passphrase: Office.secret(), why: "")
    #expect(throws: AuthorityError(.keyMissing, "")) { try publish(Office.iss) }
    #expect(throws: AuthorityError(.keysetMissing, "")) { try authority.trust() }
    _ = try authority.newKey(
      KeyOrder(role: .online(.license)), passphrase: Office.secret(), why: "")
    #expect(throws: AuthorityError(.inputInvalid, "")) { try publish(nil) }
    try publish(Office.iss)
    #expect(throws: AuthorityError(.inputInvalid, "")) { try publish("https://other.example") }
    try publish(nil)
    #expect(try authority.trust().keyset.epoch == 2)
  }

  @Test func `a second root needs both thresholds, and the file then carries both keysets`() throws
  {
    let office = try Office()
    let before = try office.authority.roots()
    let second = try office.authority.newKey(
      KeyOrder(role: .root), passphrase: Office.secret(), why: "")
    let (record, changes) = try office.authority.publishKeyset(
      iss: nil, threshold: nil, passphrase: Office.secret(), why: "")
    #expect(record.keyset.roots.threshold == 2 && record.keyset.roots.keys.count == 2)
    #expect(
      changes == [
        .addsRoot(second.thumbprint), .setsThreshold(2, of: 2, was: 1),
      ])
    let file = Array(try office.authority.file(of: try office.issue(.community)).utf8)
    #expect(try Armour.read(file).map(\.kind) == [.keyset, .license])
    // Both a program with the old root and one with the new roots open it.
    #expect(try VerifiedFile(file, roots: before).keyset == record.keyset)
    #expect(try VerifiedFile(file, roots: try office.authority.roots()).keyset == record.keyset)
    _ = try office.authority.publishKeyset(
      iss: nil, threshold: nil, passphrase: Office.secret(), why: "")
    let later = Array(try office.authority.file(of: try office.issue(.community)).utf8)
    #expect(try Armour.read(later).map(\.kind) == [.keyset, .keyset, .license])
    #expect(try VerifiedFile(later, roots: before).keyset.epoch == 3)
    // With one of the two roots away, nothing is signed and nothing is left pending.
    try Files.remove("\(office.folder)/\(second.pem)")
    let error = #expect(throws: AuthorityError.self) {
      try office.authority.publishKeyset(
        iss: nil, threshold: nil, passphrase: Office.secret(), why: "")
    }
    #expect(error?.refusal?.code == .signatureInvalid)
    #expect(try office.authority.registry.pendingIntent() == nil)
    #expect(try office.authority.trust().keyset.epoch == 3)
  }

  @Test func `a keyset in words says what it adds, and that it changes nothing`() throws {
    let office = try Office()
    let key = try office.authority.newKey(
      KeyOrder(role: .online(.release), constraints: KeyConstraints(products: ["x"])),
      passphrase: Office.secret(), why: "")
    func publish() throws -> [String] {
      try office.authority.publishKeyset(
        iss: nil, threshold: nil, passphrase: Office.secret(), why: ""
      ).changes.map(\.words.english)
    }
    let words = try publish()
    #expect(words.count == 1)
    #expect(words[0].hasPrefix("adds release key \(key.thumbprint) (EdDSA, from 2026-11-20T"))
    #expect(words[0].contains(#"limited: {"products":["x"]}"#))
    #expect(try publish() == ["changes no key: it renews the keyset's date"])
  }

  @Test func `roots compiled in must lead to the registry's keysets`() throws {
    let office = try Office()
    _ = try office.issue(.community)
    let stranger = try RootKeys(
      threshold: 1, keys: [try VendorKey.generate(.edDSA).publicKey])
    for (roots, works) in [(try office.authority.roots(), true), (stranger, false)] {
      let authority = Authority(
        registry: try Registry(office.folder, for: .read), clock: office.clock, who: "maria",
        compiledRoots: roots)
      if works {
        #expect(try authority.trust().keyset.epoch == 1)
      } else {
        #expect(throws: AuthorityError(.documentRefused, "")) { try authority.trust() }
      }
    }
  }
}
