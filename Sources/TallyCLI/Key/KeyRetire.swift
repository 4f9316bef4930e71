internal import ArgumentParser
internal import Authority
internal import Licensing
internal import Sealing
internal import Terminal

/// Retires a key.
struct KeyRetire: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retire", abstract: "Leave a key out of the next keyset.",
    discussion: """
      What the key signed is UNKNOWN_KEY to everybody who has that keyset, so a key is retired when \
      nothing that it signed is in use any more. Documents that are in use are listed, and nothing \
      is done without --force. When the next keyset is published, destroy the private key; one that \
      may have been copied is revoked instead.

      Example: tally key retire THUMBPRINT --why "replaced in May" --registry /srv/registry
      """)

  @Argument(help: ArgumentHelp("The key.", valueName: "thumbprint"))
  var thumbprint: Thumbprint

  @Flag(help: "Although documents that it signed are in use.")
  var force = false

  @Flag(help: "Show what the key has signed that is in use, and store nothing.")
  var dryRun = false

  @OptionGroup var registry: RegistryOptions
  @OptionGroup var why: WhyOption
  @OptionGroup var format: FormatOption

  func run() throws {
    guard !dryRun else { return try runDry() }
    let authority = try registry.open(for: .change)
    let (key, signed) = try authority.retireKey(thumbprint, force: force, why: why.why)
    KeyStandingOutput(format: format.format).show(
      key, signed,
      BilingualText("is retired: the next keyset leaves it out", "已停用：下一个密钥集不再包含它"),
      next: BilingualText(
        "publish it with \"tally keyset draft\" or \"tally keyset publish\", then destroy "
          + "\(authority.registry.folder)/\(key.pem) and its copies",
        "用 \"tally keyset draft\" 或 \"tally keyset publish\" 发布密钥集，然后销毁 "
          + "\(authority.registry.folder)/\(key.pem) 及其全部副本"))
  }

  private func runDry() throws {
    let (key, signed) = try registry.open(for: .read)
      .trialRetirement(of: thumbprint, force: force)
    KeyStandingOutput(format: format.format, isTrial: true).show(
      key, signed,
      BilingualText("would be retired: the next keyset would leave it out", "将会停用：下一个密钥集不再包含它"),
      next: nil)
  }
}
