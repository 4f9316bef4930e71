internal import ArgumentParser
internal import Authority
internal import CivilTime
internal import Licensing
internal import Sealing
internal import Terminal

/// Signs a release document.
struct ReleaseSign: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign", abstract: "Sign the document that ships in a release's install package.",
    discussion: """
      A release is signed at most 31 days before the day on which it comes out: every program \
      refuses one that was signed earlier. Every build of a version has the same dates. The same \
      contents again give the same document again; another commit of a version that has a document \
      is asked about. --covered-as-of lets a security fix count as older for coverage; it never \
      moves the days of the community edition.

      Example: tally release sign --product observability-platform --version 1.98.190 \
      --released 2026-11-01 --out 1.98.190.release --registry R --passphrase-file P
      """)

  @Option(help: ArgumentHelp("The product.", valueName: "name"))
  var product: String

  @Option(help: ArgumentHelp("The version.", valueName: "version"))
  var version: String

  @Option(help: ArgumentHelp("The date on which it comes out.", valueName: "YYYY-MM-DD"))
  var released: CivilDate

  @Option(help: ArgumentHelp("The date that coverage is judged by.", valueName: "YYYY-MM-DD"))
  var coveredAsOf: CivilDate?

  @Option(help: ArgumentHelp("The commit that it was built from.", valueName: "commit"))
  var commit: String?

  @OptionGroup var trial: TrialOptions
  @OptionGroup var signing: SigningOptions
  @OptionGroup var format: FormatOption
  @OptionGroup var output: OutputOption

  func validate() throws {
    if let coveredAsOf, coveredAsOf > released {
      throw ValidationError("--covered-as-of must not lie after --released")
    }
  }

  /// What staff should see twice: a date typed wrong would let the community edition run for longer.
  static func note(_ release: Release) -> BilingualText? {
    let days = release.daysAhead
    // The date may be that of a zone ahead of UTC.
    guard days > 1 else { return nil }
    return BilingualText(
      "note that the release is of \(release.released), \(days) days from now, and that the "
        + "community edition may use it through \(release.communityThrough)",
      "请注意，该版本发布于 \(release.released)，还有 \(days) 天；社区版可以使用它到 "
        + "\(release.communityThrough)")
  }

  func run() throws {
    try output.check()
    let (authority, secret, tried) = try trial.open(signing)
    let order = ReleaseOrder(
      product: product, version: version, released: released, coveredAsOf: coveredAsOf,
      commit: commit)
    if let issued = try authority.signed(order) { return try showAgain(issued, authority) }
    let draft = try authority.draft(order).asking(authority.clockQuestions())
    if draft.questions.isEmpty, let note = Self.note(draft.release) {
      Output.talk("tally: \(note.spoken)")
    }
    let stop = try trial.ask(draft.questions, format.format)
    guard let secret else {
      let rehearsed = try DraftOutput.rehearsed(stop) {
        try authority.rehearse(draft, with: signing.key, trying: tried)
      }
      return try show(draft, rehearsed, stop)
    }
    let release = try authority.sign(
      draft, with: signing.key, passphrase: secret, confirmed: true, why: signing.why.why)
    let dying = try authority.unbelieved()
    try show(
      release.payload, release.kid, try authority.file(of: release), draft.questions)
    // The file carries the newest keyset to everybody who installs the release.
    KeysetPublish.warn(of: dying)
  }

  /// Shows the document that these contents have already: nothing is signed.
  private func showAgain(_ issued: IssuedRelease, _ authority: Authority) throws {
    let file = try authority.releaseFile(product, version, commit: commit)
    Output.talk(
      "tally: \(version) has been signed already with these contents: this is the same document, and "
        + "nothing was signed",
      "tally: \(version) 早已按这些内容签署：这是同一份文件，没有签名")
    if trial.dryRun {
      Output.talk(
        "tally: dry run: nothing was signed and nothing was stored", "tally: 试运行：没有签名也没有保存任何内容")
      guard format.format == .json else { return }
      return Output.data([
        "dry_run": true, "release": issued.release.json, "kid": issued.kid.json, "questions": [],
        "obstacles": [], "already_signed": true,
      ])
    }
    try show(issued.release, issued.kid, file, [], isOld: true)
  }

  private func show(
    _ release: Release, _ kid: Thumbprint, _ file: String, _ questions: [IssuingQuestion],
    isOld: Bool = false
  ) throws {
    try output.write(file, cure: "the release is signed: \"tally release export\" writes its file")
    switch (format.format, output.out) {
    case (.json, _):
      Output.data([
        "release": release.json, "kid": kid.json,
        "out": output.out.map { .string($0) } ?? .null,
        "file": output.out == nil ? .string(file) : .null,
        "questions": .array(questions.map(\.json)), "already_signed": .bool(isOld),
      ])
    case (.text, nil): Output.data(String(file.dropLast()))
    case (.text, .some): Output.data("\(product) \(version)")
    }
  }

  /// Shows what a trial came to.
  private func show(
    _ draft: ReleaseDraft, _ rehearsed: Rehearsed, _ stop: AuthorityError?
  ) throws(AuthorityError) {
    switch format.format {
    case .json:
      Output.data([
        "dry_run": true, "release": draft.release.json, "kid": rehearsed.key.json,
        "questions": .array(draft.questions.map(\.json)),
        "obstacles": .array(rehearsed.obstacles.map { .string($0.english) }),
        "already_signed": false,
      ])
    case .text:
      let content = draft.release.json.indentedText
      Output.data(
        "would be signed by key \(rehearsed.key):\n\(content)",
        "将会由密钥 \(rehearsed.key) 签署：\n\(content)")
    }
    try DraftOutput.end(rehearsed, stop)
  }
}
