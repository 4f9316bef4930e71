internal import ArgumentParser
internal import Billing
internal import CivilTime
internal import Gateway
internal import Platform
internal import Sealing
internal import Terminal

/// Of which dates a bill is decided, and for what.
struct BillOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("The installation's name.", valueName: "installation"))
  var installation: Thumbprint

  @Option(
    help: ArgumentHelp("The first date; it must be over.", valueName: "YYYY-MM-DD"))
  var from: CivilDate

  @Option(
    help: ArgumentHelp(
      "The last date, at most 366 in all; by default the first.", valueName: "YYYY-MM-DD"))
  var through: CivilDate?

  @Option(
    help: ArgumentHelp("The finding for which it is decided, by code or id.", valueName: "text"))
  var finding: String?

  @Option(help: "How to write it.")
  var format: Format = .text

  @OptionGroup var deciding: DecidingOptions

  /// Has the bill of the dates decided, and writes what stands.
  func decide(_ effect: BillChange.Effect) async throws {
    let change: BillChange
    do throws(Refusal) {
      change = try BillChange(effect, from: from, through: through ?? from, finding: finding)
    } catch { throw ValidationError(error.message) }
    var more = [
      JSONMember("from", .string(change.from.description)),
      JSONMember("through", .string(change.through.description)),
    ]
    if case .correct(let quantity) = effect {
      more.append(JSONMember("quantity", .integer(quantity)))
    }
    if let finding { more.append(JSONMember("finding", .string(finding))) }
    let answer = try await deciding.decide(change.subject.rawValue, of: installation, more) {
      decisions, word in
      try await decisions.change(billOf: installation, change, word).json
    }
    switch format {
    case .json: Output.data(answer)
    case .text:
      let decision = answer["decision"]
      Output.data(
        Printable.line(
          "\(installation), \(DecisionText.subject(decision).spoken): "
            + DecisionText.text(decision)))
    }
  }
}
