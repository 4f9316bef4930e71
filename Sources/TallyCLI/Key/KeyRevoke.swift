internal import ArgumentParser
internal import Authority
internal import CivilTime
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

  @OptionGroup var registry: RegistryOptions
  @OptionGroup var why: WhyOption
  @OptionGroup var format: FormatOption

  func run() throws {
    let authority = try registry.open(for: .change)
    let (key, signed) = try authority.revokeKey(
      thumbprint, reason: reason, at: at.map { Zone.utc.day(of: $0).lowerBound }, why: why.why)
    KeyStandingOutput(format: format.format).show(
      key, signed, "is revoked in the next keyset",
      next: "publish it with \"tally keyset draft\" or \"tally keyset publish\"; until then nobody "
        + "knows")
  }
}
