import Foundation

/// Command lines of our programs as they stand in texts.
enum CommandLines {
  /// The lines that begin with one of the names, `$ ` or `Example: ` before it or not, those that end
  /// in a backslash joined with the next.
  static func of(_ text: String, in names: [String]) -> [[String]] {
    var found: [[String]] = []
    var pending = ""
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let trimmed = pending + line.trimmingCharacters(in: .whitespaces)
      if trimmed.hasSuffix("\\") {
        pending = trimmed.dropLast() + " "
        continue
      }
      pending = ""
      let lead = ["$ ", "Example: "].first { trimmed.hasPrefix($0) } ?? ""
      let words = self.words(String(trimmed.dropFirst(lead.count)))
      guard let first = words.first, names.contains(first) else { continue }
      found.append(words)
    }
    return found
  }

  /// The words of a line up to a redirection, a pipe or a comment; quotes hold words together.
  static func words(_ line: String) -> [String] {
    var words: [String] = []
    var word = ""
    var quote: Character?
    for character in line {
      if let open = quote {
        if character == open { quote = nil } else { word.append(character) }
      } else if character == "\"" || character == "'" {
        quote = character
        if word.isEmpty { word = "" }
      } else if character == " " {
        if !word.isEmpty { words.append(word) }
        word = ""
      } else {
        word.append(character)
      }
    }
    if !word.isEmpty { words.append(word) }
    let stops: Set<String> = ["|", ">", ">>", "#", "&", "&&", ";", "2>"]
    return Array(words.prefix { !stops.contains($0) })
  }
}
