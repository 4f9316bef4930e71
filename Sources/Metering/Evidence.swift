package import CivilTime
package import Sealing

/// The evidence of a closed date: a leaf for each collector that counted, under a Merkle root.
///
/// A leaf's name hides the collector from whoever has not its salt; the salt is
/// HMAC-SHA256(customer's key, date ‖ identity), with the date as `YYYY-MM-DD` and the identity as
/// ``CollectorIdentity/encoded``. Leaves are sorted by name, as bytes. Absence cannot be proved.
///
/// Of each leaf only its name, its hash and whose it is are held; the segments are where they came
/// from.
package struct Evidence: Sendable {
  /// One leaf's place.
  package struct Entry: Sendable, Hashable {
    package let name: DigestWords
    package let hash: DigestWords
    /// Whose it is.
    package let id: CollectorID
  }

  package let date: CivilDate
  /// Sorted by name.
  package let entries: [Entry]
  package let root: EvidenceRoot

  /// Gathers the leaves of a date, in any order.
  package struct Builder: Sendable {
    private let date: CivilDate
    private let key: [UInt8]
    private let cryptography: any Cryptography
    private var entries: [Entry] = []

    /// - Parameter key: the customer's key.
    package init(date: CivilDate, key: [UInt8], using cryptography: some Cryptography) {
      self.date = date
      self.key = key
      self.cryptography = cryptography
    }

    /// Adds a collector with all its segments of the date, in any order; one without any has no leaf.
    /// - Returns: the segments as they stand in the leaf.
    @discardableResult
    package mutating func add(
      _ identity: CollectorIdentity, _ id: CollectorID, _ segments: [Segment]
    ) -> [Segment] {
      let leaf = Evidence.leaf(of: identity, segments, on: date, key: key, using: cryptography)
      guard !leaf.segments.isEmpty else { return [] }
      let hash = MerkleTree.leafHash(leaf.encoded, using: cryptography)
      entries.append(Entry(name: DigestWords(leaf.name), hash: DigestWords(hash), id: id))
      return leaf.segments
    }

    /// Everything that was added.
    package consuming func evidence() -> Evidence {
      entries.sort { $0.name < $1.name }
      var tree = MerkleTree.Accumulator(using: cryptography)
      for entry in entries { tree.add(entry.hash.digest) }
      let root = EvidenceRoot(leaves: Int64(entries.count), root: tree.root)
      return Evidence(date: date, entries: entries, root: root)
    }
  }

  private init(date: CivilDate, entries: [Entry], root: EvidenceRoot) {
    self.date = date
    self.entries = entries
    self.root = root
  }

  /// A collector's leaf.
  package static func leaf(
    of identity: CollectorIdentity, _ segments: [Segment], on date: CivilDate, key: [UInt8],
    using cryptography: some Cryptography
  ) -> EvidenceLeaf {
    let salt = salt(of: identity, on: date, key: key, using: cryptography)
    return EvidenceLeaf(
      name: name(of: identity, salt: salt, using: cryptography),
      segments: EvidenceLeaf.canonical(segments))
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

  /// Opens the leaf of one collector and no other.
  /// - Returns: nil if it has none, or one of other segments than these.
  package func opening(
    of identity: CollectorIdentity, _ segments: [Segment], key: [UInt8],
    using cryptography: some Cryptography
  ) -> EvidenceOpening? {
    let leaf = Self.leaf(of: identity, segments, on: date, key: key, using: cryptography)
    let name = DigestWords(leaf.name)
    let hash = DigestWords(MerkleTree.leafHash(leaf.encoded, using: cryptography))
    guard let index = entries.firstIndex(where: { $0.name == name }), entries[index].hash == hash,
      let proof = MerkleTree.inclusionProof(
        of: index, in: entries.map(\.hash.digest), using: cryptography)
    else { return nil }
    return EvidenceOpening(
      identity: identity, salt: Self.salt(of: identity, on: date, key: key, using: cryptography),
      segments: leaf.segments, index: Int64(index), proof: proof)
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
