/// An option that may stand once and stands twice with different values. The argument parser would take
/// the last one without a word, and which one was meant nobody knows.
package enum RepeatedOption {
  /// Looks at the words of a command; whatever else is wrong with them is left to the argument parser.
  /// - Parameter many: the options that may stand several times, `--license`.
  /// - Throws: ``CommandError`` with status `usage` naming the option.
  package static func refuse(
    _ words: some Sequence<String>, many: Set<String>
  ) throws(CommandError) {
    var given: [(name: String, value: String)] = []
    var words = words.makeIterator()
    var word = words.next()
    while let current = word, current != "--" {
      word = words.next()
      guard current.utf8.starts(with: "--".utf8) else { continue }
      if current == "--help" { return }
      let (name, inline) = split(current)
      var value = inline
      if value == nil, let next = word, next.utf8.first != UInt8(ascii: "-") {
        value = next
        word = words.next()
      }
      guard let value, !many.contains(name) else { continue }
      if let before = given.first(where: { $0.name == name }) {
        guard before.value.utf8.elementsEqual(value.utf8) else {
          throw CommandError(
            .usage,
            "\(name.prefix(64)) is given as \(before.value.prefix(64)) and as "
              + "\(value.prefix(64)): give it once")
        }
      } else {
        given.append((name, value))
      }
    }
  }

  private static func split(_ word: String) -> (name: String, value: String?) {
    guard let sign = word.utf8.firstIndex(of: UInt8(ascii: "=")) else { return (word, nil) }
    return (String(word[..<sign]), String(word[word.utf8.index(after: sign)...]))
  }
}
