internal import ArgumentParser
internal import Authority
internal import Terminal

/// Issues the same list again.
struct RevocationsIssue: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "issue",
    abstract: "Sign the list of revoked licenses again, with the next number.",
    discussion: """
      For when its key is to be retired or was revoked: what a revoked key signed counts as never \
      seen, and with it the list.

      Example: tally revocations issue --registry /srv/registry --passphrase-file P
      """)

  @OptionGroup var confirmation: YesOption
  @OptionGroup var signing: SigningOptions
  @OptionGroup var format: FormatOption
  @OptionGroup var output: OutputOption

  func run() throws {
    try output.check()
    let (authority, secret) = try signing.open()
    let questions = try authority.clockQuestions()
    try confirmation.ask(questions, format.format)
    let document = try authority.renewRevocations(
      key: signing.key, passphrase: secret, confirmed: questions, why: signing.why.why)
    try RevocationsOutput(output: output, format: format.format).show(document, of: authority)
  }
}
