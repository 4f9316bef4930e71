package import Licensing
internal import Platform

extension Language {
  /// What the help of `--lang` says.
  package static let optionHelp =
    "The language of texts: en or zh; else what LC_ALL, LC_MESSAGES or LANG says."

  /// The language that this process speaks to people: that of its command line, else of its
  /// environment.
  package static let spoken = Language(
    arguments: ProcessArguments.all, environment: ProcessEnvironment.all())

  /// The language that the flag names, else that of the environment.
  /// - Parameter flag: the value of `--lang`: `en`, `zh`, or a longer tag of either, as `zh-CN`.
  /// - Throws: ``CommandError`` with status `usage` for any other value, naming the choices.
  package init(flag: String?, environment: [String: String]) throws(CommandError) {
    guard let flag else {
      self.init(environment: environment)
      return
    }
    guard let language = Language(tag: flag) else {
      throw CommandError(
        .usage, "--lang \(flag.prefix(64)) names no language here: the choices are en and zh")
    }
    self = language
  }

  /// A command line without `--lang` and its value, for a program all of whose commands take them.
  /// - Throws: ``CommandError`` with status `usage` for a value that names no language, or none at all.
  package static func withoutFlag(
    _ arguments: some Sequence<String>
  ) throws(CommandError) -> [String] {
    var rest: [String] = []
    var words = arguments.makeIterator()
    while let word = words.next() {
      if word == "--" {
        rest.append(word)
        while let word = words.next() { rest.append(word) }
      } else if word == "--lang" {
        _ = try Language(flag: words.next() ?? "", environment: [:])
      } else if word.hasPrefix("--lang=") {
        _ = try Language(flag: String(word.dropFirst(7)), environment: [:])
      } else {
        rest.append(word)
      }
    }
    return rest
  }

  /// The language in which to say why a command failed: at that point it may not have been parsed.
  /// - Parameter arguments: the command line; of several `--lang` the last one counts.
  package init(arguments: [String], environment: [String: String]) {
    var flag: String?
    for (index, argument) in arguments.enumerated() {
      if argument == "--" { break }
      if argument == "--lang", index + 1 < arguments.count { flag = arguments[index + 1] }
      if argument.hasPrefix("--lang=") { flag = String(argument.dropFirst(7)) }
    }
    self = flag.flatMap { Language(tag: $0) } ?? Language(environment: environment)
  }
}
