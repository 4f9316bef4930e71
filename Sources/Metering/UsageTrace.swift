package import Sealing

/// What a DataKit says of itself: the body of `POST /v1/datakit/usage_trace`, every 60 s.
///
/// Its identity is its `hostname`. Not its `runtime_id`, which changes at every start, nor its token,
/// of which it may use several. `usage_cores` is its weight: 1 for an ordinary one, the CPU limit for
/// one that runs as a gateway. One that can be nobody's weight is passed over: the collector is there
/// all the same, and weighs what it weighed.
package struct UsageTrace: Sendable {
  /// Levels of nesting accepted; members that we do not know may have some.
  package static let maximumDepth = 16

  /// The beat of the DataKit under its host name.
  package let beat: Beat
  /// The address that it says it has.
  package let address: String?
  /// Whether its `usage_cores` was passed over: no number above 0 and at most the largest weight.
  package let saysNoWeight: Bool

  /// - Throws: ``Refusal`` `MALFORMED` for what is no JSON object with a `hostname`, and for one with a
  ///   member that stands twice: which one counts must not depend on the reader.
  package init(_ body: [UInt8]) throws(Refusal) {
    var reader = try ObjectReader(try JSONScanner.scan(body, maximumDepth: Self.maximumDepth))
    try reader.requireDistinctNames()
    let hostname = try reader.string("hostname", maximum: CollectorIdentity.maximumLength)
    guard let identity = CollectorIdentity(kind: CollectorIdentity.dataKit, text: hostname) else {
      throw .malformed("hostname cannot name a collector")
    }
    let cores = reader.optional("usage_cores")
    let weight = cores.flatMap(WeightLiteral.weight)
    saysNoWeight = cores != nil && weight == nil
    beat = Beat(
      identity: identity, weight: weight,
      version: reader.note("datakit_version"), host: hostname, run: reader.note("runtime_id"))
    address = reader.note("ip")
  }

  /// The beat of a trace, under its host name.
  /// - Throws: ``Refusal`` as ``init(_:)`` does.
  package static func parse(_ body: [UInt8]) throws(Refusal) -> Beat {
    try UsageTrace(body).beat
  }
}

/// A DataKit's User-Agent: `datakit-<os>-<arch>/<version>/<hostname>`.
package enum DataKitUserAgent {
  private static let name = Array("datakit-".utf8)

  /// - Returns: a beat without a weight, nil for any other User-Agent.
  package static func parse(_ text: String) -> Beat? {
    // It is asked of every push: one pass over the bytes.
    let bytes = Array(text.utf8)
    guard bytes.starts(with: name), let platformEnd = bytes.firstIndex(of: slash),
      isPlatform(bytes[name.count..<platformEnd]),
      let versionEnd = bytes[(platformEnd + 1)...].firstIndex(of: slash),
      versionEnd > platformEnd + 1
    else { return nil }
    let host = bytes[(versionEnd + 1)...]
    guard host.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }),
      let identity = CollectorIdentity(kind: CollectorIdentity.dataKit, bytes: host)
    else { return nil }
    return Beat(
      identity: identity,
      version: String(decoding: bytes[(platformEnd + 1)..<versionEnd], as: UTF8.self),
      host: String(decoding: host, as: UTF8.self))
  }

  private static let slash = UInt8(ascii: "/")

  /// At least two parts, none empty, with hyphens between them.
  private static func isPlatform(_ bytes: ArraySlice<UInt8>) -> Bool {
    let hyphen = UInt8(ascii: "-")
    var parts = 1
    var last = hyphen
    for byte in bytes {
      if byte == hyphen {
        guard last != hyphen else { return false }
        parts += 1
      }
      last = byte
    }
    return parts >= 2 && last != hyphen
  }
}
