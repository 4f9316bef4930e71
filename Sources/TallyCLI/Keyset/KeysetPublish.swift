internal import ArgumentParser
internal import Authority
internal import Sealing
internal import Terminal

/// Makes the next keyset.
struct KeysetPublish: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "publish", abstract: "Sign the next keyset with the root keys at hand.",
    discussion: """
      The keyset names every key of the registry. It is verified as a program with the previous \
      one would, and printed in words. Where the roots change, the old threshold must sign and \
      the new.

      Without --threshold the number stays while the roots stay; new roots ask for more than half.

      Example: tally keyset publish --iss https://license.vendor.example --registry R \
      --passphrase-file P
      """)

  @OptionGroup var registry: RegistryOptions
  @OptionGroup var passphrase: PassphraseOptions
  @OptionGroup var why: WhyOption
  @OptionGroup var format: FormatOption
  @OptionGroup var output: OutputOption

  @Option(
    help: ArgumentHelp(
      "The vendor's name in every document; needed once, and never changed.", valueName: "uri"))
  var iss: String?

  @Option(help: ArgumentHelp("How many root keys must sign.", valueName: "n"))
  var threshold: Int?

  func run() throws {
    try output.check()
    let secret = try passphrase.read()
    let authority = try registry.open(for: .change)
    try SigningOptions.finishPending(authority, secret)
    let (record, changes) = try authority.publishKeyset(
      iss: iss, threshold: threshold, passphrase: secret, why: why.why)
    try output.write(
      KeysetExport.file(try authority.trust()),
      cure: "keyset \(record.keyset.epoch) is published: \"tally keyset export\" writes its file")
    switch format.format {
    case .json:
      Output.data([
        "epoch": .integer(record.keyset.epoch), "iss": .string(record.keyset.iss),
        "changes": .array(changes.map { .string($0) }),
      ])
    case .text:
      let lines = ["keyset \(record.keyset.epoch) of \(record.keyset.iss)"]
      Output.data((lines + changes.map { "  \($0)" }).joined(separator: "\n"))
    }
  }
}
