internal import ArgumentParser
internal import Authority
internal import Sealing
internal import Terminal

/// Composes the next keyset for roots that are elsewhere.
struct KeysetDraft: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "draft", abstract: "Compose the next keyset, for offline roots to sign.",
    discussion: """
      The file has the keyset in force, with those that lead to it, and the next one without \
      signatures: all that a machine without registry and network needs for "tally keyset sign". \
      Nothing is stored: a draft that is thrown away leaves nothing. It holds while the registry's \
      keys stay as they are.

      Roots whose private halves are elsewhere are named by their public keys; where the roots \
      change, the old threshold must sign and the new. Without --threshold the number never \
      falls: it stays while the roots stay, and of new ones more than half must sign.

      A draft that enough roots have signed is a keyset, even if it was never published: where one was \
      thrown away, --epoch names the number after it.

      Example: tally keyset draft --out next.draft --registry /srv/registry
      """)

  @Option(help: ArgumentHelp("The draft's file; it must not exist.", valueName: "file"))
  var out: String

  @Option(
    help: ArgumentHelp(
      "The vendor's name in every document; needed once, and never changed.", valueName: "uri"))
  var iss: String?

  @Option(help: ArgumentHelp("How many root keys must sign.", valueName: "n"))
  var threshold: Int?

  @Option(
    help: ArgumentHelp(
      "The public key of a root to add, a JWK; repeatable.", valueName: "file"))
  var addRoot: [String] = []

  @Option(help: ArgumentHelp("A root to drop; repeatable.", valueName: "thumbprint"))
  var dropRoot: [Thumbprint] = []

  @Option(
    help: ArgumentHelp(
      "The keyset's number, where one was signed and thrown away; else the next.",
      valueName: "number"))
  var epoch: Int64?

  @OptionGroup var registry: RegistryOptions
  @OptionGroup var format: FormatOption

  func run() throws {
    let output = OutputOption.file(out)
    try output.check()
    var order = KeysetOrder(iss: iss, threshold: threshold, droppedRoots: dropRoot, epoch: epoch)
    for file in addRoot { order.addedRoots.append(try KeyFile.publicKey(file)) }
    let examined = try registry.open(for: .read).draftKeyset(order)
    try output.write(examined.draft.file, cure: "name another file with --out")
    DraftFile.show(examined, format.format, more: [JSONMember("out", .string(out))])
  }
}

extension OutputOption {
  /// The file that a command must be given.
  static func file(_ path: String) -> OutputOption {
    var option = OutputOption()
    option.out = path
    return option
  }
}
