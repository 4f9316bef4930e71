internal import ArgumentParser
internal import Gateway
internal import Licensing
internal import Sealing
internal import Terminal

/// Which finding is taken a step on, by whom and why, and how that gets into the ledger.
struct FindingOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("The finding's name.", valueName: "finding"))
  var finding: FindingID

  @Option(help: ArgumentHelp("Who says so: stands in its history.", valueName: "name"))
  var by: String

  @Option(help: ArgumentHelp("Why; stands there, too.", valueName: "text"))
  var why: String

  @Option(help: "How to write it.")
  var format: Format = .text

  @OptionGroup var keyed: KeyedOptions

  /// Takes the finding a step on, and says what came of it.
  /// - Parameters:
  ///   - verb: the last part of serve's path.
  ///   - more: members of the request beside who and why.
  ///   - act: the same, where serve does not run.
  func take(
    _ verb: String, _ more: [JSONMember] = [],
    _ act: (FindingService, StaffWord) async throws -> FindingAnswer
  ) async throws {
    let word = try StaffWord(by: by, why: why)
    let members = [JSONMember("by", .string(by)), JSONMember("why", .string(why))] + more
    let answer = try await keyed.ask("/v1/findings/\(finding)/\(verb)", .object(members)) {
      try await act($0.findings, word).json
    }
    switch format {
    case .json: Output.data(answer)
    case .text:
      let state = answer["finding"].map { FindingText.state($0) } ?? BilingualText("-", "-")
      Output.data(
        "finding \(finding) is \(state.english)", "异常 \(finding)：\(state.chinese)")
    }
  }
}
