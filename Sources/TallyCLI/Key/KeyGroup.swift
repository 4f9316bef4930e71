internal import ArgumentParser

/// Keys: roots, and those that sign online.
struct KeyGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key", abstract: "Make and list keys.",
    discussion: "Example: tally key list --registry /srv/registry",
    subcommands: [KeyNew.self, KeyList.self, KeyRoot.self])
}
