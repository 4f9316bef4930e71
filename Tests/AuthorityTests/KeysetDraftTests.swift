@testable import Authority
import Foundation
import Libcrypto
import LibcryptoIssuing
import Licensing
import Platform
import Sealing
import Testing

/// The next keyset on its way to roots that are elsewhere.
@Suite struct KeysetDraftTests {
  /// A draft as it comes out of its file on another machine.
  private func carried(_ draft: DraftKeyset) throws -> DraftKeyset {
    try DraftKeyset(file: Array(draft.file.utf8))
  }

  private func root(_ office: Office) throws -> VendorKey {
    try office.authority.open(try office.key(.root), Office.secret())
  }

  private func signed(
    _ draft: DraftKeyset, under roots: RootKeys, by keys: [VendorKey]
  ) throws -> DraftKeyset {
    var examined = try ExaminedDraft(try carried(draft), under: roots, at: Office.start)
    for key in keys { try examined.sign(with: key) }
    return examined.draft
  }

  /// A vendor with three offline roots, of which two must sign; the office's own is one of them.
  private func threeRoots(_ office: Office) throws -> [VendorKey] {
    let roots = try [root(office), VendorKey.generate(.edDSA), VendorKey.generate(.edDSA)]
    let order = KeysetOrder(threshold: 2, addedRoots: roots.dropFirst().map(\.publicKey))
    let draft = try office.authority.draftKeyset(order).draft
    let before = try office.authority.roots()
    _ = try office.authority.publishKeyset(
      [try signed(draft, under: before, by: Array(roots.prefix(2)))], why: "")
    return roots
  }

  private func expectRefused(
    _ office: Office, _ drafts: [DraftKeyset], _ words: String, _ what: String = ""
  ) throws {
    let before = try RegistryState(office)
    let error = #expect(throws: AuthorityError.self, "\(what)") {
      try office.authority.publishKeyset(drafts, why: "")
    }
    #expect(error?.code == .documentRefused, "\(what)")
    #expect(error?.message.contains(words) == true, "\(what): \(error?.message ?? "")")
    #expect(try RegistryState(office) == before, "\(what)")
  }

  @Test func `a draft leaves nothing, and the next one has the same epoch`() throws {
    let office = try Office()
    let before = try RegistryState(office)
    let first = try office.authority.draftKeyset(KeysetOrder())
    #expect(try office.authority.draftKeyset(KeysetOrder()).draft.keyset.epoch == 2)
    #expect(first.draft.keyset.epoch == 2 && first.previous?.epoch == 1)
    #expect(try RegistryState(office) == before)
  }

  @Test func `roots change by both thresholds, and one signature too few is refused`() throws {
    let office = try Office()
    let trusted = try office.authority.roots()
    let old = try root(office)
    let new = try [VendorKey.generate(.edDSA), VendorKey.generate(.ps256)]
    let order = KeysetOrder(threshold: 2, addedRoots: new.map(\.publicKey))
    let draft = try office.authority.draftKeyset(order).draft
    try expectRefused(
      office, [draft], "0 of the 1 signatures that the roots in force need, 1 missing from")
    let byOld = try signed(draft, under: trusted, by: [old])
    try expectRefused(
      office, [byOld],
      "1 of the 2 signatures that the new roots need, 1 missing from \(new[0].thumbprint), "
        + "\(new[1].thumbprint)")
    let byNew = try signed(draft, under: trusted, by: new)
    try expectRefused(office, [byNew], "0 of the 1 signatures that the roots in force need")
    // Signed apart, counted together.
    let (record, examined) = try office.authority.publishKeyset([byOld, byNew], why: "roots")
    #expect(record.keyset.epoch == 2 && record.keyset.roots.threshold == 2)
    #expect(
      examined.changes == [
        .addsRoot(new[0].thumbprint), .addsRoot(new[1].thumbprint),
        .setsThreshold(2, of: 3, was: 1),
      ])
    #expect(try office.authority.trust().keyset == record.keyset)
    let roots = try office.authority.registry.keys().filter { $0.role == .root }
    #expect(roots.count == 3 && roots.allSatisfy(\.stands))
    let row = try #require(try office.authority.registry.audit(last: 1).first)
    #expect(row.action == .keysetPublish && row.why == "roots" && row.payload == record.payload)
    #expect(try office.authority.registry.verifyAudit().faults.isEmpty)
  }

  @Test func `changed roots never ask for fewer signatures unless that is said`() throws {
    let office = try Office()
    let roots = try threeRoots(office)
    let trusted = try office.authority.roots()
    let all = try office.authority.draftKeyset(KeysetOrder(threshold: 3)).draft
    _ = try office.authority.publishKeyset(
      [try signed(all, under: trusted, by: roots)], why: "")
    let fresh = try VendorKey.generate(.edDSA)
    let exchange = KeysetOrder(
      addedRoots: [fresh.publicKey], droppedRoots: [roots[2].thumbprint])
    #expect(try office.authority.draftKeyset(exchange).draft.keyset.roots.threshold == 3)
    var fewer = KeysetOrder(droppedRoots: [roots[2].thumbprint])
    let refused = #expect(throws: AuthorityError.self) {
      try office.authority.draftKeyset(fewer)
    }
    #expect(refused?.code == .inputInvalid)
    #expect(refused?.message.contains("3 roots must sign until now, and 2 would be left") == true)
    fewer.threshold = 2
    #expect(try office.authority.draftKeyset(fewer).draft.keyset.roots.threshold == 2)
  }

  @Test func `a dropped root leaves by the word of both, and stays away`() throws {
    let office = try Office()
    let roots = try threeRoots(office)
    let trusted = try office.authority.roots()
    let order = KeysetOrder(droppedRoots: [roots[2].thumbprint])
    let draft = try office.authority.draftKeyset(order).draft
    #expect(draft.keyset.roots.threshold == 2)
    let done = try signed(draft, under: trusted, by: [roots[0], roots[1]])
    _ = try office.authority.publishKeyset([done], why: "")
    #expect(try office.authority.registry.key(roots[2].thumbprint).retiredAt == Office.start)
    let next = try office.authority.draftKeyset(KeysetOrder()).draft
    #expect(next.keyset.roots.keys == [roots[0].publicKey, roots[1].publicKey])
    let stranger = #expect(throws: AuthorityError.self) {
      _ = try signed(next, under: try office.authority.roots(), by: [roots[2]])
    }
    #expect(stranger?.code == .documentRefused)
    for order in [
      KeysetOrder(droppedRoots: [roots[2].thumbprint]),
      KeysetOrder(addedRoots: [roots[0].publicKey]),
      KeysetOrder(addedRoots: [try office.key(.online(.license)).key]),
      KeysetOrder(threshold: 3), KeysetOrder(threshold: 0), KeysetOrder(iss: "https://other"),
    ] {
      #expect(throws: AuthorityError.self) { try office.authority.draftKeyset(order) }
    }
    #expect(try office.authority.registry.verifyAudit().faults.isEmpty)
  }

  @Test func `signatures of one root count once`() throws {
    let office = try Office()
    let roots = try threeRoots(office)
    let trusted = try office.authority.roots()
    let draft = try office.authority.draftKeyset(KeysetOrder()).draft
    let once = try signed(draft, under: trusted, by: [roots[0]])
    let again = #expect(throws: AuthorityError.self) {
      _ = try signed(once, under: trusted, by: [roots[0]])
    }
    #expect(again?.message.contains("counts once") == true)
    let apart = try signed(draft, under: trusted, by: [roots[0]])
    try expectRefused(office, [once, apart, once], "1 of the 2 signatures", "the same key twice")
    let both = try signed(once, under: trusted, by: [roots[2]])
    #expect(try office.authority.publishKeyset([both], why: "").record.keyset.epoch == 3)
  }

  @Test func `a PS256 root signs twice with two signatures, and counts once`() throws {
    let office = try Office()
    let rsa = try VendorKey.generate(.ps256)
    let other = try VendorKey.generate(.edDSA)
    let order = KeysetOrder(threshold: 2, addedRoots: [rsa.publicKey, other.publicKey])
    let trusted = try office.authority.roots()
    let draft = try office.authority.draftKeyset(order).draft
    let one = try signed(draft, under: trusted, by: [rsa])
    let two = try signed(draft, under: trusted, by: [rsa])
    #expect(one.document != two.document)
    let old = try signed(draft, under: trusted, by: [try root(office)])
    let examined = try ExaminedDraft(
      try DraftKeyset.merged([one, two, old]), under: trusted, at: Office.start)
    #expect(examined.tallies.map(\.missing) == [0, 0])
    let alone = try ExaminedDraft(
      try DraftKeyset.merged([one, two]), under: trusted, at: Office.start)
    #expect(alone.tallies.map(\.missing) == [1, 1])
  }

  @Test func `a draft that was changed after a signature is refused everywhere`() throws {
    let office = try Office()
    let trusted = try office.authority.roots()
    let draft = try signed(
      try office.authority.draftKeyset(KeysetOrder()).draft, under: trusted, by: [try root(office)])
    let other = Keyset(
      iss: draft.keyset.iss, epoch: 2, iat: draft.keyset.iat, roots: draft.keyset.roots,
      keys: Array(draft.keyset.keys.dropLast()), revoked: [])
    let text = KeysetDocument.text(
      payload: other.json.serialized,
      signatures: draft.signatures.map { ($0.header, $0.signature) })
    let changed = try DraftKeyset(
      file: Array(
        Armour.write((draft.chain + [text]).map { ArmourBlock(kind: .keyset, document: $0) }).utf8))
    let refusal = #expect(throws: Refusal.self) {
      try ExaminedDraft(changed, under: trusted, at: Office.start)
    }
    #expect(refusal?.code == .signatureInvalid)
    try expectRefused(office, [changed], "changed after it was signed")
    try expectRefused(office, [draft, changed], "not of one draft")
    // Changed before anybody signed, and signed by all without being read: still not what is here.
    let fresh = DraftKeyset(chain: draft.chain, keyset: other)
    try expectRefused(
      office, [try signed(fresh, under: trusted, by: [try root(office)])], "not what the registry")
  }

  @Test func `a draft that others have overtaken is refused`() throws {
    let moves: [(String, (Office) throws -> Void)] = [
      (
        "another keyset",
        { office in
          _ = try office.authority.publishKeyset(
            iss: nil, threshold: nil, passphrase: Office.secret(), why: "")
        }
      ),
      (
        "a key revoked since",
        { office in
          _ = try office.authority.revokeKey(
            try office.key(.online(.release)).thumbprint, reason: "lost", why: "")
        }
      ),
      (
        "a key retired since",
        { office in
          _ = try office.authority.retireKey(try office.key(.online(.release)).thumbprint, why: "")
        }
      ),
      (
        "a key made since",
        { office in
          _ = try office.authority.newKey(
            KeyOrder(role: .online(.license)), passphrase: Office.secret(), why: "")
        }
      ),
    ]
    #expect(moves.count == 4)
    for (what, move) in moves {
      let office = try Office()
      let draft = try signed(
        try office.authority.draftKeyset(KeysetOrder()).draft,
        under: try office.authority.roots(), by: [try root(office)])
      try move(office)
      try expectRefused(office, [draft], "compose a new", what)
    }
  }

  @Test func `no epoch but the next few is taken, however well it is signed`() throws {
    let office = try Office()
    _ = try office.authority.publishKeyset(
      iss: nil, threshold: nil, passphrase: Office.secret(), why: "")
    let trusted = try office.authority.roots()
    let good = try office.authority.draftKeyset(KeysetOrder()).draft
    let key = try root(office)
    let most = ExaminedDraft.mostSkipped
    let epochs: [Int64] = [1, 2, 3 + most + 1, SealedLimits.counts.upperBound]
    #expect(epochs.count == 4 && good.keyset.epoch == 3)
    for epoch in epochs {
      let keyset = Keyset(
        iss: good.keyset.iss, epoch: epoch, iat: good.keyset.iat, roots: good.keyset.roots,
        keys: good.keyset.keys, revoked: [])
      var draft = DraftKeyset(chain: good.chain, keyset: keyset)
      let refusal = #expect(throws: Refusal.self) {
        try ExaminedDraft(draft, under: trusted, at: Office.start)
      }
      #expect(refusal?.code == .keysetTooOld)
      try draft.add(signatureOf: key)
      try expectRefused(office, [draft], "the next is 3", "\(epoch)")
    }
    _ = try office.authority.publishKeyset(
      [try signed(good, under: trusted, by: [key])], why: "")
    #expect(try office.authority.trust().keyset.epoch == 3)
  }

  @Test func `the first keyset names exactly the roots of root.jwks`() throws {
    let folder = NSTemporaryDirectory() + "authority-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let authority = try Office.open(folder, HandClock(Office.start))
    let roots = try (0..<3).map { _ in try VendorKey.generate(.edDSA) }
    let order = KeysetOrder(
      iss: Office.iss, threshold: 2, addedRoots: roots.map(\.publicKey))
    #expect(throws: AuthorityError(.keyMissing, "")) { try authority.draftKeyset(order) }
    _ = try authority.newKey(
      KeyOrder(role: .online(.license)), passphrase: Office.secret(), why: "")
    #expect(throws: AuthorityError(.inputInvalid, "")) {
      try authority.draftKeyset(KeysetOrder(addedRoots: roots.map(\.publicKey)))
    }
    #expect(throws: AuthorityError(.keyMissing, "")) {
      try authority.draftKeyset(KeysetOrder(iss: Office.iss))
    }
    let draft = try authority.draftKeyset(order).draft
    #expect(draft.chain.isEmpty && draft.keyset.epoch == 1)
    let jwks = try RootKeys(threshold: 2, keys: roots.reversed().map(\.publicKey))
    for wrong in [
      try RootKeys(threshold: 1, keys: roots.map(\.publicKey)),
      try RootKeys(threshold: 2, keys: roots.prefix(2).map(\.publicKey)),
      try RootKeys(threshold: 1, keys: [VendorKey.generate(.edDSA).publicKey]),
    ] {
      #expect(throws: Refusal.self) { try ExaminedDraft(draft, under: wrong, at: Office.start) }
    }
    let done = try signed(draft, under: jwks, by: [roots[2], roots[0]])
    _ = try authority.publishKeyset([done], why: "first")
    #expect(try authority.trust().keyset.epoch == 1)
    #expect(try authority.registry.keys().filter { $0.role == .root }.count == 3)
    // No root is at hand here: nothing is signed, and nothing is left pending.
    let error = #expect(throws: AuthorityError.self) {
      try authority.publishKeyset(
        iss: nil, threshold: nil, passphrase: Office.secret(), why: "")
    }
    #expect(error?.refusal?.code == .signatureInvalid)
    #expect(try authority.registry.pendingIntent() == nil)
    #expect(try authority.registry.verifyAudit().faults.isEmpty)
  }

  @Test func `a machine takes the chain from its own root, and from no other`() throws {
    let office = try Office()
    let first = try office.authority.roots()
    let roots = try threeRoots(office)
    _ = try office.authority.newKey(
      KeyOrder(role: .online(.gateway)), passphrase: Office.secret(), why: "")
    let draft = try office.authority.draftKeyset(KeysetOrder()).draft
    #expect(draft.chain.count == 1)
    for trusted in [first, try office.authority.roots()] {
      let examined = try ExaminedDraft(try carried(draft), under: trusted, at: Office.start)
      #expect(examined.previous?.epoch == 2 && examined.changes.count == 1)
      #expect(
        examined.headline.english
          == "keyset 3 of \(Office.iss), dated 2026-11-21T06:00:00Z, after keyset 2, "
          + "dated 2026-11-21T06:00:00Z")
    }
    let stranger = try RootKeys(threshold: 1, keys: [VendorKey.generate(.edDSA).publicKey])
    #expect(throws: Refusal(.signatureInvalid, "")) {
      try ExaminedDraft(try carried(draft), under: stranger, at: Office.start)
    }
    #expect(throws: Refusal(.wrongKind, "")) {
      try DraftKeyset(file: Array(try office.authority.file(of: office.issue(.community)).utf8))
    }
    let outsider = try VendorKey.generate(.edDSA)
    #expect(throws: AuthorityError(.documentRefused, "")) {
      _ = try signed(draft, under: first, by: [outsider])
    }
    #expect(roots.count == 3)
  }

  @Test func `each root has its own passphrase`() throws {
    let office = try Office()
    let mine = try office.key(.root)
    let other = try office.authority.newKey(
      KeyOrder(role: .root), passphrase: Office.secret("another's"), why: "")
    func publish(_ passphrases: KeyPassphrases) throws {
      _ = try office.authority.publishKeyset(KeysetOrder(threshold: 2), passphrases, why: "")
    }
    let before = try RegistryState(office)
    #expect(throws: AuthorityError(.passphraseWrong, "")) {
      try publish(KeyPassphrases(common: Office.secret()))
    }
    #expect(throws: AuthorityError(.documentRefused, "")) {
      try publish(KeyPassphrases(common: nil, own: [mine.thumbprint: Office.secret()]))
    }
    #expect(throws: AuthorityError(.notFound, "")) {
      try publish(
        KeyPassphrases(
          common: nil, own: [try office.key(.online(.license)).thumbprint: Office.secret()]))
    }
    #expect(try RegistryState(office) == before)
    try publish(
      KeyPassphrases(
        common: nil,
        own: [mine.thumbprint: Office.secret(), other.thumbprint: Office.secret("another's")]))
    try publish(
      KeyPassphrases(
        common: Office.secret(), own: [other.thumbprint: Office.secret("another's")]))
    #expect(try office.authority.trust().keyset.epoch == 3)
  }
}
