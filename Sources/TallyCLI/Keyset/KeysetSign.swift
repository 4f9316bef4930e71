internal import ArgumentParser
internal import Authority
internal import Sealing
internal import Terminal

/// Signs a draft as one of the roots.
struct KeysetSign: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign", abstract: "Sign a draft with one root key, on a machine without registry.",
    discussion: """
      The keysets that lead to the draft are verified from the root that this program trusts. What \
      the draft changes is printed in words before the key is used. Read it first with "tally keyset \
      show", compare thumbprints and the digest with those of the signing machine, and give the digest \
      with --digest: then no other draft is signed, whatever the medium holds by now.

      One signature is added; the roots may sign one after the other, or each a copy of the same draft. \
      A draft with enough signatures is a keyset, published or not: publish it, or leave its number out. \
      Note the number of the last keyset that was published, for --after. What was not compared is \
      said at every signature. Exit status 1: the draft is \
      refused, and no file is made.

      Example: tally keyset sign --draft next.draft --key root-a.pem --passphrase-file P --out \
      signed-a.draft --after 2 --trust-root root.jwks
      """)

  @Option(help: ArgumentHelp("The draft's file.", valueName: "file"))
  var draft: String

  @Option(help: ArgumentHelp("The root's private key.", valueName: "file"))
  var key: String

  @Option(help: ArgumentHelp("The signed draft's file; it must not exist.", valueName: "file"))
  var out: String

  @OptionGroup var passphrase: PassphraseOptions
  @OptionGroup var option: DraftOption
  @OptionGroup var format: FormatOption

  func run() throws {
    let output = OutputOption.file(out)
    try output.check()
    var examined = try DraftFile.examine(draft, as: option)
    option.warn(examined)
    if format.format == .text { Output.data(DraftFile.words(examined).joined(separator: "\n")) }
    let signer = try examined.sign(withFile: key, try passphrase.read())
    try output.write(examined.draft.file, cure: "name another file with --out")
    switch format.format {
    case .json:
      DraftFile.show(
        examined, .json,
        more: [
          JSONMember("signer", signer.json), JSONMember("out", .string(out)),
          JSONMember("not_compared", .array(option.notCompared.map { .string($0) })),
        ])
    case .text: Output.data(DraftFile.signatures(examined).joined(separator: "\n"))
    }
    Output.talk("signed with root \(signer)", "已用根密钥 \(signer) 签名")
    guard examined.isComplete else { return }
    let epoch = examined.draft.keyset.epoch
    Output.talk(
      "tally: enough roots have signed: whoever has \(out) has keyset \(epoch), published or not. "
        + "Publish it; if it must not be, compose the next draft with --epoch \(epoch + 1)",
      "tally: 签名的根密钥已经足够：谁拿到 \(out)，谁就有了密钥集 \(epoch)，无论是否发布。请发布它；"
        + "如不应发布，编制下一份草案时请加 --epoch \(epoch + 1)")
  }
}
