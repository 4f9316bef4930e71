/// Text that came from outside, made fit for a terminal.
///
/// What steers a terminal, or turns the direction of writing, becomes its code point: a customer's name
/// must not move the cursor, or hide what follows. Doing it twice changes nothing more.
package enum Printable {
  /// Text of several lines that our code broke.
  package static func text(_ text: String) -> String {
    replacing(text) { $0 == "\n" ? nil : codePoint($0) }
  }

  /// Text that is one line: a line feed in it was not ours, and is shown too.
  package static func line(_ text: String) -> String {
    replacing(text, with: codePoint)
  }

  /// JSON, whose strings may hold anything: the same as escapes of JSON, which mean what stood there.
  package static func json(_ text: String) -> String {
    replacing(text) { scalar in
      guard scalar != "\n" else { return nil }
      let digits = String(scalar.value, radix: 16)
      return "\\u" + String(repeating: "0", count: max(4 - digits.count, 0)) + digits
    }
  }

  private static func codePoint(_ scalar: Unicode.Scalar) -> String {
    "\\u{\(String(scalar.value, radix: 16))}"
  }

  /// - Parameter replacement: of a scalar that steers; nil leaves it.
  private static func replacing(
    _ text: String, with replacement: (Unicode.Scalar) -> String?
  ) -> String {
    if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if steers(scalar), let replacement = replacement(scalar) {
        result.append(contentsOf: replacement.unicodeScalars)
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }

  /// Controls of C0 and C1, marks and overrides of direction, and separators of lines: all of them have
  /// four hexadecimal digits at most.
  private static func steers(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}
