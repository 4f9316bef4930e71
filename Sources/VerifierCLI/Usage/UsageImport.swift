internal import ArgumentParser
internal import CivilTime
internal import Licensing
internal import Platform
internal import Sealing
internal import Terminal
internal import Verifier

/// Takes the answer to a bundle.
struct UsageImport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Take the vendor's answer to a bundle.",
    discussion: """
      Everything in the answer is verified as if it had come by wire: receipts, an activation, newer \
      licenses of this line, keyset and revocations. With the receipts a lease moves on. Taking the \
      same answer again changes nothing.

      Exit status: 0 taken; 1 the answer is refused, as one for another installation is; 2 it could \
      not be taken.

      Example: tally-verifier usage import 2026-11.answer --state /var/lib/tally-verifier
      """)

  @Argument(help: ArgumentHelp("The file that tally-gateway import made.", valueName: "file"))
  var file: String

  @OptionGroup var options: StateOptions

  @Option(help: "How to write what it brought.")
  var format: OutputFormat = .text

  func run() async throws {
    let bytes = try Files.read(file)
    let source = file
    let surroundings = try options.surroundings(try options.read())
    let json = try await VerifierApplication.withDesk(
      surroundings, mayBegin: false, logger: StateOptions.quietLogger,
      direct: { desk throws(VerifierError) in
        try await desk.take(answer: bytes, source: source).json
      },
      served: { client throws(VerifierError) in
        try await client.take(answer: bytes, source: source)
      })
    format.write(json, text: Self.text)
  }

  private static func text(_ json: JSONValue) -> String {
    let language = Language.spoken
    var lines: [String] = []
    if case .array(let installed)? = json["installed"] {
      lines += installed.map { Printable.line(InstalledText.text($0)) }
    }
    let through = json["through"]?.integer ?? 0
    let backlog = json["backlog"]?.integer ?? 0
    let missing = language.say("; \(backlog) records have none yet", "；还有 \(backlog) 条记录没有回执")
    lines.append(
      language.say("receipts through record \(through)", "回执到第 \(through) 条记录")
        + (backlog > 0 ? missing : ""))
    if let lease = json["lease_through"]?.integer {
      let end = UTC.text(lease)
      lines.append(language.say("lease to \(end)", "租期至 \(end)"))
    }
    return lines.joined(separator: "\n")
  }
}
