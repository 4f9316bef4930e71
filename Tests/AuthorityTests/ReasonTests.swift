import Authority
import CivilTime
import Foundation
import Licensing
import Sealing
import Testing

/// The log always says why: as it was given, or what was done and that nothing was given.
@Suite struct ReasonTests {
  @Test func `no row of the log has an empty reason`() throws {
    let office = try Office()
    let authority = office.authority
    for why in ["", "  "] {
      let other = try authority.addCustomer("Other \(why.count)", why: why)
      var order = office.order(.subscription)
      order.customer = other.id
      let line = try authority.issueLicense(order, passphrase: Office.secret(), why: why).payload
      _ = try authority.renewLicense(
        line.line, end: .length(.years(1)), basis: .fromEnd, passphrase: Office.secret(), why: why)
      _ = try authority.signRelease(
        ReleaseOrder(
          product: line.product, version: "1.\(why.count)",
          released: try #require(CivilDate("2026-11-20"))), passphrase: Office.secret(), why: why)
      let key = try authority.newKey(
        KeyOrder(role: .online(.release)), passphrase: Office.secret(), why: why)
      _ = try authority.retireKey(key.thumbprint, why: why)
      _ = try authority.restoreKey(key.thumbprint, why: why)
      _ = try authority.publishKeyset(
        iss: nil, threshold: nil, passphrase: Office.secret(), why: why)
      _ = try authority.revokeLicenses(
        [line.jti], reason: "not paid", passphrase: Office.secret(), confirmed: true, why: why)
      _ = try authority.renewRevocations(passphrase: Office.secret(), why: why)
      let target = "https://usage.vendor.example"
      try authority.markPublished(authority.plan(for: target), at: target, why: why)
    }
    let rows = try authority.registry.audit()
    #expect(rows.count > 20)
    #expect(rows.allSatisfy { !$0.why.allSatisfy(\.isWhitespace) })
    func why(_ action: AuditEntry.Action) -> String {
      rows.last { $0.action == action }?.why ?? ""
    }
    let told: [(AuditEntry.Action, String)] = [
      (.licenseIssue, "subscription of observability-platform for Other 2"),
      (.licenseRenew, "a renewal"), (.releaseSign, "release observability-platform 1.2"),
      (.customerAdd, "customer Other 2"), (.keyNew, "a release key"), (.keyRetire, "retired"),
      (.keysetPublish, "keyset 3: adds release key"), (.publish, "revocations 4"),
      (.revocationsIssue, "signed again"),
    ]
    #expect(told.count == 9)
    for (action, part) in told {
      #expect(why(action).contains(part), "\(action): \(why(action))")
      #expect(why(action).hasSuffix("(no reason was given)"), "\(action): \(why(action))")
    }
    #expect(try authority.registry.verifyAudit().faults == [])
  }

  @Test func `what was confirmed stands behind the reason, given or not`() throws {
    let office = try Office()
    _ = try office.issue(.payg, why: "")
    _ = try office.issue(.payg, why: "")
    let row = try #require(try office.authority.registry.audit().last)
    #expect(row.why.hasSuffix("(no reason was given) (confirmed: LINE_EXISTS)"), "\(row.why)")
  }
}
