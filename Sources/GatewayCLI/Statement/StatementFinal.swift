internal import ArgumentParser
internal import Billing
internal import Gateway
internal import Licensing
internal import Sealing
internal import Terminal

/// Makes a statement final.
struct StatementFinal: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "final",
    abstract: "Make the statement of a month final: sealed, and never changed again.",
    discussion: """
      The month must be over and each of its dates closed. What comes later and would change it becomes \
      a correction of the next statement. Asked for again, the one that was made is shown, byte for byte.

      While serve runs on the state folder it is asked to do it; else the folder is opened, for which \
      the key, its passphrase and the keyset are needed as by serve.

      Example: tally-gateway statement final --license lic_0192f0c1 --month 2026-11 \
      --state /var/lib/tally-gateway
      """)

  @Option(
    help: ArgumentHelp("A license; the statement is for its whole line.", valueName: "license"))
  var license: LicenseID?

  @Option(help: ArgumentHelp("A line of licenses.", valueName: "line"))
  var line: LineID?

  @Option(help: ArgumentHelp("The month.", valueName: "YYYY-MM"))
  var month: Month

  @Option(help: "How to write it.")
  var format: Format = .text

  @OptionGroup var keyed: KeyedOptions

  func validate() throws {
    guard (license == nil) != (line == nil) else {
      throw ValidationError("give one of --license and --line")
    }
  }

  func run() async throws {
    let choice = license.map { "license=\($0)" } ?? "line=\(line.map(\.text) ?? "")"
    let answer = try await keyed.ask(
      "/v1/statements/final?\(choice)&month=\(month)", .object([])
    ) { gateway in
      let statements = gateway.statements
      var whole = line
      if let license { whole = try await statements.line(of: license) }
      guard let whole else { throw ValidationError("give one of --license and --line") }
      return try await statements.makeFinal(of: whole, in: month).json
    }
    switch format {
    case .json: Output.data(answer)
    case .text:
      guard let sealed = answer["sealed"]?.string else {
        throw CommandError(.fault, "serve answers what no gateway says: look at what it logs")
      }
      Output.data(StatementText.text(try ShownStatement(sealed: sealed).statement))
    }
  }
}
