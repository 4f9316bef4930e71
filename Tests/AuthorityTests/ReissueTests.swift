@testable import Authority
import CivilTime
import Foundation
import GRDB
import Libcrypto
import Licensing
import Platform
import Sealing
import Testing

extension Office {
  /// Makes another license key and publishes it.
  func anotherKey(_ role: KeyRole = .online(.license)) throws -> Thumbprint {
    let key = try authority.newKey(
      KeyOrder(role: role), passphrase: Self.secret(), why: "the next key")
    _ = try authority.publishKeyset(
      iss: nil, threshold: nil, passphrase: Self.secret(), why: "with the next key")
    return key.thumbprint
  }

  /// Reissues; a limit plays a machine that dies after so many copies.
  func reissue(_ order: ReissueOrder, atMost limit: Int = .max) throws -> [License] {
    let plan = try authority.plan(order)
    let part = ReissuePlan(
      drafts: Array(plan.drafts.prefix(limit)), remarks: plan.remarks, key: plan.key)
    var copies: [License] = []
    try authority.reissue(part, passphrase: Self.secret(), why: "key stolen") { _, license in
      copies.append(license.payload)
    }
    return copies
  }

  func issueLine(_ edition: Edition, key: Thumbprint) throws -> License {
    try authority.issueLicense(
      order(edition), key: key, passphrase: Self.secret(), confirmed: true, why: ""
    ).payload
  }

  func history(_ line: LineID) throws -> LineHistory {
    try authority.history(of: .line(line), at: try authority.now())
  }
}

@Suite struct ReissueTests {
  @Test func `what a stolen key signed gets copies that say the same, and nothing else does`()
    throws
  {
    let office = try Office()
    let stolen = try office.key(.online(.license)).thumbprint
    let lines = try Edition.allCases.map { try office.issueLine($0, key: stolen) }
    let key = try office.anotherKey()
    let safe = try office.issueLine(.community, key: key)
    let order = ReissueOrder(signedBy: stolen, key: key)
    #expect(try office.authority.plan(order).drafts.count == 4)
    let copies = try office.reissue(order)
    #expect(copies.count == 4)
    for (old, copy) in zip(lines.sorted { $0.line < $1.line }, copies) {
      #expect(copy.line == old.line && copy.revision == 2 && copy.jti != old.jti)
      #expect(copy.sells(as: old) && copy.leastEpoch == 2)
      #expect(try office.history(old.line).inForce?.kid == key)
    }
    #expect(try office.authority.registry.newest(of: safe.line).license == safe)
    let rows = try office.authority.registry.audit(last: 4)
    #expect(rows.allSatisfy { $0.action == .licenseReissue && $0.why == "key stolen" })
    #expect(try office.authority.registry.verifyAudit().faults.isEmpty)
    #expect(try office.reissue(order).isEmpty)
  }

  @Test func `what is over, superseded or revoked is not copied`() throws {
    let office = try Office()
    let stolen = try office.key(.online(.license)).thumbprint
    let short = try office.issueLine(.payg, key: stolen)
    let amended = try office.issueLine(.subscription, key: stolen)
    try office.issue(
      office.authority.draftAmendment(
        of: .line(amended.line), office.changes { $0.limit = 70 }))
    let revoked = try office.issueLine(.perpetual, key: stolen)
    try office.authority.registry.write { db in
      try db.execute(
        sql: "UPDATE licenses SET state = 'revoked' WHERE jti = ?", arguments: [revoked.jti.text])
    }
    office.clock.set(Office.start + 60 * 86_400)
    let key = try office.anotherKey()
    let copies = try office.reissue(ReissueOrder(signedBy: stolen, key: key))
    #expect(copies.map(\.line) == [amended.line])
    #expect(copies.map(\.revision) == [3])
    #expect(copies.map(\.collectors.limit) == [70])
    for license in [short, revoked] {
      let error = #expect(throws: AuthorityError.self) {
        try office.authority.plan(ReissueOrder(names: [.license(license.jti)], key: key))
      }
      #expect(error?.code == .conflict, "\(license.edition)")
    }
    let old = #expect(throws: AuthorityError.self) {
      try office.authority.plan(ReissueOrder(names: [.line(amended.line)], signedBy: key, key: key))
    }
    #expect(old?.code == .inputInvalid)
  }

  @Test func `a renewal bought early comes again after the copy that would hide it`() throws {
    let office = try Office()
    let stolen = try office.key(.online(.license)).thumbprint
    let first = try office.issueLine(.subscription, key: stolen)
    let key = try office.anotherKey()
    // Signed by the new key already, and hidden all the same by a copy of the first.
    let early = try office.renew(first.line)
    #expect(try office.history(first.line).newest?.kid == key)
    let copies = try office.reissue(ReissueOrder(signedBy: stolen, key: key))
    #expect(copies.map(\.revision) == [3, 4])
    #expect(copies.map(\.term) == [first.term, early.term])
    let history = try office.history(first.line)
    #expect(history.inForce?.license == copies[0])
    #expect(history.upcoming.map(\.license) == [copies[1]])
    #expect(history.interrupted.isEmpty)
  }

  @Test func `a run that died is taken up where it ended`() throws {
    let origin = try Office()
    let stolen = try origin.key(.online(.license)).thumbprint
    let first = try origin.issueLine(.subscription, key: stolen)
    let second = try origin.renew(first.line)
    let third = try origin.renew(first.line)
    let key = try origin.anotherKey()
    let orders = [
      ReissueOrder(signedBy: stolen, key: key), ReissueOrder(key: key),
      ReissueOrder(names: [.line(first.line)], key: key),
      ReissueOrder(names: [.license(first.jti)], key: key),
    ]
    var played = 0
    for order in orders {
      for done in 0...3 {
        played += 1
        let office = try origin.copy()
        let before = try office.reissue(order, atMost: done)
        #expect(before.count == done)
        let history = try office.history(first.line)
        #expect(history.interrupted.count == (done == 0 ? 0 : 3 - done))
        let after = try office.reissue(order)
        #expect(after.count == 3 - done)
        #expect((before + after).map(\.term) == [first.term, second.term, third.term])
        let whole = try office.history(first.line)
        #expect(whole.live.map(\.license) == before + after)
        #expect(whole.live.allSatisfy { $0.kid == key } && whole.interrupted.isEmpty)
        #expect(try office.reissue(order).isEmpty)
      }
    }
    #expect(played == 16)
  }

  @Test func `a crash between intent and signature is finished before the rest is worked out`()
    throws
  {
    let office = try Office()
    let stolen = try office.key(.online(.license)).thumbprint
    let lines = try (0..<2).map { _ in try office.issueLine(.community, key: stolen) }
    let key = try office.anotherKey()
    let order = ReissueOrder(signedBy: stolen, key: key)
    let plan = try office.authority.plan(order)
    let draft = try #require(plan.drafts.first)
    try office.leavePending(draft.license, as: .licenseReissue)
    try office.reopen()
    _ = try office.authority.finishPending(Office.secret())
    let rest = try office.reissue(order)
    #expect(rest.count == 1 && rest.map(\.line) != [draft.license.line])
    #expect(lines.contains { [$0.line] == rest.map(\.line) })
    #expect(try office.authority.registry.licenses().count == 4)
  }

  @Test func `an early renewal that was given up is not brought back`() throws {
    let office = try Office()
    let stolen = try office.key(.online(.license)).thumbprint
    let first = try office.issueLine(.subscription, key: stolen)
    try office.renew(first.line)
    let back = try office.issue(
      office.authority.draftAmendment(
        of: .license(first.jti), office.changes { $0.limit = 99 }), confirmed: true)
    let key = try office.anotherKey()
    let copies = try office.reissue(ReissueOrder(signedBy: stolen, key: key))
    #expect(copies.map(\.term) == [back.term])
    #expect(try office.history(first.line).interrupted.isEmpty)
    #expect(try office.history(first.line).upcoming.isEmpty)
  }

  @Test func `one license that the key may not sign keeps all from being reissued`() throws {
    let office = try Office()
    let stolen = try office.key(.online(.license)).thumbprint
    _ = try office.issueLine(.community, key: stolen)
    let wide = try office.issueLine(.subscription, key: stolen)
    let capped = try office.authority.newKey(
      KeyOrder(
        role: .online(.license), constraints: KeyConstraints(editions: ["community"])),
      passphrase: Office.secret(), why: "")
    _ = try office.authority.publishKeyset(
      iss: nil, threshold: nil, passphrase: Office.secret(), why: "")
    let before = try office.contents()
    let error = #expect(throws: AuthorityError.self) {
      try office.reissue(ReissueOrder(signedBy: stolen, key: capped.thumbprint))
    }
    #expect(error?.code == .keyMissing)
    #expect(error?.message.contains(wide.jti.text) == true)
    #expect(try office.contents() == before)
  }

  @Test func `releases are signed anew under another key, with the dates that they had`() throws {
    let office = try Office()
    let stolen = try office.key(.online(.release)).thumbprint
    for (version, commit) in [("1.0", nil), ("1.1", "abc"), ("1.1", nil)] as [(String, String?)] {
      _ = try office.authority.signRelease(
        ReleaseOrder(
          product: "p", version: version, released: try #require(CivilDate("2026-11-01")),
          commit: commit), passphrase: Office.secret(), confirmed: true, why: "")
    }
    let key = try office.anotherKey(.online(.release))
    let old = try office.authority.registry.releases()
    let order = ReleaseReissueOrder(signedBy: stolen, key: key)
    let plan = try office.authority.plan(order)
    #expect(plan.count == 3)
    func sign(_ releases: [Release]) throws {
      try office.authority.reissue(
        releases, with: key, passphrase: Office.secret(), why: "key stolen"
      ) { _ in }
    }
    try sign(Array(plan.prefix(1)))
    let rest = try office.authority.plan(order)
    #expect(rest.count == 2)
    try sign(rest)
    #expect(try office.authority.plan(order).isEmpty)
    #expect(try office.authority.plan(ReleaseReissueOrder(key: key)).isEmpty)
    let new = try office.authority.registry.releases()
    #expect(new.count == 3 && new.allSatisfy { $0.kid == key })
    #expect(new.map(\.release.version) == old.map(\.release.version))
    #expect(new.map(\.release.released) == old.map(\.release.released))
    #expect(new.map(\.release.commit) == old.map(\.release.commit))
    #expect(try office.authority.registry.verifyAudit().faults.isEmpty)
    let missing = #expect(throws: AuthorityError.self) {
      try office.authority.plan(ReleaseReissueOrder(versions: ["9.9"], key: key))
    }
    #expect(missing?.code == .notFound)
  }
}
