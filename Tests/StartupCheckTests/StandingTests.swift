import Foundation
import Libcrypto
import Licensing
import Sealing
import StartupCheck
import Testing
import TestSupport

/// What the verifier keeps in the file `standing`, and what the check makes of it.
struct StandingTests {
  private let vendor: Vendor
  private let folder: Folder

  init() throws {
    vendor = try Vendor()
    folder = try Folder()
  }

  private func full() throws -> StandingDocument {
    let line = try #require(LineID("lin_1"))
    let activation = Activation(
      iss: Vendor.iss, iat: Vendor.iat, line: line, revision: 1,
      installation: vendor.installation.thumbprint)
    let receipt = Receipt(
      iss: Vendor.iss, iat: Vendor.iat + 60, installation: vendor.installation.thumbprint, seq: 0,
      head: nil, position: 1, leaseThrough: Vendor.iat + 259_200)
    var facts = Facts()
    facts.add(.seq, Int64(3))
    facts.add(.reason, "a page of the ledger was lost")
    return StandingDocument(
      written: Vendor.iat + 120, licenses: [try vendor.seal(try Vendor.license(.payg))],
      keysets: [try vendor.keyset()],
      revocations: try vendor.seal(
        Revocations(iss: Vendor.iss, iat: Vendor.iat, seq: 1, revoked: [])),
      activation: try vendor.seal(activation), receipts: [try vendor.seal(receipt)],
      installation: vendor.installation.publicKey, record: try vendor.record(),
      floor: Vendor.iat + 119, findings: [StandingFinding(.ledgerDamaged, facts)])
  }

  @Test func `everything in it survives the file`() throws {
    let file = StandingFile(folder.path + "/standing")
    guard case .absent = try file.read() else { throw Unexpected() }
    for document in [try full(), StandingDocument(written: 0)] {
      try file.replace(with: document)
      guard case .document(let read) = try file.read() else { throw Unexpected() }
      #expect(read == document)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["standing"])
  }

  @Test func `all of it is verified and speaks for the platform`() throws {
    var document = try full()
    let warned = Dossier(
      vendor, release: try vendor.releaseFile(), standing: .document(document))
    #expect(warned.refused.isEmpty)
    #expect(try warned.verdict().code == .ledgerDamaged)
    document.findings = []
    let sound = Dossier(
      vendor, release: try vendor.releaseFile(), standing: .document(document))
    #expect(try sound.verdict().code == .valid)
    #expect(sound.standing?.newestRecord?.installation == vendor.installation.thumbprint)
    #expect(sound.standing?.newestRecord?.seq == 1)
    #expect(sound.standing?.floor == Vendor.iat + 119)
    #expect(sound.standing?.receipts.count == 1)
  }

  @Test func `without its activation a license that needs one is not activated`() throws {
    var document = try full()
    document.activation = nil
    let dossier = Dossier(
      vendor, release: try vendor.releaseFile(), standing: .document(document))
    #expect(try dossier.verdict().code == .notActivated)
  }

  @Test func `an activation for another installation than the record's is found`() throws {
    let other = try ForgingKey.ed25519(0x41)
    var document = try full()
    document.installation = other.publicKey
    document.record = try vendor.record(sealedBy: other)
    let dossier = Dossier(
      vendor, release: try vendor.releaseFile(), standing: .document(document))
    #expect(try dossier.verdict().code == .wrongInstallation)
  }

  @Test func `a record proves itself with the key beside it`() throws {
    let other = try ForgingKey.ed25519(0x41)
    var document = try full()
    document.findings = []
    document.record = try vendor.record(sealedBy: other)
    var dossier = Dossier(vendor, standing: .document(document))
    #expect(dossier.refused.map(\.refusal.code) == [.unknownKey])
    #expect(dossier.standing?.newestRecord == nil)
    document.record = try vendor.record(installation: other.thumbprint)
    dossier = Dossier(vendor, standing: .document(document))
    #expect(dossier.refused.map(\.refusal.code) == [.malformed])
    #expect(try dossier.verdict().outcome == .deny)
    let genuine = try vendor.record()
    document.record = String(genuine.dropLast(2)) + (genuine.hasSuffix("AA") ? "BQ" : "AA")
    dossier = Dossier(vendor, standing: .document(document))
    #expect(try dossier.verdict().outcome == .deny)
  }

  @Test func `a document in it that was changed is found out`() throws {
    let document = try full()
    for change in [
      { $0.licenses[0] = forged($0.licenses[0]) }, { $0.activation = forged($0.activation) },
      { $0.receipts[0] = forged($0.receipts[0]) }, { $0.record = forged($0.record) },
      { $0.revocations = forged($0.revocations) },
    ] as [(inout StandingDocument) -> Void] {
      var changed = document
      change(&changed)
      #expect(changed != document)
      let verdict = try Dossier(
        vendor, release: try vendor.releaseFile(), standing: .document(changed)
      ).verdict()
      #expect(verdict.outcome == .deny)
      #expect(verdict.findings.contains { $0.code == .signatureInvalid })
    }
  }

  @Test func `given revocations do not lift what the kept ones say`() throws {
    func revocations(_ seq: Int64, _ licenses: [LicenseID]) throws -> String {
      try vendor.seal(
        Revocations(
          iss: Vendor.iss, iat: Vendor.iat, seq: seq,
          revoked: licenses.map {
            Revocations.Entry(jti: $0, at: Vendor.iat, reason: "unpaid")
          }))
    }
    let license = try Vendor.license(.payg).jti
    let other = try #require(LicenseID("lic_other"))
    var document = try full()
    document.findings = []
    document.revocations = try revocations(5, [license])
    let cases: [(seq: Int64, named: [LicenseID], counts: Int64)] = [
      (4, [other], 5), (5, [], 5), (6, [], 5), (6, [other], 5), (6, [other, license], 6),
    ]
    for (seq, named, counts) in cases {
      let file =
        try vendor.licenseFile()
        + Array(
          Armour.write([ArmourBlock(kind: .revocations, document: try revocations(seq, named))])
            .utf8)
      let dossier = Dossier(
        vendor, license: file, release: try vendor.releaseFile(), standing: .document(document))
      #expect(dossier.revocations?.payload.seq == counts, "\(seq) \(named)")
      let isPassedOver = seq > 5 && counts == 5
      #expect(
        dossier.refused.map(\.refusal.code) == (isPassedOver ? [.keysetTooOld] : []),
        "\(seq) \(named)")
      let verdict = try dossier.verdict()
      #expect(!verdict.findings.contains { $0.code == .keysetTooOld })
      // Without kept ones the given ones say all.
      document.revocations = nil
      let alone = Dossier(
        vendor, license: file, release: try vendor.releaseFile(), standing: .document(document))
      #expect(alone.revocations?.payload.seq == seq)
      document.revocations = try revocations(5, [license])
    }
    #expect(cases.count == 5)
  }

  @Test func `a damaged file is said to be damaged`() throws {
    let whole = try full().json.serialized
    let file = StandingFile(folder.path + "/standing")
    for bytes in [
      [], [0], Array("{}".utf8), Array(whole.dropLast()), whole + [0x7D], Array(whole.dropFirst()),
      Array("{\"ver\":0}".utf8), [UInt8](repeating: 0x20, count: 9_000_000),
    ] {
      _ = try folder.write("standing", bytes)
      guard case .refused(let refusal) = try file.read() else { throw Unexpected() }
      #expect(refusal.code == .damaged)
      let verdict = try Dossier(
        vendor, license: try vendor.licenseFile(), release: try vendor.releaseFile(),
        standing: .refused(refusal)
      ).verdict()
      #expect(verdict.code == .damaged)
      #expect(verdict.outcome == .deny)
    }
  }

  @Test func `cut at any byte it is damaged`() throws {
    let whole = try full().json.serialized
    for count in 0..<whole.count {
      #expect(throws: Refusal(.damaged, "")) { try StandingDocument(Array(whole.prefix(count))) }
    }
  }

  @Test func `a later form is not called damaged`() {
    #expect(throws: Refusal(.unsupportedVersion, "")) {
      try StandingDocument(Array("{\"ver\":2,\"new\":null}".utf8))
    }
  }

  @Test func `unknown and missing members are damage`() throws {
    let text = try full().json.text
    for changed in [
      text.replacing("\"written\"", with: "\"writen\""),
      text.replacing("{\"ver\":1", with: "{\"ver\":1,\"ver\":1"),
      text.replacing("\"installation\":{", with: "\"place\":{"),
      text.replacing("\"receipts\":[", with: "\"receipts\":[1,"),
      text.replacing("\"floor\":", with: "\"floor\":-"),
      text.replacing("LEDGER_DAMAGED", with: "LEDGER_FINE"),
    ] {
      #expect(changed != text)
      #expect(throws: Refusal(.damaged, ""), "\(changed.prefix(80))") {
        try StandingDocument(Array(changed.utf8))
      }
    }
  }

  @Test func `a standing that no Secret could hold is not written`() throws {
    let path = folder.path + "/standing"
    var document = try full()
    try StandingFile(path).replace(with: document)
    document.licenses = Array(repeating: String(repeating: "x", count: 60_000), count: 17)
    #expect(throws: StartupCheckError(.standingUnwritable, "")) {
      try StandingFile(path).replace(with: document)
    }
    guard case .document(let kept) = try StandingFile(path).read() else { throw Unexpected() }
    #expect(kept == (try full()))
  }

  @Test func `a file that exists and cannot be read is a fault, not an absence`() throws {
    #expect(throws: StartupCheckError(.inputUnreadable, "")) {
      try StandingFile(folder.path).read()
    }
    _ = try folder.write("plain", [1])
    #expect(throws: StartupCheckError(.inputUnreadable, "")) {
      try StandingFile(folder.path + "/plain/standing").read()
    }
  }

  private struct Unexpected: Error {}
}

/// The document with one letter of its signature changed.
private func forged(_ document: String) -> String {
  let index = document.index(document.endIndex, offsetBy: -20)
  var changed = document
  changed.replaceSubrange(index...index, with: document[index] == "A" ? "B" : "A")
  return changed
}

private func forged(_ document: String?) -> String? {
  document.map { forged($0) as String }
}
