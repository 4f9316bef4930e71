import Libcrypto
import Metering
import Sealing
import Testing

@Suite struct MerkleTreeTests {
  let cryptography = LibcryptoProvider()

  @Test func `inclusion proofs of the vectors`() throws {
    let paths = try TestFiles.paths(below: "Vectors/merkle/inclusion")
    #expect(paths.count == 98)
    #expect(try TestFiles.paths(below: "Vectors/merkle/consistency").count == 98)
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
