internal import Sealing

/// The header `Forwarded` (RFC 7239).
package enum ForwardedHeader {
  /// The `for` of each hop, the nearest last.
  /// - Returns: nil where a hop says none, or hides it (`unknown`, `_name`), and for any other form.
  static func hops(_ text: String) -> [String]? {
    guard let elements = split(Array(text.utf8), at: UInt8(ascii: ",")) else { return nil }
    var hops: [String] = []
    for element in elements {
      guard let pairs = split(element, at: UInt8(ascii: ";")) else { return nil }
      let found = pairs.compactMap(node)
      guard found.count == 1 else { return nil }
      hops.append(found[0])
    }
    return hops
  }

  /// Parts between separators that stand outside quotes; nil where a quote does not end.
  package static func split(_ bytes: [UInt8], at separator: UInt8) -> [[UInt8]]? {
    var parts: [[UInt8]] = [[]]
    var isQuoted = false
    var isEscaped = false
    for byte in bytes {
      if byte == separator && !isQuoted {
        parts.append([])
        continue
      }
      parts[parts.count - 1].append(byte)
      if isEscaped {
        isEscaped = false
      } else if isQuoted && byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        isQuoted.toggle()
      }
    }
    return isQuoted ? nil : parts
  }

  /// The value of `for=`, nil for another pair.
  private static func node(_ pair: [UInt8]) -> String? {
    let text = String(decoding: pair, as: UTF8.self)
    let parts = text.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " } }
    guard parts.count == 2, parts[0].lowercased() == "for" else { return nil }
    return unquoted(parts[1])
  }

  /// A quoted string without its quotes and escapes; other text as it is.
  package static func unquoted(_ text: String) -> String {
    guard text.count >= 2, text.first == "\"", text.last == "\"" else { return text }
    var result = ""
    var isEscaped = false
    for character in text.dropFirst().dropLast() {
      if character == "\\" && !isEscaped {
        isEscaped = true
        continue
      }
      isEscaped = false
      result.append(character)
    }
    return result
  }
}
