internal import ArgumentParser
internal import CivilTime
internal import Gateway
internal import Sealing
internal import Terminal

/// Permits a replacement.
struct InstallationReplace: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replace",
    abstract: "Let another installation take the place of one, once.",
    discussion: """
      An installation takes another's place by itself (activate --replace at the customer's, or after \
      FORKED), but not where that one took a place within 30 days or holds its seat no more: then this \
      command decides. The verifier asks again each hour and finds the permit. Where the seat is gone \
      already, one must be free: see installation release. Who decided, when and why is sealed and \
      quoted on the statement of the month.

      While serve runs on the state folder it is asked to decide; else the folder is opened, for which \
      the key, its passphrase and the keyset are needed as by serve. Sent again, the permit that stands \
      is shown.

      Example: tally-gateway installation replace SjmcdXZLu6RMVsQ6XqnKHL0Zrw0Gn8nVt3aYwW2N3xE --by \
      alice --why "second disk lost in a month" --days 7 --state /var/lib/tally-gateway
      """)

  @Argument(help: ArgumentHelp("The one whose place is taken.", valueName: "installation"))
  var installation: Thumbprint

  @Option(
    help: ArgumentHelp(
      "The only installation that may take it; by default any with a license of the line.",
      valueName: "installation"))
  var successor: Thumbprint?

  @Option(help: ArgumentHelp("How long the permit stands, 1 to 90 days.", valueName: "days"))
  var days: Int64 = DecisionService.usualPermitDays

  @Option(help: "How to write it.")
  var format: Format = .text

  @OptionGroup var deciding: DecidingOptions

  func validate() throws {
    guard DecisionService.permitDays.contains(days) else {
      throw ValidationError("--days must be from 1 to 90")
    }
  }

  func run() async throws {
    var more = [JSONMember("days", .integer(days))]
    if let successor { more.append(JSONMember("successor", successor.json)) }
    let answer = try await deciding.decide("replace", of: installation, more) { decisions, word in
      try await decisions.permitReplacement(
        of: installation, by: successor, days: days, word
      ).json
    }
    switch format {
    case .json: Output.data(answer)
    case .text:
      let through = answer["decision"]?["through"]?.integer.map(UTC.text) ?? "-"
      Output.data(
        "the place of \(installation) may be taken once, through \(through): "
          + DecisionText.text(answer["decision"]),
        "在 \(through) 之前可接替安装 \(installation) 一次："
          + DecisionText.text(answer["decision"]))
    }
  }
}
