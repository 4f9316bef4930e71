internal import Platform

/// `--version`, the only word of a command line: what was built.
package enum ProgramVersion {
  /// Says the version where that is all that was asked.
  /// - Parameter words: the command line without the program's name.
  /// - Returns: whether it was.
  package static func answers(_ words: some Collection<String>, of program: String) -> Bool {
    guard words.count == 1, words.first == "--version" else { return false }
    Output.data("\(program) \(BuildInfo.version)")
    return true
  }
}
