package import Sealing

/// What a day record says of its evidence: how many leaves there are, and the root over them.
package struct EvidenceRoot: Sendable, Hashable {
  package var leaves: Int64
  package var root: Digest

  package init(leaves: Int64, root: Digest) {
    self.leaves = leaves
    self.root = root
  }

  init(reading reader: inout ObjectReader) throws(Refusal) {
    leaves = try reader.integer("leaves", in: SealedLimits.counts)
    root = try reader.digest("root")
  }

  package var json: JSONValue { ["leaves": .integer(leaves), "root": root.json] }
}
