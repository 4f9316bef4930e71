internal import ArgumentParser

/// Keys: roots, and those that sign online.
struct KeyGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key", abstract: "Make, list, retire and revoke keys.",
    discussion: "Example: tally key list --registry /srv/registry",
    subcommands: [
      KeyNew.self, KeyList.self, KeyExport.self, KeyRoot.self, KeyRetire.self, KeyRevoke.self,
      KeyRestore.self,
    ])
}
