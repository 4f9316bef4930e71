internal import ArgumentParser
internal import Authority
internal import CivilTime
internal import Licensing
internal import Platform
internal import Sealing
internal import Terminal

/// Shows the pending intent.
struct IntentShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show what an earlier command began and did not end.",
    discussion: "Example: tally intent show --registry /srv/registry")

  @OptionGroup var registry: RegistryOptions
  @OptionGroup var format: FormatOption

  func run() throws {
    let intent = try registry.open(for: .read).registry.pendingIntent()
    switch (format.format, intent) {
    case (.json, nil): Output.data(.null)
    case (.json, let intent?):
      Output.data([
        "kind": .string(intent.kind.rawValue), "subject": .string(intent.subject),
        "kid": intent.kid?.json ?? .null, "who": .string(intent.author.who),
        "why": .string(intent.author.why), "begun_at": .integer(intent.author.at),
        "payload": .string(intent.payload),
      ])
    case (.text, nil): Output.data("nothing is pending", "没有未完成的内容")
    case (.text, let intent?):
      let (at, who) = (UTC.text(intent.author.at), intent.author.who)
      let heading = BilingualText(
        "\(intent.description), begun \(at) by \(who)",
        "\(intent.words.chinese)，由 \(who) 于 \(at) 开始")
      Output.data([heading.spoken, intent.payload].map(Printable.line).joined(separator: "\n"))
    }
  }
}
