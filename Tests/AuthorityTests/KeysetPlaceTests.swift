@testable import Authority
import Foundation
import GRDB
import Libcrypto
import LibcryptoIssuing
import Licensing
import Sealing
import Testing

/// The number and the date of the next keyset, and the roots that it keeps.
@Suite struct KeysetPlaceTests {
  private func root(_ office: Office) throws -> VendorKey {
    let first = try #require(try office.authority.registry.keys().first { $0.role == .root })
    return try office.authority.open(first, Office.secret())
  }

  private func signed(_ office: Office, _ draft: DraftKeyset) throws -> DraftKeyset {
    var draft = draft
    try draft.add(signatureOf: try root(office))
    return draft
  }

  private func dated(_ office: Office, _ date: Int64) throws -> DraftKeyset {
    let draft = try office.authority.draftKeyset(KeysetOrder()).draft
    let keyset = draft.keyset
    return DraftKeyset(
      chain: draft.chain,
      keyset: Keyset(
        iss: keyset.iss, epoch: keyset.epoch, iat: date, roots: keyset.roots, keys: keyset.keys,
        revoked: keyset.revoked))
  }

  @Test func `a date before the last keyset's or far ahead is refused wherever the draft comes`()
    throws
  {
    let office = try Office()
    let trusted = try office.authority.roots()
    let table: [(date: Int64, isGood: Bool)] = [
      (Office.start, true), (Office.start + 86_400, true), (Office.start - 1, false), (0, false),
      (Office.start + 86_401, false), (SealedLimits.instants.upperBound, false),
    ]
    #expect(table.count == 6)
    for (date, isGood) in table {
      let draft = try dated(office, date)
      guard !isGood else {
        #expect(
          try ExaminedDraft(draft, under: trusted, at: Office.start).headline.english.contains(
            "dated 2026")
        )
        continue
      }
      #expect(throws: Refusal(.malformed, ""), "\(date)") {
        try ExaminedDraft(draft, under: trusted, at: Office.start)
      }
      let before = try RegistryState(office)
      let error = #expect(throws: AuthorityError.self, "\(date)") {
        try office.authority.publishKeyset([try signed(office, draft)], why: "")
      }
      #expect(error?.code == .documentRefused && error?.message.contains("clock") == true)
      #expect(try RegistryState(office) == before)
    }
    // A day ahead of one clock may be an hour ahead of another.
    let ahead = try dated(office, Office.start + 86_400)
    _ = try office.authority.publishKeyset([try signed(office, ahead)], why: "")
    for publish: () throws -> Void in [
      { _ = try office.authority.draftKeyset(KeysetOrder()) },
      {
        _ = try office.authority.publishKeyset(
          iss: nil, threshold: nil, passphrase: Office.secret(), why: "")
      },
    ] {
      #expect(throws: AuthorityError(.inputInvalid, "")) { try publish() }
    }
    #expect(try office.authority.registry.pendingIntent() == nil)
  }

  @Test func `everything in a draft but its date is what the registry would compose`() throws {
    let office = try Office()
    let good = try office.authority.draftKeyset(KeysetOrder()).draft
    let keyset = good.keyset
    let online = try VendorKey.generate(.edDSA).publicKey
    let other = OnlineKey(
      key: online, use: .license, from: Office.start, through: Office.start + 1)
    let revoked = RevokedKey(
      kid: online.thumbprint(using: LibcryptoProvider()), at: 0, reason: "x")
    let tampered: [Keyset] = [
      Keyset(
        iss: "https://other", epoch: 2, iat: Office.start, roots: keyset.roots, keys: keyset.keys,
        revoked: []),
      Keyset(
        iss: keyset.iss, epoch: 2, iat: Office.start, roots: keyset.roots,
        keys: keyset.keys + [other], revoked: []),
      Keyset(
        iss: keyset.iss, epoch: 2, iat: Office.start, roots: keyset.roots, keys: keyset.keys,
        revoked: [revoked]),
      Keyset(
        iss: keyset.iss, epoch: 2, iat: Office.start,
        roots: try RootKeys(threshold: 1, keys: [try office.key(.root).key, keyset.keys[0].key]),
        keys: Array(keyset.keys.dropFirst()), revoked: []),
    ]
    #expect(tampered.count == 4)
    for keyset in tampered {
      let draft = try signed(office, DraftKeyset(chain: good.chain, keyset: keyset))
      #expect(throws: AuthorityError(.documentRefused, "")) {
        try office.authority.publishKeyset([draft], why: "")
      }
    }
    _ = try office.authority.publishKeyset([try signed(office, good)], why: "")
  }

  @Test func `a number is left out where a signed draft was thrown away, and the log stays whole`()
    throws
  {
    let office = try Office()
    let thrown = try signed(office, try office.authority.draftKeyset(KeysetOrder()).draft)
    #expect(thrown.keyset.epoch == 2)
    let draft = try office.authority.draftKeyset(KeysetOrder(epoch: 3))
    #expect(draft.changes.contains(.skipsEpochs(from: 2, through: 2)), "\(draft.changes)")
    _ = try office.authority.publishKeyset([try signed(office, draft.draft)], why: "")
    #expect(try office.authority.trust().keyset.epoch == 3)
    #expect(try office.authority.registry.verifyAudit().faults.isEmpty)
    // The one thrown away is refused from then on.
    #expect(throws: AuthorityError(.documentRefused, "")) {
      try office.authority.publishKeyset([thrown], why: "")
    }
    for epoch in [0, 3, 4 + ExaminedDraft.mostSkipped + 1, SealedLimits.counts.upperBound] {
      #expect(throws: AuthorityError(.inputInvalid, "")) {
        try office.authority.draftKeyset(KeysetOrder(epoch: epoch))
      }
    }
    _ = try office.authority.draftKeyset(KeysetOrder(epoch: 4 + ExaminedDraft.mostSkipped))
  }

  @Test func `a keyset taken out of the registry is missed, though numbers may be left out`()
    throws
  {
    let office = try Office()
    for _ in 0..<2 {
      _ = try office.authority.publishKeyset(
        iss: nil, threshold: nil, passphrase: Office.secret(), why: "")
    }
    try office.authority.registry.write {
      try $0.execute(sql: "DELETE FROM keysets WHERE epoch = 2")
    }
    let faults = try office.authority.registry.verifyAudit().faults
    #expect(faults.contains { $0.contains("keyset 3 does not lead on") }, "\(faults)")
  }

  @Test func `a machine that knows a later keyset refuses what leads on from an earlier one`()
    throws
  {
    let office = try Office()
    let trusted = try office.authority.roots()
    let old = try office.authority.draftKeyset(KeysetOrder()).draft
    _ = try office.authority.publishKeyset(
      iss: nil, threshold: nil, passphrase: Office.secret(), why: "")
    let new = try office.authority.draftKeyset(KeysetOrder()).draft
    for (draft, known, isGood) in [
      (old, nil, true), (old, 1, true), (old, 2, false), (new, 2, true), (new, 3, false),
    ] as [(DraftKeyset, Int64?, Bool)] {
      let examined = try? ExaminedDraft(draft, under: trusted, at: Office.start, after: known)
      #expect((examined != nil) == isGood, "\(draft.keyset.epoch) after \(known ?? -1)")
    }
    // Without its chain a draft passes for the first keyset.
    let cut = DraftKeyset(
      chain: [],
      keyset: Keyset(
        iss: Office.iss, epoch: 1, iat: Office.start, roots: trusted, keys: new.keyset.keys,
        revoked: []))
    let bare = try ExaminedDraft(cut, under: trusted, at: Office.start)
    #expect(bare.headline.english.hasSuffix(", the first"))
    #expect(throws: Refusal(.keysetTooOld, "")) {
      try ExaminedDraft(cut, under: trusted, at: Office.start, after: 2)
    }
  }

  @Test func `a root retired after the draft was made does not stand again`() throws {
    let office = try Office()
    let other = try office.authority.newKey(
      KeyOrder(role: .root), passphrase: Office.secret(), why: "")
    _ = try office.authority.publishKeyset(
      iss: nil, threshold: 1, passphrase: Office.secret(), why: "")
    let trusted = try office.authority.roots()
    #expect(trusted.keys.count == 2)
    office.clock.set(Office.start + 10)
    let draft = try office.authority.draftKeyset(KeysetOrder()).draft
    office.clock.set(Office.start + 20)
    _ = try office.authority.retireKey(other.thumbprint, why: "the safe was broken into")
    let error = #expect(throws: AuthorityError.self) {
      try office.authority.publishKeyset(
        [try signed(office, draft)], why: "")
    }
    #expect(error?.code == .documentRefused)
    #expect(try office.authority.registry.key(other.thumbprint).retiredAt == Office.start + 20)
    // Left out, and brought back by name.
    let without = try office.authority.draftKeyset(KeysetOrder(threshold: 1)).draft
    #expect(without.keyset.roots.keys.count == 1)
    var done = try signed(office, without)
    _ = try office.authority.publishKeyset([done], why: "")
    office.clock.set(Office.start + 30)
    done = try office.authority.draftKeyset(
      KeysetOrder(threshold: 1, addedRoots: [other.key])
    ).draft
    _ = try office.authority.publishKeyset([try signed(office, done)], why: "")
    #expect(try office.authority.registry.key(other.thumbprint).stands)
  }

  @Test func `the digest is that of the bytes that are signed`() throws {
    let office = try Office()
    let examined = try office.authority.draftKeyset(KeysetOrder())
    let payload = examined.draft.payload
    #expect(examined.digest == LibcryptoProvider().sha256(payload))
    let read = try ExaminedDraft(
      try DraftKeyset(file: Array(examined.draft.file.utf8)),
      under: try office.authority.roots(), at: Office.start)
    #expect(read.digest == examined.digest)
    #expect(read.json["digest"] == examined.digest.json)
  }
}
