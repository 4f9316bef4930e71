internal import ArgumentParser
internal import Gateway
internal import Sealing

/// Who decides and why, and how the decision gets into the ledger.
struct DecidingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Who decides: stands in the sealed decision and on statements.", valueName: "name"))
  var by: String

  @Option(help: ArgumentHelp("Why; stands there, too.", valueName: "text"))
  var why: String

  @OptionGroup var keyed: KeyedOptions

  /// Has something decided.
  /// - Parameters:
  ///   - verb: the last part of serve's path.
  ///   - more: members of the request beside who and why.
  ///   - decide: the same, where serve does not run.
  /// - Returns: what serve answers.
  func decide(
    _ verb: String, of installation: Thumbprint, _ more: [JSONMember] = [],
    _ decide: (DecisionService, StaffWord) async throws -> JSONValue
  ) async throws -> JSONValue {
    let word = try StaffWord(by: by, why: why)
    let members = [JSONMember("by", .string(by)), JSONMember("why", .string(why))] + more
    return try await keyed.ask(
      "/v1/installations/\(installation)/\(verb)", .object(members)
    ) { try await decide($0.decisions, word) }
  }
}
