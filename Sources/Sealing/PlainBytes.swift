/// The bytes of a string that stand for themselves: up to a quote, a backslash or a control character.
///
/// Most of a document lies in strings, so this goes by words of eight bytes.
struct PlainBytes {
  /// Where the first other byte stands, or the text's end.
  let end: Int
  let isASCII: Bool

  private static let ones: UInt64 = 0x0101_0101_0101_0101
  private static let highs: UInt64 = 0x8080_8080_8080_8080

  init(of text: Span<UInt8>, from start: Int) {
    var end = start
    var seen: UInt64 = 0
    while end + 8 <= text.count {
      // The eight bytes lie within the text, as the line before says.
      let word = unsafe UInt64(
        littleEndian: text.bytes.unsafeLoadUnaligned(fromByteOffset: end, as: UInt64.self))
      let others = Self.others(in: word)
      let before = others.trailingZeroBitCount & ~7
      seen |= others == 0 ? word : word & ~(~0 << UInt64(before))
      end += before / 8
      guard others == 0 else { break }
    }
    while end < text.count, !Self.isOther(text[end]) {
      seen |= UInt64(text[end])
      end += 1
    }
    self.end = end
    isASCII = seen & Self.highs == 0
  }

  private static func isOther(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20
  }

  /// The high bit of each byte that does not stand for itself; of those above the lowest such byte some
  /// may be set in vain.
  private static func others(in word: UInt64) -> UInt64 {
    let quotes = word ^ ones &* UInt64(UInt8(ascii: "\""))
    let backslashes = word ^ ones &* UInt64(UInt8(ascii: "\\"))
    let controls = (word &- ones &* 0x20) & ~word
    return (controls | (quotes &- ones) & ~quotes | (backslashes &- ones) & ~backslashes) & highs
  }
}
