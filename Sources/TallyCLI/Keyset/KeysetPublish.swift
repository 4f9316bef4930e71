internal import ArgumentParser
internal import Authority
internal import CivilTime
internal import Libcrypto
internal import Licensing
internal import Platform
internal import Sealing
internal import Terminal

/// Makes the next keyset.
struct KeysetPublish: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "publish", abstract: "Take the next keyset, signed by enough roots.",
    discussion: """
      With --draft, the keyset that the roots have signed; the signatures of several files of one \
      draft count together. Without, the next keyset is composed from the keys of the registry and \
      signed with the root keys at hand: give each its own passphrase with --root, or all the same.

      It is verified as a program with the previous keyset would, and printed in words. Where the \
      roots change, the old threshold must sign and the new. Without --threshold the number \
      never falls: it stays while the roots stay, and of new ones more than half must sign. Exit status 1: it is refused, and \
      nothing has changed. A draft that has been published already changes nothing and ends with 0. \
      What the keyset would end is named; the command asks where no key could sign it again, or where \
      --out would hand the keyset out before that was done.

      Example: tally keyset publish --draft signed-a.draft --draft signed-b.draft --registry R

      Example: tally keyset publish --iss https://license.vendor.example --registry R \
      --passphrase-file P
      """)

  @Option(help: ArgumentHelp("A signed draft's file; repeatable.", valueName: "file"))
  var draft: [String] = []

  @OptionGroup var registry: RegistryOptions
  @OptionGroup var passphrase: PassphraseOptions
  @OptionGroup var roots: RootPassphraseOptions
  @OptionGroup var confirmation: YesOption
  @OptionGroup var why: WhyOption
  @OptionGroup var format: FormatOption
  @OptionGroup var output: OutputOption

  @Option(
    help: ArgumentHelp(
      "The vendor's name in every document; needed once, and never changed.", valueName: "uri"))
  var iss: String?

  @Option(help: ArgumentHelp("How many root keys must sign.", valueName: "n"))
  var threshold: Int?

  func validate() throws {
    guard draft.isEmpty || (iss == nil && threshold == nil && roots.roots.isEmpty) else {
      throw ValidationError(
        "with --draft the keyset is fixed: leave out --iss, --threshold, --root")
    }
  }

  func run() throws {
    try output.check()
    if draft.isEmpty { try signAndPublish() } else { try publishDraft() }
  }

  private func publishDraft() throws {
    let drafts = try draft.map(DraftFile.read)
    let authority = try registry.open(for: .change)
    if let record = try authority.published(drafts) {
      try show(record, [], authority, isOld: true)
      return Output.talk(
        "tally: keyset \(record.keyset.epoch) is published already; nothing has changed",
        "tally: 密钥集 \(record.keyset.epoch) 早已发布；没有任何改动")
    }
    let keyset = try authority.examine(drafts).draft.keyset
    let questions = try authority.questions(publishing: keyset, isHandedOut: output.out != nil)
    try confirmation.ask(questions, format.format, done: "published")
    let (record, examined) = try authority.publishKeyset(
      drafts, confirmed: questions, why: why.why)
    try show(record, examined.changes, authority)
  }

  private func signAndPublish() throws {
    let passphrases = try roots.read(with: passphrase)
    let authority = try registry.open(for: .change)
    try SigningOptions.finishPending(authority, passphrases)
    // Of a draft the keepers of the roots hold the date against clocks of their own.
    let order = KeysetOrder(iss: iss, threshold: threshold)
    let questions =
      try authority.clockQuestions()
      + authority.questions(publishing: order, isHandedOut: output.out != nil)
    try confirmation.ask(questions, format.format, done: "published")
    let (record, changes) = try authority.publishKeyset(
      order, passphrases, confirmed: questions, why: why.why)
    try show(record, changes, authority)
  }

  private func show(
    _ record: KeysetRecord, _ changes: [KeysetChange], _ authority: Authority,
    isOld: Bool = false
  ) throws {
    try output.write(
      KeysetExport.file(try authority.trust()),
      cure: "keyset \(record.keyset.epoch) is published: \"tally keyset export\" writes its file")
    let digest = LibcryptoProvider().sha256(Array(record.payload.utf8))
    let dying = try authority.unbelieved()
    switch format.format {
    case .json:
      Output.data([
        "epoch": .integer(record.keyset.epoch), "iat": .integer(record.keyset.iat),
        "digest": digest.json, "iss": .string(record.keyset.iss),
        "changes": .array(changes.map(\.json)), "not_believed": dying.json,
        "out": output.out.map { .string($0) } ?? .null, "already_published": .bool(isOld),
      ])
    case .text:
      let (keyset, date) = (record.keyset, UTC.text(record.keyset.iat))
      let heading = BilingualText(
        "keyset \(keyset.epoch) of \(keyset.iss), dated \(date)",
        "\(keyset.iss) 的密钥集 \(keyset.epoch)，日期 \(date)")
      let end = BilingualText("digest: \(digest)", "摘要：\(digest)")
      let words = [heading.spoken] + changes.map { "  \($0.words.spoken)" } + [end.spoken]
      Output.data(words.map(Printable.line).joined(separator: "\n"))
    }
    Self.warn(of: dying)
  }

  /// Names what is in use and believed by nobody who has the keyset.
  static func warn(of dying: SignedDocuments) {
    guard !dying.isEmpty else { return }
    Output.talk(
      "tally: nobody who has this keyset believes what is in use here:",
      "tally: 有了这个密钥集，以下仍在使用的文件不再被任何程序认可：")
    Output.list(dying.words)
    Output.talk(
      "tally: sign it again before \"tally publish\", and before the keyset goes to anybody",
      "tally: 请先重新签发，再运行 \"tally publish\" 或把密钥集交给任何人")
  }
}

extension Output {
  /// Names the first twenty of what may be many, a line for each.
  static func list(_ lines: [BilingualText]) {
    for line in lines.prefix(20) { talk("  \(line.spoken)") }
    if lines.count > 20 {
      talk("  and \(lines.count - 20) more", "  另有 \(lines.count - 20) 项")
    }
  }
}
