/// A digest in four words, its first bytes first: a table of many takes no memory beside its own.
///
/// Words compare as the bytes do.
package struct DigestWords: Hashable, Sendable, Comparable {
  private let words: (UInt64, UInt64, UInt64, UInt64)

  package init(_ digest: Digest) {
    func word(_ start: Int) -> UInt64 {
      digest.bytes[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) }
    }
    words = (word(0), word(8), word(16), word(24))
  }

  package var digest: Digest { Digest(self) }

  fileprivate var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(32)
    for word in [words.0, words.1, words.2, words.3] {
      for shift in stride(from: UInt64(56), through: 0, by: -8) {
        bytes.append(UInt8(truncatingIfNeeded: word >> shift))
      }
    }
    return bytes
  }

  package static func == (left: DigestWords, right: DigestWords) -> Bool {
    left.words == right.words
  }

  package static func < (left: DigestWords, right: DigestWords) -> Bool {
    left.words < right.words
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
    hasher.combine(words.1)
  }
}

extension Digest {
  /// The digest that the words are.
  package init(_ words: DigestWords) {
    bytes = words.bytes
  }
}
