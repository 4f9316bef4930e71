package import CivilTime
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
}

/// The evidence of a closed date: a leaf for each collector that counted, under a Merkle root.
///
/// A leaf's name hides the collector from whoever has not its salt; the salt is
/// HMAC-SHA256(customer's key, date ‖ identity), with the date as `YYYY-MM-DD` and the identity as
/// ``CollectorIdentity/encoded``. Leaves are sorted by name, as bytes. Absence cannot be proved.
package struct Evidence: Sendable {
  package let date: CivilDate
  /// Sorted by name.
  package let leaves: [EvidenceLeaf]
  package let root: EvidenceRoot
  private let hashes: [Digest]

  /// The evidence of the collectors' segments.
  /// - Parameters:
  ///   - collectors: each collector once, with all its segments of the date in any order.
  ///   - key: the customer's key.
  package init(
    date: CivilDate,
    collectors: some Collection<(identity: CollectorIdentity, segments: [Segment])>,
    key: [UInt8], using cryptography: some Cryptography
  ) {
    let leaves = collectors.map { collector in
      let salt = Self.salt(of: collector.identity, on: date, key: key, using: cryptography)
      return EvidenceLeaf(
        name: Self.name(of: collector.identity, salt: salt, using: cryptography),
        segments: EvidenceLeaf.canonical(collector.segments))
    }
    self.init(date: date, leaves: leaves, using: cryptography)
  }

  /// The evidence of leaves as they are.
  package init(date: CivilDate, leaves: [EvidenceLeaf], using cryptography: some Cryptography) {
    self.date = date
    self.leaves = leaves.filter { !$0.segments.isEmpty }.sorted { left, right in
      left.name.bytes.lexicographicallyPrecedes(right.name.bytes)
    }
    hashes = self.leaves.map { MerkleTree.leafHash($0.encoded, using: cryptography) }
    root = EvidenceRoot(
      leaves: Int64(hashes.count), root: MerkleTree.root(of: hashes, using: cryptography))
  }

  static func salt(
    of identity: CollectorIdentity, on date: CivilDate, key: [UInt8],
    using cryptography: some Cryptography
  ) -> Digest {
    cryptography.hmacSHA256(key: key, Array(date.description.utf8) + identity.encoded)
  }

  static func name(
    of identity: CollectorIdentity, salt: Digest, using cryptography: some Cryptography
  ) -> Digest {
    cryptography.sha256(salt.bytes + identity.encoded)
  }

  /// Opens the leaf of one collector and no other, nil if it has none.
  package func opening(
    of identity: CollectorIdentity, key: [UInt8], using cryptography: some Cryptography
  ) -> EvidenceOpening? {
    let salt = Self.salt(of: identity, on: date, key: key, using: cryptography)
    let name = Self.name(of: identity, salt: salt, using: cryptography)
    guard let index = leaves.firstIndex(where: { $0.name == name }),
      let proof = MerkleTree.inclusionProof(of: index, in: hashes, using: cryptography)
    else { return nil }
    return EvidenceOpening(
      identity: identity, salt: salt, segments: leaves[index].segments, index: Int64(index),
      proof: proof)
  }
}

/// One collector's leaf, opened: who it was, when it counted, and the way to the root.
package struct EvidenceOpening: Sendable, Hashable {
  package var identity: CollectorIdentity
  package var salt: Digest
  package var segments: [Segment]
  package var index: Int64
  package var proof: [Digest]

  /// Whether a day record with that root commits to what is opened.
  package func verifies(
    against root: EvidenceRoot, using cryptography: some Cryptography
  ) -> Bool {
    let name = Evidence.name(of: identity, salt: salt, using: cryptography)
    let leaf = EvidenceLeaf(name: name, segments: segments)
    return MerkleTree.verifiesInclusion(
      of: MerkleTree.leafHash(leaf.encoded, using: cryptography), at: index,
      inTreeOf: root.leaves, proof: proof, root: root.root, using: cryptography)
  }
}

extension [UInt8] {
  fileprivate mutating func append(bigEndian value: Int64, count: Int) {
    for byte in (0..<count).reversed() {
      append(UInt8(truncatingIfNeeded: value >> Int64(byte * 8)))
    }
  }
}
