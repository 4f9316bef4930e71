internal import ArgumentParser
internal import CivilTime
internal import Gateway
internal import Sealing
internal import Terminal

/// Closes dates by hand.
struct InstallationClose: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "close",
    abstract: "Close an installation's dates whose day records do not come.",
    discussion: """
      Where usage is reported by wire the gateway closes a date by itself, 72 hours after its end in real \
      time, 7 days where daily. Without a network a date waits for its bundle, until this command \
      closes it: what the newest sample told of it stands, the rest is a gap, and the license's rule \
      for gaps says what that bills. A day record that comes later takes the closing's place. Who \
      decided, when and why is sealed and quoted on the statement.

      While serve runs on the state folder it is asked to close; else the folder is opened, for which \
      the key, its passphrase and the keyset are needed as by serve.

      Example: tally-gateway installation close SjmcdXZLu6RMVsQ6XqnKHL0Zrw0Gn8nVt3aYwW2N3xE --through \
      2026-11-30 --by alice --why "no courier this month" --state /var/lib/tally-gateway
      """)

  @Argument(help: ArgumentHelp("The installation's name.", valueName: "installation"))
  var installation: Thumbprint

  @Option(
    help: ArgumentHelp("The last date to close; it must be over.", valueName: "YYYY-MM-DD"))
  var through: CivilDate

  @Option(help: "How to write it.")
  var format: Format = .text

  @OptionGroup var deciding: DecidingOptions

  func run() async throws {
    let more = [JSONMember("through", .string(through.description))]
    let answer = try await deciding.decide("close", of: installation, more) { decisions, word in
      DecisionService.json(closed: try await decisions.close(installation, through: through, word))
    }
    guard case .array(let dates)? = answer["closed"] else {
      throw CommandError(.fault, "serve answers what no gateway says: look at what it logs")
    }
    switch format {
    case .json: Output.data(answer)
    case .text where dates.isEmpty:
      Output.data("no date through \(through) was open", "截至 \(through) 没有未关闭的日期")
    case .text: Output.data(dates.compactMap(\.string).joined(separator: "\n"))
    }
  }
}
