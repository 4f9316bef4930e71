internal import CivilTime
package import Sealing

/// The first thing in which evidence differs from the record that it belongs to.
package enum EvidenceFinding: Error, Sendable, Equatable {
  /// The leaf at that place, from 0, cannot be one of the date.
  case leafMalformed(index: Int64, LeafFault)
  case leavesDiffer(record: Int64, found: Int64)
  case rootDiffers
  case distinctDiffers(record: Int64, found: Int64)
  /// The minute that begins at `from`; ``MinuteRun/unobserved`` for nothing watched.
  case minuteDiffers(from: Int64, record: Int64, found: Int64)
  case peakDiffers(record: Peak?, found: Peak?)
  /// The leaf that is opened is not under the record's root at that place.
  case proofInvalid
  case installationDiffers(record: Thumbprint, expected: Thumbprint)
  /// The record's date is not that of the license's zone.
  case boundsDiffer(zone: String, record: Range<Int64>, expected: Range<Int64>)
  /// A member of the statement's line of the date says another thing than the record.
  case statementDiffers(member: String, record: String, statement: String)

  /// The stable codes. Docs/Errors lists them.
  package enum Code: String, Sendable, CaseIterable {
    case leafMalformed = "EVIDENCE_LEAF_MALFORMED"
    case leavesDiffer = "EVIDENCE_LEAVES_DIFFER"
    case rootDiffers = "EVIDENCE_ROOT_DIFFERS"
    case distinctDiffers = "EVIDENCE_DISTINCT_DIFFERS"
    case minuteDiffers = "EVIDENCE_MINUTE_DIFFERS"
    case peakDiffers = "EVIDENCE_PEAK_DIFFERS"
    case proofInvalid = "EVIDENCE_PROOF_INVALID"
    case installationDiffers = "EVIDENCE_INSTALLATION_DIFFERS"
    case boundsDiffer = "EVIDENCE_BOUNDS_DIFFER"
    case statementDiffers = "EVIDENCE_STATEMENT_DIFFERS"
  }

  /// Why a leaf cannot be one of the date.
  package enum LeafFault: String, Sendable, CaseIterable {
    case empty
    case order
    case notCanonical = "not_canonical"
    case outsideDate = "outside_date"
    case weight
  }

  package var code: Code {
    switch self {
    case .leafMalformed: .leafMalformed
    case .leavesDiffer: .leavesDiffer
    case .rootDiffers: .rootDiffers
    case .distinctDiffers: .distinctDiffers
    case .minuteDiffers: .minuteDiffers
    case .peakDiffers: .peakDiffers
    case .proofInvalid: .proofInvalid
    case .installationDiffers: .installationDiffers
    case .boundsDiffer: .boundsDiffer
    case .statementDiffers: .statementDiffers
    }
  }

  /// `{code, message, facts}`; the message is English, as in every JSON.
  package var json: JSONValue {
    [
      "code": .string(code.rawValue), "message": .string(message), "facts": .object(facts),
    ]
  }

  private var facts: [JSONMember] {
    switch self {
    case .leafMalformed(let index, let fault):
      [JSONMember("leaf", .integer(index)), JSONMember("fault", .string(fault.rawValue))]
    case .leavesDiffer(let record, let found), .distinctDiffers(let record, let found):
      [JSONMember("record", .integer(record)), JSONMember("found", .integer(found))]
    case .rootDiffers, .proofInvalid: []
    case .minuteDiffers(let from, let record, let found):
      [
        JSONMember("from", .integer(from)), JSONMember("record", .integer(record)),
        JSONMember("found", .integer(found)),
      ]
    case .peakDiffers(let record, let found):
      [JSONMember("record", Self.json(record)), JSONMember("found", Self.json(found))]
    case .installationDiffers(let record, let expected):
      [JSONMember("record", record.json), JSONMember("expected", expected.json)]
    case .boundsDiffer(let zone, let record, let expected):
      [
        JSONMember("zone", .string(zone)), JSONMember("record", Self.json(record)),
        JSONMember("expected", Self.json(expected)),
      ]
    case .statementDiffers(let member, let record, let statement):
      [
        JSONMember("member", .string(member)), JSONMember("record", .string(record)),
        JSONMember("statement", .string(statement)),
      ]
    }
  }

  private static func json(_ bounds: Range<Int64>) -> JSONValue {
    ["from": .integer(bounds.lowerBound), "to": .integer(bounds.upperBound)]
  }

  private static func json(_ peak: Peak?) -> JSONValue {
    peak.map { ["peak": .integer($0.count), "peak_at": .integer($0.at)] } ?? .null
  }
}

// MARK: Texts

extension EvidenceFinding {
  /// What differs, in English.
  package var message: String {
    switch self {
    case .leafMalformed(let index, let fault): "leaf \(index) \(fault.english)"
    case .leavesDiffer(let record, let found):
      "there are \(found) leaves, the record commits to \(record)"
    case .rootDiffers: "the leaves have another root than the one that the record commits to"
    case .distinctDiffers(let record, let found):
      "\(found) collectors counted in a second that was watched, the record says \(record)"
    case .minuteDiffers(let from, let record, let found):
      "the minute from \(UTC.text(from)) comes to \(Self.english(found)), the record says "
        + Self.english(record)
    case .peakDiffers(let record, let found):
      "the leaves come to a peak of \(Self.english(found)), the record says "
        + Self.english(record)
    case .proofInvalid: "the leaf that is opened is not under the root that the record commits to"
    case .installationDiffers(let record, let expected):
      "the record is of installation \(record), not of \(expected)"
    case .boundsDiffer(let zone, let record, let expected):
      "the record's date lasts from \(Self.text(record)), in \(zone), the license's zone, it lasts from "
        + Self.text(expected)
    case .statementDiffers(let member, let record, let statement):
      "\(member) is \(record) in the record, \(statement) in the statement"
    }
  }

  /// What differs, in Chinese.
  package var chinese: String {
    switch self {
    case .leafMalformed(let index, let fault): "第 \(index) 个叶子\(fault.chinese)"
    case .leavesDiffer(let record, let found): "叶子有 \(found) 个，而记录承诺的是 \(record) 个"
    case .rootDiffers: "这些叶子的根与记录承诺的根不同"
    case .distinctDiffers(let record, let found):
      "在被观测的秒内计数的采集器有 \(found) 个，而记录写的是 \(record) 个"
    case .minuteDiffers(let from, let record, let found):
      "从 \(UTC.text(from)) 开始的一分钟算得 \(Self.chinese(found))，而记录写的是 \(Self.chinese(record))"
    case .peakDiffers(let record, let found):
      "由叶子算得的峰值是 \(Self.chinese(found))，而记录写的是 \(Self.chinese(record))"
    case .proofInvalid: "所打开的叶子不在记录承诺的根之下"
    case .installationDiffers(let record, let expected):
      "记录属于安装 \(record)，而不是 \(expected)"
    case .boundsDiffer(let zone, let record, let expected):
      "记录中该日期的起止是 \(Self.text(record))，而按许可证的时区 \(zone) 应是 \(Self.text(expected))"
    case .statementDiffers(let member, let record, let statement):
      "\(member) 在记录中是 \(record)，在账单中是 \(statement)"
    }
  }

  private static func text(_ bounds: Range<Int64>) -> String {
    "\(UTC.text(bounds.lowerBound)) – \(UTC.text(bounds.upperBound))"
  }

  private static func english(_ count: Int64) -> String {
    count == MinuteRun.unobserved ? "nothing observed" : String(count)
  }

  private static func chinese(_ count: Int64) -> String {
    count == MinuteRun.unobserved ? "没有观测" : String(count)
  }

  private static func english(_ peak: Peak?) -> String {
    peak.map { "\($0.count) at \(UTC.text($0.at))" } ?? "nothing observed"
  }

  private static func chinese(_ peak: Peak?) -> String {
    peak.map { "\($0.count)（\(UTC.text($0.at))）" } ?? "没有观测"
  }
}

extension EvidenceFinding.LeafFault {
  fileprivate var english: String {
    switch self {
    case .empty: "has no segment"
    case .order: "is not in the order of names, or stands twice"
    case .notCanonical: "has segments that are not in order and joined where they touch"
    case .outsideDate: "has a segment that is not within the date"
    case .weight: "has a weight that no collector has"
    }
  }

  fileprivate var chinese: String {
    switch self {
    case .empty: "没有时段"
    case .order: "没有按名称排序，或重复出现"
    case .notCanonical: "的时段没有按顺序排列，或相接的时段没有合并"
    case .outsideDate: "有时段不在该日期之内"
    case .weight: "的权重超出允许范围"
    }
  }
}
