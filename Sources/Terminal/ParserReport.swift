package import ArgumentParser
internal import Glibc
package import Licensing
internal import Platform

/// How a program ends with what the argument parser has to say: help, and usage that it refuses.
package enum ParserReport {
  /// Says it and ends the process.
  ///
  /// Help that was asked for goes to standard output with status 0. A command line that names a group
  /// and no command of it gets the help on standard error and status `usage`: nothing was asked, and a
  /// script whose variable was empty must not take that for a yes.
  /// - Parameter error: one that is not the program's own.
  package static func end<Program: ParsableCommand>(
    _ error: any Error, of program: Program.Type
  ) -> Never {
    guard let text = refusal(error, of: program, in: .spoken) else {
      program.exit(withError: error)
    }
    _ = Output.write(Printable.text(text) + "\n", to: STDERR_FILENO)
    Glibc.exit(ExitStatus.usage.rawValue)
  }

  /// - Returns: nil for what the parser says best itself.
  package static func refusal<Program: ParsableCommand>(
    _ error: any Error, of program: Program.Type, in language: Language
  ) -> String? {
    let name = program.configuration.commandName ?? ""
    if error is CleanExit {
      let help = program.fullMessage(for: error)
      return help + "\n\n\(name): "
        + BilingualText(
          "a command is missing, and nothing was done: name one of the above",
          "缺少命令，未执行任何操作：请从上面选一个"
        ).text(in: language)
    }
    guard language == .chinese, program.exitCode(for: error) == .validationFailure else {
      return nil
    }
    let message = program.message(for: error)
    let first = "\(name): \(language.explained(ExitStatus.usage.chinese, message))"
    let rest = usage(program.fullMessage(for: error), after: message)
    return ([first] + rest).joined(separator: "\n")
  }

  /// The lines that follow the parser's message: how the command is used, and where more is said.
  private static func usage(_ text: String, after message: String) -> [String] {
    let count = "Error: \(message)\n".utf8.count
    guard text.utf8.count > count, text.hasPrefix("Error: \(message)\n") else { return [] }
    let rest = text.utf8.dropFirst(count)
    return rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
      chinese(String(decoding: line, as: UTF8.self))
    }
  }

  private static func chinese(_ line: String) -> String {
    let (see, more) = ("  See '", "' for more information.")
    if line.hasPrefix(see), line.hasSuffix(more) {
      return "  详见 '\(line.dropFirst(see.count).dropLast(more.count))'。"
    }
    for (english, chinese) in [("Usage: ", "用法："), ("Help:  ", "说明：")]
    where line.hasPrefix(english) {
      return chinese + line.dropFirst(english.count)
    }
    return line
  }
}
