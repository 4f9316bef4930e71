import CivilTime
import Foundation
import Libcrypto
import Licensing
import Metering
import Sealing
@testable import TallyCLI
import Testing

/// Files of evidence as a customer hands them over, checked as the vendor does.
@Suite struct EvidenceCheckTests {
  private static let from: Int64 = 1_795_190_400
  private static let cryptography = LibcryptoProvider()

  /// A date on which `count` collectors counted with 2 from its first minute to its last, and one with
  /// 5 for a minute at noon.
  struct Handed {
    let key: InstallationKey
    let record: String
    var leaves: [EvidenceLeaf]
    let opening: EvidenceOpening
    let folder: URL

    init(_ count: Int) throws {
      key = try InstallationKey.generate()
      let from = EvidenceCheckTests.from
      let secret = [UInt8](repeating: 5, count: 32)
      let date = try #require(CivilDate("2026-11-21"))
      var builder = Evidence.Builder(
        date: date, key: secret, using: EvidenceCheckTests.cryptography)
      var all: [(CollectorIdentity, [Segment])] = []
      for index in 0..<count {
        let identity = try #require(CollectorIdentity(kind: "datakit", text: "host-\(index)"))
        all.append((identity, [Segment(from: from, to: from + 86_400, weight: 2)]))
      }
      let noon = try #require(CollectorIdentity(kind: "collector", text: "noon"))
      all.append((noon, [Segment(from: from + 43_200, to: from + 43_260, weight: 5)]))
      for (index, (identity, segments)) in all.enumerated() {
        builder.add(identity, CollectorID(high: 0, low: UInt64(index)), segments)
      }
      let evidence = builder.evidence()
      opening = try #require(
        evidence.opening(
          of: noon, all[count].1, key: secret, using: EvidenceCheckTests.cryptography))
      leaves = evidence.entries.map { entry in
        let (identity, segments) = all[Int(entry.id.low)]
        return Evidence.leaf(
          of: identity, segments, on: date, key: secret, using: EvidenceCheckTests.cryptography)
      }
      let low = Int64(count) * 2
      let day = DaySummary(
        date: date, from: from, to: from + 86_400, peak: Peak(count: low + 5, at: from + 43_200),
        online: low, distinct: evidence.root.leaves, refused: 0, observed: 86_400, gaps: [],
        gapsMerged: 0)
      let closing = UsageRecord.Closing(
        minutes: [
          MinuteRun(minutes: 720, count: low), MinuteRun(minutes: 1, count: low + 5),
          MinuteRun(minutes: 719, count: low),
        ], evidence: evidence.root)
      let payload = UsageRecord(
        installation: key.thumbprint, license: "lic_1", revision: 1, seq: 1, prev: nil,
        at: from + 86_400, day: day, limit: nil,
        rule: UsageRecord.Rule(window: 300, dwell: 0, identity: "datakit:hostname"),
        release: nil, root: key.thumbprint, closing: closing)
      record = try key.seal(payload)
      folder = FileManager.default.temporaryDirectory.appending(path: "ev-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    var subject: EvidenceSubject { EvidenceSubject(key: key.publicKey, record: record) }

    func write(_ bytes: [UInt8]) throws -> String {
      let path = folder.appending(path: UUID().uuidString)
      try Data(bytes).write(to: path)
      return path.path
    }

    func file() throws -> String {
      var bytes = EvidenceHeader(subject).json.serialized + [0x0A]
      for leaf in leaves { bytes += leaf.json.serialized + [0x0A] }
      return try write(bytes)
    }

    func clear() { try? FileManager.default.removeItem(at: folder) }
  }

  private static func play(_ count: Int, _ body: (inout Handed) throws -> Void) throws {
    var handed = try Handed(count)
    defer { handed.clear() }
    try body(&handed)
  }

  @Test func `all leaves recount the date, in both languages and without a name`() throws {
    try Self.play(40) { handed in
      let file = try handed.file()
      let report = try EvidenceReader(file).check(
        installation: handed.key.thumbprint, statement: nil)
      #expect(report.finding == nil && report.leaves == 41 && report.form == .leaves)
      #expect(report.json["holds"] == .bool(true))
      #expect(report.json["peak"]?.integer == 85)
      let english = EvidenceText(.english).text(report)
      let chinese = EvidenceText(.chinese).text(report)
      #expect(english.contains("holds: the leaves are those of the record"))
      #expect(chinese.contains("成立") && !chinese.contains("holds"))
      let text = try String(contentsOfFile: file, encoding: .utf8)
      #expect(!text.contains("host-") && !text.contains("datakit\"") && !text.contains("noon"))
    }
  }

  @Test func `a proof opens its collector and says with what it counted at the peak`() throws {
    try Self.play(7) { handed in
      let proof = EvidenceProof(handed.subject, handed.opening)
      let file = try handed.write(Array(proof.json.indentedText.utf8))
      let report = try EvidenceReader(file).check(installation: nil, statement: nil)
      #expect(report.finding == nil && report.weightAtPeak == 5 && report.form == .proof)
      #expect(report.json["collector"]?["text"]?.string == "noon")
      #expect(EvidenceText(.english).text(report).contains("it counts 5 of the peak"))
      #expect(EvidenceText(.chinese).text(report).contains("它在峰值中计 5"))
      var wrong = handed.opening
      wrong.segments[0].weight = 6
      let forged = EvidenceProof(handed.subject, wrong)
      let other = try handed.write(forged.json.serialized)
      #expect(
        try EvidenceReader(other).check(installation: nil, statement: nil).finding
          == .proofInvalid)
    }
  }

  @Test func `a file whose installation nobody has compared says that anyone can make it`() throws {
    try Self.play(3) { handed in
      let file = try handed.file()
      let alone = try EvidenceReader(file).check(installation: nil, statement: nil)
      #expect(alone.finding == nil && alone.json["holds"] == .bool(true))
      #expect(alone.json["installation_compared"] == .bool(false))
      #expect(alone.json["remarks"]?.text.contains("anyone can make such a file") == true)
      #expect(EvidenceText(.english).text(alone).contains("anyone can make such a file"))
      #expect(EvidenceText(.english).text(alone).contains("holds in itself: "))
      #expect(EvidenceText(.chinese).text(alone).contains("任何人都能造出这样的文件"))
      #expect(EvidenceText(.chinese).text(alone).contains("就文件自身而言成立"))
      let known = try EvidenceReader(file).check(
        installation: handed.key.thumbprint, statement: nil)
      #expect(known.json["installation_compared"] == .bool(true))
      #expect(known.json["remarks"] == .array([]))
      #expect(!EvidenceText(.english).text(known).contains("anyone"))
    }
  }

  @Test func `the date is held against the zone of the license that the record names`() throws {
    try Self.play(3) { handed in
      let file = try handed.file()
      func report(_ zone: String) throws -> EvidenceReport {
        try EvidenceReader(file).check(installation: nil, statement: nil) { name in
          #expect(name == "lic_1")
          return License(
            iss: "https://license.vendor.example", jti: try #require(LicenseID("lic_1")),
            line: try #require(LineID("lin_1")), sub: try #require(CustomerID("cus_1")),
            customer: "ACME Ltd", product: "platform", iat: Self.from, edition: .community,
            zone: zone, support: "5x8")
        }
      }
      let same = try report("Asia/Shanghai")
      #expect(same.finding == nil && same.json["bounds"] == .bool(true))
      #expect(EvidenceText(.english).text(same).contains("that of the license's zone"))
      let other = try report("Asia/Tokyo")
      let from = Self.from - 3600
      #expect(
        other.finding
          == .boundsDiffer(
            zone: "Asia/Tokyo", record: Self.from..<Self.from + 86_400,
            expected: from..<from + 86_400))
      #expect(other.json["finding"]?["code"]?.string == "EVIDENCE_BOUNDS_DIFFER")
      #expect(other.json["finding"]?["facts"]?["expected"]?["from"]?.integer == from)
      #expect(EvidenceText(.english).text(other).contains("Asia/Tokyo"))
      #expect(EvidenceText(.chinese).text(other).contains("按许可证的时区 Asia/Tokyo"))
    }
  }

  @Test func `what was changed on the way is named`() throws {
    try Self.play(5) { handed in
      let whole = handed.leaves
      func finding(_ expected: Thumbprint? = nil) throws -> EvidenceFinding? {
        try EvidenceReader(try handed.file()).check(installation: expected, statement: nil).finding
      }
      let stranger = try InstallationKey.generate().thumbprint
      #expect(
        try finding(stranger)
          == .installationDiffers(record: handed.key.thumbprint, expected: stranger))
      handed.leaves.removeLast()
      #expect(try finding() == .leavesDiffer(record: 6, found: 5))
      handed.leaves = whole.reversed()
      #expect(try finding() == .leafMalformed(index: 1, .order))
      handed.leaves = whole
      handed.leaves[2] = EvidenceLeaf(
        name: whole[2].name, segments: [Segment(from: Self.from, to: Self.from + 60, weight: 1)])
      #expect(try finding() == .rootDiffers)
    }
  }

  @Test func `what is no evidence is refused with a code`() throws {
    try Self.play(3) { handed in
      let whole = try String(contentsOfFile: try handed.file(), encoding: .utf8)
      let other = try InstallationKey.generate()
      var header = EvidenceHeader(EvidenceSubject(key: other.publicKey, record: handed.record))
      let foreign = header.json.text + "\n"
      header = EvidenceHeader(
        EvidenceSubject(
          key: handed.key.publicKey, record: String(handed.record.dropLast(2)) + "AA"))
      let cases: [(Refusal.Code, String)] = [
        (.malformed, ""), (.wrongKind, "{}\n"), (.malformed, "no evidence\n"),
        (.unknownKey, foreign), (.malformed, whole + "{}\n"),
        (.unsupportedVersion, whole.replacing("\"ver\":1", with: "\"ver\":2")),
      ]
      #expect(cases.count == 6)
      for (code, text) in cases {
        let file = try handed.write(Array(text.utf8))
        let error = #expect(throws: Refusal.self) {
          try EvidenceReader(file).check(installation: nil, statement: nil)
        }
        #expect(error?.code == code, "\(text.prefix(40)): \(error?.message ?? "")")
      }
      let forged = try handed.write(Array((header.json.text + "\n").utf8))
      let error = #expect(throws: Refusal.self) {
        try EvidenceReader(forged).check(installation: nil, statement: nil)
      }
      #expect(error?.code == .signatureInvalid || error?.code == .malformed)
    }
  }
}
