internal import ArgumentParser
internal import Authority
internal import Licensing
internal import Sealing
internal import Terminal

/// Signs releases anew under another key.
struct ReleaseReissue: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reissue", abstract: "Sign release documents again, unchanged, under another key.",
    discussion: """
      For a key that is to be revoked. Version, dates and commit stay. After a crash run the same \
      command again: it does what is left. "tally release export" then writes the files, which \
      installations of these releases need.

      Example: tally release reissue --all --signed-by OLD --key NEW --why "key stolen" \
      --registry R --passphrase-file P
      """)

  @Argument(help: ArgumentHelp("Versions; else --all.", valueName: "version"))
  var versions: [String] = []

  @Flag(help: "All releases.")
  var all = false

  @Option(help: ArgumentHelp("Only those of this product.", valueName: "name"))
  var product: String?

  @Option(help: ArgumentHelp("Only what this key has signed.", valueName: "thumbprint"))
  var signedBy: Thumbprint?

  @Flag(help: "Rehearse every document, show what would be signed, and store nothing.")
  var dryRun = false

  @OptionGroup var confirmation: YesOption
  @OptionGroup var signing: SigningOptions
  @OptionGroup var format: FormatOption

  func validate() throws {
    guard all == versions.isEmpty else {
      throw ValidationError("name versions, or give --all for all of them")
    }
    guard signing.key != nil else {
      throw ValidationError("--key is missing: name the key that signs the documents")
    }
    guard !signing.why.why.isEmpty else {
      throw ValidationError("--why is missing: say for the audit log what this is for")
    }
  }

  func run() throws {
    guard let key = signing.key else { return }
    let (authority, secret, tried) = try TrialOptions.open(signing, dryRun: dryRun)
    let releases = try authority.plan(
      ReleaseReissueOrder(versions: versions, product: product, signedBy: signedBy, key: key))
    let questions = releases.isEmpty ? [] : try authority.clockQuestions()
    let stop = try confirmation.ask(questions, format.format, isTrial: dryRun)
    guard let secret else {
      show(releases)
      // Where nothing is left to sign, no key is opened.
      let fault = releases.isEmpty ? nil : try authority.fault(of: key, trying: tried)
      if let error = stop ?? fault { throw error }
      return
    }
    var done: [JSONValue] = []
    let why = signing.why.confirming(questions)
    try authority.reissue(releases, with: key, passphrase: secret, why: why) { signed in
      done.append(["kid": signed.kid.json, "release": signed.payload.json])
      if format.format == .text { Output.data(Self.name(signed.payload)) }
    }
    if format.format == .json { Output.data(.array(done)) }
    guard !done.isEmpty else {
      return Output.talk("tally: nothing was left to sign", "tally: 没有需要重签的版本")
    }
    Output.talk(
      "tally: \(done.count) signed anew; \"tally release export\" writes their files",
      "tally: 已重签 \(done.count) 个；\"tally release export\" 可写出它们的文件")
  }

  private func show(_ releases: [Release]) {
    switch format.format {
    case .json:
      Output.data(["dry_run": true, "releases": .array(releases.map(\.json))])
    case .text:
      for release in releases {
        Output.data("would sign anew \(Self.name(release))", "将会重签 \(Self.name(release))")
      }
    }
    Output.talk(
      "tally: dry run: \(releases.count) would be signed anew; nothing was signed and nothing was "
        + "stored", "tally: 试运行：将会重签 \(releases.count) 个；没有签名也没有保存任何内容")
  }

  private static func name(_ release: Release) -> String {
    [release.product, release.version, release.commit].compactMap { $0 }.joined(separator: " ")
  }
}
