internal import ArgumentParser
internal import Authority
internal import Licensing
internal import Sealing
internal import Terminal

/// Revokes licenses.
struct LicenseRevoke: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke", abstract: "Revoke licenses or lines.",
    discussion: """
      Issues the next revocations document, which names these licenses and all revoked before; none \
      is ever taken back. A revoked revision stays the one in force until a higher one of its line \
      begins: renew or amend the line to lift it. A line stands for all its revisions that are not \
      over. What would not be ended is asked about. "tally publish" brings the document to a gateway and its installations, \
      "tally revocations export" into a file. The reason stands in it, where everybody can read it.

      Example: tally license revoke lic_... --reason "not paid" --registry /srv/registry \
      --passphrase-file P
      """)

  @Argument(help: ArgumentHelp("Licenses or lines.", valueName: "lic_...|lin_..."))
  var licenses: [LicenseName]

  @Option(help: ArgumentHelp("The reason, for everybody to read.", valueName: "text"))
  var reason: String

  @OptionGroup var trial: TrialOptions
  @OptionGroup var signing: SigningOptions
  @OptionGroup var format: FormatOption
  @OptionGroup var output: OutputOption

  func run() throws {
    try output.check()
    let (authority, secret, tried) = try trial.open(signing)
    let draft = try authority.draftRevocation(of: licenses, reason: reason)
      .asking(authority.clockQuestions())
    for item in draft.items { Output.talk(item.words.spoken) }
    let stop = try trial.ask(draft.questions, format.format)
    guard let secret else {
      let rehearsed = try DraftOutput.rehearsed(stop) {
        try authority.rehearse(draft, with: signing.key, trying: tried)
      }
      return try show(draft, rehearsed, stop)
    }
    let document = try authority.revoke(
      draft, with: signing.key, passphrase: secret, confirmed: true, why: signing.why.why)
    try RevocationsOutput(output: output, format: format.format)
      .show(document, of: authority, Self.members(draft))
  }

  /// Shows what a trial came to.
  private func show(
    _ draft: RevocationDraft, _ rehearsed: Rehearsed, _ stop: AuthorityError?
  ) throws(AuthorityError) {
    switch format.format {
    case .json:
      let members = [
        JSONMember("dry_run", true), JSONMember("seq", .integer(draft.document.seq)),
        JSONMember("kid", rehearsed.key.json),
        JSONMember("obstacles", .array(rehearsed.obstacles.map { .string($0.english) })),
      ]
      Output.data(.object(members + Self.members(draft)))
    case .text:
      for item in draft.items {
        Output.data("would revoke \(item.license.jti)", "将会吊销 \(item.license.jti)")
      }
    }
    try DraftOutput.end(rehearsed, stop)
  }

  private static func members(_ draft: RevocationDraft) -> [JSONMember] {
    [
      JSONMember("licenses", .array(draft.items.map(\.json))),
      JSONMember("questions", .array(draft.questions.map(\.json))),
    ]
  }
}

/// Shows a revocations document that has just been issued.
struct RevocationsOutput {
  let output: OutputOption
  let format: Format

  /// - Parameter more: further members of the JSON.
  func show(
    _ document: Verified<Revocations>, of authority: Authority, _ more: [JSONMember] = []
  ) throws {
    let payload = document.payload
    try output.write(
      try authority.revocationsFile(),
      cure: "revocations \(payload.seq) are issued: \"tally revocations export\" writes their file")
    switch format {
    case .json:
      let members = [
        JSONMember("seq", .integer(payload.seq)), JSONMember("kid", document.kid.json),
        JSONMember("revoked", .array(payload.revoked.map(\.jti.json))),
        JSONMember("out", output.out.map { .string($0) } ?? .null),
      ]
      Output.data(.object(members + more))
    case .text:
      let count = payload.revoked.count
      Output.data(
        "revocations \(payload.seq): \(count) licenses are revoked",
        "吊销清单 \(payload.seq)：共吊销 \(count) 份许可证")
      Output.talk(
        "nobody knows until they are sent out: \"tally publish\"",
        "发送之前无人知道：请运行 \"tally publish\"")
    }
  }
}
