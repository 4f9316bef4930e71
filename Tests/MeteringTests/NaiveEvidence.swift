import CivilTime
import Libcrypto
import Metering
import Sealing

/// The evidence of a date as the page on metering specifies it, byte by byte, written apart from the
/// code that it judges.
enum NaiveEvidence {
  static let key = [UInt8](repeating: 7, count: 32)

  static func identity(_ collector: Int) -> CollectorIdentity? {
    CollectorIdentity(kind: "collector", text: "host-\(collector)")
  }

  /// The root over the leaves of collectors.
  static func root(_ segments: [Int: [Segment]], on date: CivilDate) -> EvidenceRoot? {
    let provider = LibcryptoProvider()
    var leaves: [[UInt8]] = []
    for (collector, segments) in segments {
      let text = Array("host-\(collector)".utf8)
      let identity = [UInt8(9)] + Array("collector".utf8) + text
      let salt = provider.hmacSHA256(key: key, Array("\(date)".utf8) + identity)
      var leaf = provider.sha256(salt.bytes + identity).bytes
      for segment in segments {
        leaf += bigEndian(segment.from, 8) + bigEndian(segment.to, 8) + bigEndian(segment.weight, 4)
      }
      leaves.append(leaf)
    }
    leaves.sort { $0.prefix(32).lexicographicallyPrecedes($1.prefix(32)) }
    guard let root = Digest(tree(leaves[...], provider)) else { return nil }
    return EvidenceRoot(leaves: Int64(leaves.count), root: root)
  }

  /// RFC 9162, 2.1.1, as it is written there.
  private static func tree(_ leaves: ArraySlice<[UInt8]>, _ provider: LibcryptoProvider) -> [UInt8]
  {
    guard let first = leaves.first else { return provider.sha256([]).bytes }
    if leaves.count == 1 { return provider.sha256([0] + first).bytes }
    var half = 1
    while half * 2 < leaves.count { half *= 2 }
    let left = tree(leaves.prefix(half), provider)
    let right = tree(leaves.dropFirst(half), provider)
    return provider.sha256([1] + left + right).bytes
  }

  private static func bigEndian(_ value: Int64, _ size: Int) -> [UInt8] {
    (0..<size).reversed().map { UInt8(truncatingIfNeeded: value >> Int64($0 * 8)) }
  }
}
