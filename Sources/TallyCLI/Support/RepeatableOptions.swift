/// The options that may stand several times; of every other one the parser would take the last value
/// without a word, and a limit or a date that was typed twice would be issued quietly.
enum RepeatableOptions {
  static let byCommand: [String: Set<String>] = [
    "key new": ["--product", "--edition"],
    "key root": ["--jwk"],
    "keyset draft": ["--add-root", "--drop-root"],
    "keyset publish": ["--draft", "--root"],
    "intent finish": ["--root"],
    "registry restore": ["--from"],
  ]

  /// Those of the command that a command line begins with.
  static func of(_ words: [String]) -> Set<String> {
    byCommand[words.prefix(2).joined(separator: " ")] ?? []
  }
}
