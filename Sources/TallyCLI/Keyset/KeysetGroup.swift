internal import ArgumentParser

/// Keysets: what the roots say of the online keys.
struct KeysetGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keyset", abstract: "Publish the keyset that the root keys sign.",
    discussion: "Example: tally keyset export --registry /srv/registry --out vendor.keyset",
    subcommands: [KeysetPublish.self, KeysetExport.self])
}
