@testable import Authority
import CivilTime
import Foundation
import Libcrypto
import Licensing
import Sealing
import StartupCheck
import Testing

@Suite struct ReleaseTests {
  private func order(_ version: String, _ released: String) throws -> ReleaseOrder {
    ReleaseOrder(
      product: "observability-platform", version: version,
      released: try #require(CivilDate(released)))
  }

  @Test func `a version has one date, and its file opens under the root alone`() throws {
    let office = try Office()
    let release = try office.authority.signRelease(
      order("1.98.190", "2026-11-01"), passphrase: Office.secret(), why: "")
    let file = try office.authority.file(of: release)
    let dossier = Dossier(
      roots: try office.authority.roots(),
      given: [GivenFile(Array(file.utf8), as: .release, source: "file")],
      using: LibcryptoProvider())
    #expect(dossier.refused.isEmpty && dossier.release == release)
    #expect(
      try office.authority.releaseFile("observability-platform", "1.98.190", commit: nil) == file)
    let error = #expect(throws: AuthorityError.self) {
      try office.authority.signRelease(
        order("1.98.190", "2026-12-01"), passphrase: Office.secret(), why: "")
    }
    #expect(error?.code == .conflict)
    var other = try order("1.98.190", "2026-11-01")
    other.commit = "8f2e1c"
    let unasked = #expect(throws: AuthorityError.self) {
      try office.authority.signRelease(other, passphrase: Office.secret(), why: "")
    }
    #expect(unasked?.code == .questionsOpen)
    _ = try office.authority.signRelease(
      other, passphrase: Office.secret(), confirmed: true, why: "")
    #expect(try office.authority.registry.releases().map(\.release.commit) == [nil, "8f2e1c"])
    #expect(throws: AuthorityError(.notFound, "")) {
      try office.authority.releaseFile("observability-platform", "9", commit: nil)
    }
  }

  @Test func `another build of a version has the dates of the first`() throws {
    let office = try Office()
    var build = try order("1.98.190", "2026-11-01")
    build.commit = "aaaaaaa"
    _ = try office.authority.signRelease(build, passphrase: Office.secret(), why: "")
    var later = try order("1.98.190", "2026-12-01")
    later.commit = "bbbbbbb"
    #expect(throws: AuthorityError(.conflict, "")) {
      try office.authority.signRelease(later, passphrase: Office.secret(), why: "")
    }
    build.commit = "bbbbbbb"
    _ = try office.authority.signRelease(
      build, passphrase: Office.secret(), confirmed: true, why: "")
    #expect(try office.authority.registry.releases().count == 2)
  }

  @Test func `a release is signed at most 31 days ahead, and questioned past a week`() throws {
    let office = try Office()
    // Signed on 2026-11-21.
    for (index, (released, question)) in [
      ("2026-11-01", false), ("2026-11-28", false), ("2026-11-29", true), ("2026-12-22", true),
    ].enumerated() {
      let draft = try office.authority.draft(order("\(index)", released))
      #expect(draft.questions.map(\.code) == (question ? ["RELEASE_AHEAD"] : []), "\(released)")
      let signed = try office.authority.sign(
        draft, passphrase: Office.secret(), confirmed: true, why: "")
      #expect(signed.payload.released == CivilDate(released))
    }
    for released in ["2026-12-23", "2027-11-21", "9999-12-31"] {
      let error = #expect(throws: AuthorityError.self) {
        try office.authority.signRelease(
          order("2", released), passphrase: Office.secret(), confirmed: true, why: "")
      }
      #expect(error?.code == .inputInvalid, "\(released)")
      #expect(error?.message.contains("at most 31 days ahead") == true, "\(released)")
    }
    let next = #expect(throws: AuthorityError.self) {
      try office.authority.draft(order("9", "2026-12-23"))
    }
    #expect(next?.message.contains("sign it on 2026-11-22 or later") == true)
    office.clock.set(Office.start + 86_400)
    #expect(try office.authority.draft(order("9", "2026-12-23")).release.version == "9")
    #expect(try office.authority.registry.releases().count == 4)
  }

  @Test func `a release that covers from after it came out is refused`() throws {
    let office = try Office()
    var late = try order("1.98.191", "2026-11-01")
    late.coveredAsOf = CivilDate("2026-11-02")
    let error = #expect(throws: AuthorityError.self) {
      try office.authority.signRelease(late, passphrase: Office.secret(), why: "")
    }
    #expect(error?.code == .documentRefused)
    #expect(try office.authority.registry.pendingIntent() == nil)
  }
}

@Suite struct PublishingTests {
  @Test func `a file gets everything and reads back`() throws {
    let office = try Office()
    var issued: [Verified<License>] = []
    for edition in Edition.allCases { issued.append(try office.issue(edition)) }
    let plan = try office.authority.plan(for: nil)
    let file = try VerifiedFile(Array(plan.file.utf8), roots: try office.authority.roots())
    #expect(file.documents.compactMap(\.license) == issued.map(\.payload))
    #expect(issued.count == 4)
  }

  @Test func `a gateway gets what it has not confirmed`() throws {
    let office = try Office()
    let first = try office.issue(.payg).payload.jti
    let target = "https://usage.vendor.example"
    let plan = try office.authority.plan(for: target)
    #expect(plan.keysets.count == 1 && plan.licenses.map(\.license.jti) == [first])
    try office.authority.markPublished(plan, at: target, why: "")
    #expect(try office.authority.plan(for: target).isEmpty)
    #expect(try office.authority.plan(for: target, all: true) == plan)
    #expect(try office.authority.plan(for: "https://other.example") == plan)
    let second = try office.issue(.community).payload.jti
    let rest = try office.authority.plan(for: target)
    #expect(rest.keysets.isEmpty && rest.licenses.map(\.license.jti) == [second])
    _ = try office.authority.publishKeyset(
      iss: nil, threshold: nil, passphrase: Office.secret(), why: "")
    #expect(try office.authority.plan(for: target).keysets.count == 1)
    try office.authority.markPublished(plan, at: target, why: "")
    #expect(try office.authority.registry.verifyAudit().faults.isEmpty)
  }

  @Test func `parts hold everything once, the keysets first`() throws {
    let office = try Office()
    for _ in 0..<5 { _ = try office.issue(.community) }
    let plan = try office.authority.plan(for: nil)
    for size in [1, 1500, 3000, 1_000_000] {
      let parts = plan.parts(maximumBytes: size)
      #expect(parts.flatMap(\.licenses) == plan.licenses)
      #expect(parts.flatMap(\.keysets) == plan.keysets)
      #expect(parts.first?.keysets == plan.keysets)
    }
    #expect(plan.parts(maximumBytes: 1).count == 5)
    #expect(plan.parts(maximumBytes: 1_000_000).count == 1)
    let keysetsOnly = PublicationPlan(keysets: ["k"], epoch: 1, licenses: [])
    #expect(keysetsOnly.parts(maximumBytes: 1) == [keysetsOnly])
  }

  @Test func `what is inspected is not verified, what is verified holds`() throws {
    let office = try Office()
    let license = try office.issue(.payg)
    let file = try office.authority.file(of: license)
    let seen = try InspectedDocument.read(Array(file.utf8))
    #expect(seen.map(\.kind) == [.keyset, .license])
    #expect(seen.last?.license == license.payload)
    // A forged price is shown by inspect and refused by verify.
    let forged = license.jws.split(separator: ".")
    let payload = try #require(Base64.decode(forged[1].utf8, .url))
    let cheaper = String(decoding: payload, as: UTF8.self).replacing(":120}", with: ":119}")
    let jws = "\(forged[0]).\(Base64.encode(Array(cheaper.utf8), .url)).\(forged[2])"
    let bad = DocumentFile.text([jws], of: .license, keysets: try office.authority.trust().chain)
    #expect(
      try InspectedDocument.read(Array(bad.utf8)).last?.license?.price
        == Price(currency: "CNY", minorPerCollectorDay: 119))
    let roots = try office.authority.roots()
    #expect(throws: Refusal(.signatureInvalid, "")) {
      try VerifiedFile(Array(bad.utf8), roots: roots)
    }
    #expect(try VerifiedFile(Array(file.utf8), roots: roots).documents.count == 1)
  }
}

@Suite struct MoneyTests {
  @Test func `prices are read exactly or not at all`() {
    let good: [(String, String, Int64)] = [
      ("CNY 1.20", "CNY", 120), ("CNY 1.2", "CNY", 120), ("CNY 1", "CNY", 100),
      ("CNY 0.01", "CNY", 1), ("JPY 15", "JPY", 15), ("BHD 1.005", "BHD", 1005),
      ("KWD 0.5", "KWD", 500), ("EUR 00.10", "EUR", 10), ("CLF 0.0001", "CLF", 1),
    ]
    #expect(good.count == 9)
    for (text, currency, minor) in good {
      #expect(
        Money.price(text) == Price(currency: currency, minorPerCollectorDay: minor), "\(text)")
    }
    let bad = [
      "", "CNY", "CNY ", "1.20", "cny 1.20", "CNY1.20", "CNY  1.20", "CNY 1.205", "CNY 1.",
      "CNY .2",
      "CNY 1,20", "CNY -1", "CNY +1", "CNY 1e2", "JPY 1.5", "JPY 1.0", "BHD 1.0005", "CNY 1.2.3",
      "CNY 99999999999999999999", "CNY ١", "ＣNY 1",
    ]
    #expect(bad.count == 21)
    for text in bad { #expect(Money.price(text) == nil, "\(text)") }
  }

  @Test func `what is written reads back`() {
    for currency in ["CNY", "JPY", "BHD", "CLF"] {
      for minor in [0, 1, 9, 10, 99, 100, 1005, 123_456_789] as [Int64] {
        let price = Price(currency: currency, minorPerCollectorDay: minor)
        #expect(Money.price(Money.text(price)) == price)
      }
    }
  }
}
