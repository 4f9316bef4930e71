import CivilTime
import Libcrypto
import Metering
import Sealing
import Testing

@Suite struct EvidenceFileTests {
  static let cryptography = LibcryptoProvider()

  let key: InstallationKey
  let evidence: Evidence
  let opening: EvidenceOpening
  let record: UsageRecord

  init() throws {
    key = try InstallationKey.generate()
    let from = UsageRecordFixture.from
    let secret = [UInt8](repeating: 5, count: 32)
    let date = try #require(CivilDate("2026-11-21"))
    var builder = Evidence.Builder(date: date, key: secret, using: Self.cryptography)
    let segments = [Segment(from: from + 130, to: from + 86_000, weight: 7)]
    let identity = try #require(CollectorIdentity(kind: "datakit", text: "web-07"))
    builder.add(identity, CollectorID(high: 1, low: 1), segments)
    for other in ["web-08", "web-09"] {
      builder.add(
        try #require(CollectorIdentity(kind: "datakit", text: other)),
        CollectorID(high: 1, low: UInt64(other.utf8.last ?? 0)),
        [Segment(from: from + 200, to: from + 300, weight: 1)])
    }
    evidence = builder.evidence()
    opening = try #require(
      evidence.opening(of: identity, segments, key: secret, using: Self.cryptography))
    var record = try UsageRecordFixture.record(closing: true)
    record.installation = key.thumbprint
    record.closing?.evidence = evidence.root
    self.record = record
  }

  private func proof(_ record: UsageRecord? = nil) throws -> EvidenceProof {
    EvidenceProof(
      EvidenceSubject(key: key.publicKey, record: try key.seal(record ?? self.record)), opening)
  }

  @Test func `a proof is read back as it was written and opens its leaf`() throws {
    let proof = try proof()
    let read = try EvidenceProof(Array(proof.json.indentedText.utf8))
    #expect(read == proof)
    let record = try read.subject.open(using: Self.cryptography).payload
    #expect(record == self.record)
    #expect(try read.weightAtPeak(in: record, using: Self.cryptography) == 7)
  }

  @Test func `a header is read back as it was written`() throws {
    let header = EvidenceHeader(try proof().subject)
    #expect(try EvidenceHeader(header.json.serialized) == header)
    let leaf = EvidenceLeaf(name: opening.salt, segments: opening.segments)
    #expect(try EvidenceLeaf(leaf.json.serialized) == leaf)
  }

  @Test func `whatever a proof says otherwise is refused or found`() throws {
    let json = try proof().json
    guard case .object(let members) = json else { return }
    func changed(_ name: String, _ value: JSONValue) -> [UInt8] {
      JSONValue.object(
        members.map { $0.name == name ? JSONMember(name, value) : $0 }
      ).serialized
    }
    let refused: [(Refusal.Code, [UInt8])] = [
      (.unsupportedVersion, changed("ver", 2)),
      (.wrongKind, changed("tally", "evidence")),
      (.malformed, changed("index", -1)),
      (.malformed, changed("proof", ["x"])),
      (.malformed, changed("segments", [[1, 2]])),
      (.malformed, changed("identity", ["kind": "datakit"])),
      (.malformed, changed("identity", ["kind": "datakit", "text": "a", "bytes": "YQ"])),
      // Bytes that are text are written as text, so that there is one spelling.
      (.malformed, changed("identity", ["kind": "datakit", "bytes": "YQ"])),
      (.malformed, JSONValue.object(members + [JSONMember("more", 1)]).serialized),
      (.malformed, JSONValue.object(members + [JSONMember("index", 1)]).serialized),
    ]
    #expect(refused.count == 10)
    for (code, bytes) in refused {
      #expect(throws: Refusal(code, "")) { try EvidenceProof(bytes) }
    }
    let wrong: [[UInt8]] = [
      changed("index", .integer((opening.index + 1) % 3)), changed("salt", evidence.root.root.json),
      changed("identity", ["kind": "datakit", "text": "web-7"]), changed("proof", []),
    ]
    for bytes in wrong {
      let proof = try EvidenceProof(bytes)
      #expect(throws: EvidenceFinding.proofInvalid) {
        try proof.weightAtPeak(in: record, using: Self.cryptography)
      }
    }
  }

  @Test func `a record of another key, or of no closed date, is no subject`() throws {
    let other = try InstallationKey.generate()
    let foreign = EvidenceSubject(key: other.publicKey, record: try key.seal(record))
    #expect(throws: Refusal(.unknownKey, "")) { try foreign.open(using: Self.cryptography) }
    let renamed = EvidenceSubject(key: other.publicKey, record: try other.seal(record))
    #expect(throws: Refusal(.unknownKey, "")) { try renamed.open(using: Self.cryptography) }
    var sample = try UsageRecordFixture.record(closing: false)
    sample.installation = key.thumbprint
    let early = EvidenceSubject(key: key.publicKey, record: try key.seal(sample))
    #expect(throws: Refusal(.wrongKind, "")) { try early.open(using: Self.cryptography) }
  }

  @Test func `identities that are no text keep their bytes`() throws {
    for bytes: [UInt8] in [[0xFF, 0xFE], [0x41, 0x00], [0x7F]] {
      let identity = try #require(CollectorIdentity(kind: "collector", bytes: bytes))
      #expect(identity.members.map(\.name) == ["kind", "bytes"])
      var reader = try ObjectReader(.object(identity.members))
      #expect(try CollectorIdentity(reading: &reader) == identity)
    }
  }
}
