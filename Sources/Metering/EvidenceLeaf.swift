package import Sealing

/// One leaf of a date's evidence: a collector without its name, and when it counted.
package struct EvidenceLeaf: Sendable, Hashable {
  /// SHA-256(salt ‖ identity).
  package let name: Digest
  /// In order; adjacent ones differ in weight.
  package let segments: [Segment]

  package init(name: Digest, segments: [Segment]) {
    self.name = name
    self.segments = segments
  }

  /// The bytes that are hashed: the name's 32, then for each segment `from` and `to` in 8 bytes and
  /// the weight in 4, all big-endian.
  package var encoded: [UInt8] {
    var bytes = name.bytes
    bytes.reserveCapacity(32 + segments.count * 20)
    for segment in segments {
      bytes.append(bigEndian: segment.from, count: 8)
      bytes.append(bigEndian: segment.to, count: 8)
      bytes.append(bigEndian: segment.weight, count: 4)
    }
    return bytes
  }

  /// Segments in their one canonical form: in order, joined where they touch with the same weight.
  package static func canonical(_ segments: [Segment]) -> [Segment] {
    var joined: [Segment] = []
    for segment in segments.sorted(by: { $0.from < $1.from }) where segment.from < segment.to {
      if let last = joined.indices.last, joined[last].to == segment.from,
        joined[last].weight == segment.weight
      {
        joined[last].to = segment.to
      } else {
        joined.append(segment)
      }
    }
    return joined
  }

  /// What is wrong with segments as those of a date's leaf, nil if nothing.
  static func fault(
    of segments: [Segment], from: Int64, to: Int64
  ) -> EvidenceFinding.LeafFault? {
    guard !segments.isEmpty else { return .empty }
    var end = Int64.min
    var weight: Int64?
    for segment in segments {
      guard segment.from < segment.to, segment.from >= end,
        segment.from > end || segment.weight != weight
      else { return .notCanonical }
      guard segment.from >= from, segment.to <= to else { return .outsideDate }
      guard CollectorWeight.range.contains(segment.weight) else { return .weight }
      end = segment.to
      weight = segment.weight
    }
    return nil
  }
}

// MARK: JSON

extension EvidenceLeaf {
  /// The most segments of one leaf: each at least a second long.
  static let maximumSegments = Int(UsageRecord.maximumSpan)

  /// `{"name":…,"segments":[[from,to,weight],…]}`.
  package var json: JSONValue {
    ["name": name.json, "segments": .array(segments.map(\.json))]
  }

  /// - Throws: ``Refusal`` `MALFORMED`.
  package init(_ line: [UInt8]) throws(Refusal) {
    let value = try JSONScanner.scan(line, maximumDepth: 4)
    try value.requireDocumentShape()
    var reader = try ObjectReader(value, at: "leaf")
    name = try reader.digest("name")
    segments = try Segment.list(reading: &reader)
    try reader.end()
  }
}

extension Segment {
  var json: JSONValue { [.integer(from), .integer(to), .integer(weight)] }

  /// The member `segments`.
  static func list(reading reader: inout ObjectReader) throws(Refusal) -> [Segment] {
    let elements = try reader.array("segments", maximum: EvidenceLeaf.maximumSegments)
    var segments: [Segment] = []
    segments.reserveCapacity(elements.count)
    for element in elements {
      guard case .array(let numbers) = element, numbers.count == 3,
        let from = numbers[0].integer, SealedLimits.instants.contains(from),
        let to = numbers[1].integer, SealedLimits.instants.contains(to),
        let weight = numbers[2].integer, CollectorWeight.range.contains(weight)
      else { throw .malformed("\(reader.name("segments")) must hold [from, to, weight]") }
      segments.append(Segment(from: from, to: to, weight: weight))
    }
    return segments
  }
}

extension [UInt8] {
  fileprivate mutating func append(bigEndian value: Int64, count: Int) {
    for byte in (0..<count).reversed() {
      append(UInt8(truncatingIfNeeded: value >> Int64(byte * 8)))
    }
  }
}
