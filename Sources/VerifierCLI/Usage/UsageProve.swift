internal import ArgumentParser
internal import CivilTime
internal import Licensing
internal import Platform
internal import Sealing
internal import Terminal
internal import Verifier

/// Opens one collector's leaf of a closed date.
struct UsageProve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prove", abstract: "Prove that one collector was counted on a closed date.",
    discussion: """
      Writes a file that opens the leaf of this collector and of no other: the sealed day record, the \
      collector's name and salt, its segments, and the hashes that lead to the record's root. The \
      vendor checks it with tally evidence check. That a collector is in no leaf cannot be shown.

      Example: tally-verifier usage prove --state /var/lib/tally-verifier --day 2026-11-21 \
      --collector web-07 --out web-07.proof
      """)

  @OptionGroup var options: StateOptions

  @Option(help: ArgumentHelp("The date, as 2026-11-21.", valueName: "date"))
  var day: DateArgument

  @Option(help: ArgumentHelp("Its name, as usage explain shows it.", valueName: "name"))
  var collector: String

  @Option(
    help: ArgumentHelp(
      "Its kind, such as datakit; needed where several have the name.", valueName: "kind"))
  var kind: String?

  @Option(help: ArgumentHelp("The file to make; it must not exist.", valueName: "file"))
  var out: String

  @Option(help: "How to write what was made.")
  var format: OutputFormat = .text

  func run() async throws {
    let date = day.date
    let (name, kind) = (ShieldedName.bare(collector), kind)
    let surroundings = try options.surroundings(try options.read())
    let proof = try await VerifierApplication.withDesk(
      surroundings, mayBegin: false, logger: StateOptions.quietLogger,
      direct: { desk throws(VerifierError) in
        try await desk.prove(name, kind: kind, on: date)
      },
      served: { client throws(VerifierError) in
        try await client.prove(name, kind: kind, on: date)
      })
    try Files.create(out, with: Array("\(proof.indentedText)\n".utf8))
    switch format {
    case .json:
      Output.data([
        "out": .string(out), "date": .string(date.description), "collector": .string(name),
      ])
    case .text:
      Output.talk(
        "\(out) opens the leaf of \(name) on \(date): check it with tally evidence check",
        "\(out) 打开了 \(name) 在 \(date) 的叶子：可用 tally evidence check 核对")
    }
  }
}
