internal import ArgumentParser

/// What commands began and did not end.
struct IntentGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "intent", abstract: "Finish or drop what a command began and did not end.",
    discussion: "Example: tally intent show --registry /srv/registry",
    subcommands: [IntentShow.self, IntentFinish.self, IntentDrop.self])
}
