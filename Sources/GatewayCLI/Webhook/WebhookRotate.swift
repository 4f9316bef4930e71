internal import ArgumentParser
internal import Gateway
internal import Terminal

/// Makes a new secret.
struct WebhookRotate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rotate",
    abstract: "Make a new secret for an endpoint; it is shown once.",
    discussion: """
      The former secret goes on signing beside the new one, so that the receiver can change over \
      meanwhile; with --keep-hours 0, for one that is in wrong hands, it ends at once.

      Example: tally-gateway webhook rotate whk_0f3a9c5d17e2b684 --keep-hours 48 --state \
      /var/lib/tally-gateway
      """)

  @Argument(help: ArgumentHelp("The endpoint's name.", valueName: "webhook"))
  var webhook: String

  @Option(
    help: ArgumentHelp(
      "How long the former secret goes on signing, 0 to 168 hours.", valueName: "hours"))
  var keepHours: Int64 = WebhookService.usualKeepHours

  @OptionGroup var options: WebhookOptions

  func validate() throws {
    guard WebhookService.keepHours.contains(keepHours) else {
      throw ValidationError("--keep-hours must be from 0 to 168")
    }
  }

  func run() async throws {
    let rotated = try await options.work { try await $0.rotate(webhook, keeping: keepHours) }
    options.show(rotated, "made a new secret for webhook", "已更换密钥：webhook")
  }
}
