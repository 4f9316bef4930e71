package import Sealing

/// The Merkle tree of RFC 9162 section 2.1: hashes of leaves under one root.
///
/// A leaf's hash is SHA-256(0x00 ‖ leaf), a node's SHA-256(0x01 ‖ left ‖ right), the empty tree's
/// SHA-256 of nothing. The left half of n leaves is the largest power of two below n.
package enum MerkleTree {
  /// The hash of a leaf's bytes.
  package static func leafHash(_ leaf: [UInt8], using cryptography: some Cryptography) -> Digest {
    cryptography.sha256([0] + leaf)
  }

  static func nodeHash(
    _ left: Digest, _ right: Digest, using cryptography: some Cryptography
  ) -> Digest {
    cryptography.sha256([1] + left.bytes + right.bytes)
  }

  /// The root of the leaves' hashes.
  package static func root(
    of hashes: some RandomAccessCollection<Digest>, using cryptography: some Cryptography
  ) -> Digest {
    var tree = Accumulator(using: cryptography)
    for hash in hashes { tree.add(hash) }
    return tree.root
  }

  /// Takes the leaves' hashes one after the other, in memory for one hash of each level.
  package struct Accumulator: Sendable {
    private let cryptography: any Cryptography
    /// Complete subtrees of the leaves so far, the largest first, as with the bits of their number.
    private var subtrees: [Digest] = []
    /// How many leaves there are so far.
    package private(set) var count: Int64 = 0

    package init(using cryptography: some Cryptography) {
      self.cryptography = cryptography
    }

    /// Adds the next leaf's hash.
    package mutating func add(_ hash: Digest) {
      var hash = hash
      var bits = count
      while bits & 1 == 1, let left = subtrees.popLast() {
        hash = nodeHash(left, hash, using: cryptography)
        bits >>= 1
      }
      subtrees.append(hash)
      count += 1
    }

    /// The root over the leaves so far.
    package var root: Digest {
      var rest = subtrees
      guard var root = rest.popLast() else { return cryptography.sha256([]) }
      while let left = rest.popLast() { root = nodeHash(left, root, using: cryptography) }
      return root
    }
  }

  /// The hashes that lead from one leaf to the root, nearest first (section 2.1.3.1).
  /// - Returns: nil if there is no such leaf.
  package static func inclusionProof(
    of index: Int, in hashes: [Digest], using cryptography: some Cryptography
  ) -> [Digest]? {
    guard hashes.indices.contains(index) else { return nil }
    var proof: [Digest] = []
    var range = hashes.startIndex..<hashes.endIndex
    while range.count > 1 {
      let half = 1 << (Int.bitWidth - 1 - (range.count - 1).leadingZeroBitCount)
      let middle = range.lowerBound + half
      let left = range.lowerBound..<middle
      let right = middle..<range.upperBound
      let isLeft = index < middle
      proof.append(root(of: hashes[isLeft ? right : left], using: cryptography))
      range = isLeft ? left : right
    }
    return proof.reversed()
  }

  /// Whether the proof leads from the leaf's hash to the root (section 2.1.3.2).
  package static func verifiesInclusion(
    of hash: Digest, at index: Int64, inTreeOf size: Int64, proof: [Digest], root: Digest,
    using cryptography: some Cryptography
  ) -> Bool {
    guard index >= 0, index < size else { return false }
    var first = index
    var last = size - 1
    var hash = hash
    for sibling in proof {
      guard last > 0 else { return false }
      if first & 1 == 1 || first == last {
        hash = nodeHash(sibling, hash, using: cryptography)
        while first & 1 == 0 && first != 0 {
          first >>= 1
          last >>= 1
        }
      } else {
        hash = nodeHash(hash, sibling, using: cryptography)
      }
      first >>= 1
      last >>= 1
    }
    return last == 0 && hash == root
  }
}
