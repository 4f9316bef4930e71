internal import ArgumentParser
internal import Authority
internal import CivilTime
internal import Licensing
internal import Sealing
internal import Terminal

/// Revokes a key.
struct KeyRevoke: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke", abstract: "Have the next keyset revoke a key, and all that it signed.",
    discussion: """
      Everything that the key ever signed is KEY_REVOKED to everybody who has that keyset. Documents \
      that are in use are listed: sign them again under another key before the keyset is sent out. \
      The reason stands in the keyset, where everybody can read it.

      Example: tally key revoke THUMBPRINT --reason "copied from a laptop" --registry /srv/registry
      """)

  @Argument(help: ArgumentHelp("The key.", valueName: "thumbprint"))
  var thumbprint: Thumbprint

  @Option(help: ArgumentHelp("The reason, for everybody to read.", valueName: "text"))
  var reason: String

  @Option(
    help: ArgumentHelp(
      "Since when it is not to be believed, in UTC; else now. It is revoked whole in any case.",
      valueName: "YYYY-MM-DD"))
  var at: CivilDate?

  @Flag(help: "Show what the key has signed that is in use, and store nothing.")
  var dryRun = false

  @OptionGroup var registry: RegistryOptions
  @OptionGroup var why: WhyOption
  @OptionGroup var format: FormatOption

  func run() throws {
    let since = at.map { Zone.utc.day(of: $0).lowerBound }
    guard !dryRun else { return try runDry(since) }
    let authority = try registry.open(for: .change)
    let (key, signed) = try authority.revokeKey(
      thumbprint, reason: reason, at: since, why: why.why)
    KeyStandingOutput(format: format.format).show(
      key, signed,
      BilingualText("is revoked in the next keyset", "将在下一个密钥集中吊销"),
      next: BilingualText(
        "publish it with \"tally keyset draft\" or \"tally keyset publish\"; until then nobody "
          + "knows",
        "用 \"tally keyset draft\" 或 \"tally keyset publish\" 发布密钥集；在此之前无人知道"))
  }

  private func runDry(_ since: Int64?) throws {
    let (key, signed) = try registry.open(for: .read)
      .trialRevocation(of: thumbprint, reason: reason, at: since)
    KeyStandingOutput(format: format.format, isTrial: true).show(
      key, signed,
      BilingualText("would be revoked in the next keyset", "将会在下一个密钥集中吊销"), next: nil)
  }
}
