import Libcrypto
import Metering
import Sealing
import Testing

@Suite struct MerkleTreeTests {
  let cryptography = LibcryptoProvider()

  @Test func `inclusion proofs of the vectors`() throws {
    let paths = try TestFiles.paths(below: "Vectors/merkle/inclusion")
    #expect(paths.count == 98)
    var failed = 0
    for path in paths {
      let vector = try JSONScanner.scan(try TestFiles.bytes(path))
      let mustFail = vector["wantErr"] == .bool(true)
      #expect(try verifies(vector) == !mustFail, "\(path)")
      if mustFail { failed += 1 }
    }
    #expect(failed == 92)
  }

  private func verifies(_ vector: JSONValue) throws -> Bool {
    func digest(_ value: JSONValue?) -> Digest? {
      (value?.string).flatMap { Base64.decode($0.utf8, .standard) }.flatMap { Digest($0) }
    }
    // Indices beyond what we can hold, and digests of another length, are no proofs.
    guard let index = vector["leafIdx"]?.integer, let size = vector["treeSize"]?.integer,
      let root = digest(vector["root"]), let leaf = digest(vector["leafHash"])
    else { return false }
    var proof: [Digest] = []
    if case .array(let elements)? = vector["proof"] {
      for element in elements {
        guard let hash = digest(element) else { return false }
        proof.append(hash)
      }
    }
    return MerkleTree.verifiesInclusion(
      of: leaf, at: index, inTreeOf: size, proof: proof, root: root, using: cryptography)
  }

  @Test func `every leaf of every tree up to 70 leaves is proved, and no other`() throws {
    let hashes = (0..<70).map { MerkleTree.leafHash([UInt8($0)], using: cryptography) }
    for size in 1...70 {
      let tree = Array(hashes.prefix(size))
      let root = MerkleTree.root(of: tree, using: cryptography)
      #expect(root == reference(tree[...]))
      for index in 0..<size {
        let proof = try #require(
          MerkleTree.inclusionProof(of: index, in: tree, using: cryptography))
        func verifies(_ leaf: Int, _ at: Int, _ of: Int) -> Bool {
          MerkleTree.verifiesInclusion(
            of: hashes[leaf], at: Int64(at), inTreeOf: Int64(of), proof: proof, root: root,
            using: cryptography)
        }
        #expect(verifies(index, index, size))
        #expect(!verifies((index + 1) % 70, index, size))
        #expect(!verifies(index, size, size))
        if size > 1 { #expect(!verifies(index, (index + 1) % size, size)) }
      }
      #expect(MerkleTree.inclusionProof(of: size, in: tree, using: cryptography) == nil)
    }
  }

  /// The definition of RFC 9162 section 2.1.1, word for word.
  private func reference(_ leaves: ArraySlice<Digest>) -> Digest {
    if leaves.count == 1 { return leaves[leaves.startIndex] }
    var half = 1
    while half * 2 < leaves.count { half *= 2 }
    let left = reference(leaves.prefix(half))
    let right = reference(leaves.dropFirst(half))
    return cryptography.sha256([1] + left.bytes + right.bytes)
  }

  @Test func `the empty tree's root is the hash of nothing`() {
    let root = MerkleTree.root(of: [Digest](), using: cryptography)
    #expect(
      Hexadecimal.encode(root.bytes)
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }
}

/// Two trees, one grown out of the other.
///
/// No tree of ours grows: a day's evidence is closed once, so there is nothing in the programs that makes
/// or verifies a consistency proof. What the vectors can hold here is our hashing: RFC 9162 section
/// 2.1.4.2 is written out below on the node hash that `MerkleTree` uses, and the roots that the vectors
/// claim are those that `MerkleTree` computes from the leaves they were made of.
@Suite struct MerkleConsistencyTests {
  let cryptography = LibcryptoProvider()

  private struct Vector {
    let size1: Int64
    let size2: Int64
    let root1: [UInt8]
    let root2: [UInt8]
    let proof: [[UInt8]]
    let mustFail: Bool
  }

  private func vectors() throws -> [(path: String, vector: Vector)] {
    func bytes(_ value: JSONValue?) throws -> [UInt8] {
      let text = try #require(value?.string)
      return try #require(Base64.decode(text.utf8, .standard))
    }
    return try TestFiles.paths(below: "Vectors/merkle/consistency").map { path in
      let json = try JSONScanner.scan(try TestFiles.bytes(path))
      var proof: [[UInt8]] = []
      if case .array(let elements)? = json["proof"] { proof = try elements.map { try bytes($0) } }
      return (
        path,
        Vector(
          // A size beyond what we can hold is no size of a tree.
          size1: json["size1"]?.integer ?? -1, size2: json["size2"]?.integer ?? -1,
          root1: try bytes(json["root1"]), root2: try bytes(json["root2"]), proof: proof,
          mustFail: json["wantErr"] == .bool(true))
      )
    }
  }

  /// The hash of a node with two children: the root of the tree that has just these two.
  private func node(_ left: [UInt8], _ right: [UInt8]) -> [UInt8]? {
    guard let left = Digest(left), let right = Digest(right) else { return nil }
    return MerkleTree.root(of: [left, right], using: cryptography).bytes
  }

  /// RFC 9162 section 2.1.4.2, step by step; equal trees have an empty proof.
  private func verifies(_ vector: Vector) -> Bool {
    guard vector.size1 >= 1, vector.size1 <= vector.size2 else { return false }
    if vector.size1 == vector.size2 { return vector.proof.isEmpty && vector.root1 == vector.root2 }
    var path = vector.proof[...]
    guard !path.isEmpty else { return false }
    if vector.size1.nonzeroBitCount == 1 { path = [vector.root1] + path }
    var fn = vector.size1 - 1
    var sn = vector.size2 - 1
    while fn & 1 == 1 {
      fn >>= 1
      sn >>= 1
    }
    guard let first = path.popFirst() else { return false }
    var (fr, sr) = (first, first)
    for element in path {
      if sn == 0 { return false }
      if fn & 1 == 1 || fn == sn {
        guard let left = node(element, fr), let right = node(element, sr) else { return false }
        (fr, sr) = (left, right)
        while fn & 1 == 0 && fn != 0 {
          fn >>= 1
          sn >>= 1
        }
      } else {
        guard let right = node(sr, element) else { return false }
        sr = right
      }
      fn >>= 1
      sn >>= 1
    }
    return fr == vector.root1 && sr == vector.root2 && sn == 0
  }

  @Test func `consistency proofs of the vectors`() throws {
    let vectors = try vectors()
    #expect(vectors.count == 98)
    for (path, vector) in vectors {
      #expect(verifies(vector) == !vector.mustFail, "\(path)")
    }
    #expect(vectors.count { $0.vector.mustFail } == 92)
  }

  /// The leaves that the vectors' trees were made of (github.com/transparency-dev/merkle, testonly).
  private static let leaves = [
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
  ]

  @Test func `the roots of the vectors are those of their leaves`() throws {
    let hashes = Self.leaves.map { text in
      let digits = text.utf8.compactMap(Hexadecimal.value)
      let leaf = stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
      return MerkleTree.leafHash(leaf, using: cryptography)
    }
    var compared = 0
    for (path, vector) in try vectors() where !vector.mustFail && vector.root1.count == 32 {
      for (size, root) in [(vector.size1, vector.root1), (vector.size2, vector.root2)] {
        let tree = Array(hashes.prefix(Int(size)))
        #expect(MerkleTree.root(of: tree, using: cryptography).bytes == root, "\(path), \(size)")
        compared += 1
      }
    }
    #expect(compared == 10)
    for path in try TestFiles.paths(below: "Vectors/merkle/inclusion") {
      let json = try JSONScanner.scan(try TestFiles.bytes(path))
      guard json["wantErr"] == .bool(false), let index = json["leafIdx"]?.integer,
        let size = json["treeSize"]?.integer, let root = json["root"]?.string,
        let leaf = json["leafHash"]?.string, size <= 8, !path.contains("single-entry")
      else { continue }
      let tree = Array(hashes.prefix(Int(size)))
      let ours = MerkleTree.root(of: tree, using: cryptography).bytes
      #expect(Base64.encode(ours, .standard) == root, "\(path)")
      #expect(Base64.encode(hashes[Int(index)].bytes, .standard) == leaf, "\(path)")
      compared += 1
    }
    #expect(compared == 15)
  }
}
