internal import ArgumentParser

/// Keysets: what the roots say of the online keys.
struct KeysetGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keyset", abstract: "Draft, sign and publish the keyset.",
    discussion: "Example: tally keyset export --registry /srv/registry --out vendor.keyset",
    subcommands: [
      KeysetDraft.self, KeysetShow.self, KeysetSign.self, KeysetPublish.self, KeysetExport.self,
    ])
}
