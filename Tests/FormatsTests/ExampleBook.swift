import Billing
import CivilTime
import Foundation
import Libcrypto
import LibcryptoIssuing
import Licensing
import Metering
import Sealing

/// The documents of Docs/Formats.md, made from published keys. Ed25519 signatures do not vary, so the
/// same book always has the same bytes.
struct ExampleBook {
  struct Entry {
    let title: String
    let payload: JSONValue
    let kind: DocumentKind
    let document: String
  }

  static let iss = "https://license.vendor.example"
  static let product = "observability-platform"
  static let issued: Int64 = 1_795_219_200

  let roots: RootKeys
  private let keys: [String: VendorKey]
  private let installation: InstallationKey

  init() throws {
    var keys: [String: VendorKey] = [:]
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "ExampleKeys")
    for name in ["root", "license", "release", "revocation", "gateway"] {
      let pem = try Data(contentsOf: folder.appending(path: "\(name).pem"))
      var passphrase = Array("example".utf8)
      keys[name] = try VendorKey(
        encryptedPEM: Array(pem), passphrase: Secret(taking: &passphrase))
    }
    self.keys = keys
    installation = try InstallationKey(seed: Array(repeating: 7, count: 32))
    guard let root = keys["root"] else { throw Missing() }
    roots = try RootKeys(threshold: 1, keys: [root.publicKey])
  }

  struct Missing: Error {}

  private func key(_ use: KeyUse) throws -> VendorKey {
    guard let key = keys[use.rawValue] else { throw Missing() }
    return key
  }

  func keyset() throws -> Entry {
    let payload = Keyset(
      iss: Self.iss, epoch: 7, iat: Self.issued, roots: roots,
      keys: try KeyUse.allCases.map { use in
        OnlineKey(
          key: try key(use).publicKey, use: use, from: 1_790_000_000, through: 1_950_000_000,
          constraints: use == .license
            ? KeyConstraints(
              products: [Self.product], editions: Edition.allCases.map(\.rawValue),
              maximumDays: 1100)
            : KeyConstraints())
      },
      revoked: [
        RevokedKey(
          kid: installation.thumbprint, at: 1_794_000_000, reason: "key stolen from a build host")
      ])
    let bytes = payload.json.serialized
    guard let root = keys["root"] else { throw Missing() }
    return Entry(
      title: "Keyset", payload: payload.json, kind: .keyset,
      document: KeysetDocument.text(payload: bytes, signatures: [try root.signKeyset(bytes)]))
  }

  private func entry<Payload: VendorPayload>(_ title: String, _ payload: Payload) throws -> Entry {
    Entry(
      title: title, payload: payload.json, kind: Payload.kind,
      document: try key(Payload.use).seal(payload))
  }

  private func entry<Payload: InstallationPayload>(
    _ title: String, _ payload: Payload
  ) throws -> Entry {
    Entry(
      title: title, payload: payload.json, kind: Payload.kind,
      document: try installation.seal(payload))
  }

  /// Every example, in the order of the page.
  func entries() throws -> [Entry] {
    let sample = try record(seq: 1, prev: nil, closes: false)
    let sampleEntry = try entry("Usage record: a sample", sample)
    let head = LibcryptoProvider().sha256(Array(sampleEntry.document.utf8))
    return [try keyset()] + (try licenses()) + [
      try entry("Release", release()),
      try entry("Revocations", revocations()),
      try entry("Enrolment", enrolment()),
      try entry("Activation", activation()),
      sampleEntry,
      try entry("Usage record: a closed day", try record(seq: 2, prev: head, closes: true)),
      try entry(
        "Sign of life",
        Alive(
          installation: installation.thumbprint, seq: 1, head: head, at: Self.issued + 9000)),
      try entry("Receipt", receipt(head)),
      try entry("Decision: a date closed by the gateway", closing()),
      try entry("Decision: a freed seat", try decision(at: Self.issued + 900_000, .release)),
      try entry("Decision: dates waived", try bill(.waive, "2026-11-23", finding: "FORKED")),
      try entry("Decision: a date corrected", try bill(.correct(120), "2026-11-21")),
    ]
  }

  private func licenses() throws -> [Entry] {
    try LicenseExamples.all().map { title, license in try entry(title, license) }
  }

  private func release() throws -> Release {
    Release(
      iss: Self.iss, iat: Self.issued, epoch: 7, product: Self.product, version: "1.98.190",
      released: try LicenseExamples.date("2026-11-01"),
      coveredAsOf: try LicenseExamples.date("2026-09-30"), commit: "4f2a9c1")
  }

  private func revocations() throws -> Revocations {
    Revocations(
      iss: Self.iss, iat: Self.issued, seq: 3,
      revoked: [
        Revocations.Entry(
          jti: try LicenseExamples.license("lic_01930000000070008000000000000099"),
          at: 1_794_500_000, reason: "issued to the wrong customer")
      ])
  }

  private func enrolment() throws -> Enrolment {
    Enrolment(
      jwk: installation.publicKey,
      license: try LicenseExamples.license("lic_01930000000070008000000000000003"),
      iat: Self.issued + 60)
  }

  private func activation() throws -> Activation {
    Activation(
      iss: Self.iss, iat: Self.issued + 61, line: try LicenseExamples.line(3), revision: 1,
      installation: installation.thumbprint)
  }

  private func receipt(_ head: Digest) -> Receipt {
    Receipt(
      iss: Self.iss, iat: Self.issued + 7300, installation: installation.thumbprint, seq: 1,
      head: head, position: 1, leaseThrough: Self.issued + 7200 + 72 * 3600)
  }

  private func decision(at iat: Int64, _ matter: Decision.Matter) throws -> Decision {
    Decision(
      iss: Self.iss, iat: iat, line: try LicenseExamples.line(3),
      installation: installation.thumbprint, by: "alice", why: "the site was closed",
      matter: matter)
  }

  /// About the bill of the dates from 21 November on.
  private func bill(
    _ effect: BillChange.Effect, _ through: String, finding: String? = nil
  ) throws -> Decision {
    var decision = try decision(
      at: Self.issued + 950_000,
      .bill(
        try BillChange(
          effect, from: try LicenseExamples.date("2026-11-21"),
          through: try LicenseExamples.date(through), finding: finding)))
    decision.why = "a restored snapshot counted them twice"
    return decision
  }

  /// What comes of the sample where no day record follows, 72 h after the end of its date.
  private func closing() throws -> Decision {
    let from: Int64 = 1_795_190_400
    let (start, end) = (from + 57_600, from + 86_400)
    return try Decision.parse(
      JSONValue.object([
        JSONMember("ver", 1), JSONMember("iss", .string(Self.iss)),
        JSONMember("iat", .integer(end + 72 * 3600)), JSONMember("kind", "closing"),
        JSONMember("line", try LicenseExamples.line(3).json),
        JSONMember("installation", installation.thumbprint.json),
        JSONMember("by", .string(Decision.gateway)),
        JSONMember("why", "no day record came within 72 h after the date's end"),
        JSONMember("date", "2026-11-21"), JSONMember("from", .integer(from)),
        JSONMember("to", .integer(end)),
        JSONMember("license", "lic_01930000000070008000000000000003"),
        JSONMember("revision", 1), JSONMember("seq", 1), JSONMember("peak", 290),
        JSONMember("peak_at", .integer(start + 61)), JSONMember("observed", 3600),
        JSONMember(
          "gaps",
          [
            ["from": .integer(from), "to": .integer(start), "reason": "before"],
            ["from": .integer(start + 3600), "to": .integer(end), "reason": "unreported"],
          ]),
        JSONMember(
          "rule", ["window": 300, "dwell": 0, "identity": "datakit:hostname"]),
        JSONMember("quantity", 290),
      ]).serialized)
  }

  /// 2026-11-21 in Shanghai begins at 1795190400; counting began at 08:00 UTC + 8.
  private func record(seq: Int64, prev: Digest?, closes: Bool) throws -> UsageRecord {
    let from: Int64 = 1_795_190_400
    let start = from + 57_600
    let at = closes ? from + 86_400 : start + 3600
    let day = DaySummary(
      date: try LicenseExamples.date("2026-11-21"), from: from, to: at,
      peak: Peak(count: 290, at: start + 61), online: 232, distinct: 200, refused: 0,
      observed: at - start, gaps: [Gap(from: from, to: start, reason: .before)], gapsMerged: 0)
    let root = roots.thumbprint(using: LibcryptoProvider())
    let closing = UsageRecord.Closing(
      minutes: [
        MinuteRun(minutes: 960, count: -1), MinuteRun(minutes: 1, count: 0),
        MinuteRun(minutes: 5, count: 290), MinuteRun(minutes: 474, count: 232),
      ],
      evidence: EvidenceRoot(
        leaves: 200, root: LibcryptoProvider().sha256(Array("the leaves of the example".utf8))))
    return UsageRecord(
      installation: installation.thumbprint, license: "lic_01930000000070008000000000000003",
      revision: 1, seq: seq, prev: prev, at: at, day: day, limit: nil,
      rule: UsageRecord.Rule(window: 300, dwell: 0, identity: "datakit:hostname"),
      release: "1.98.190", root: root, closing: closes ? closing : nil)
  }
}
