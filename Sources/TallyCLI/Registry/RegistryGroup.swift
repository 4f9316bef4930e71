internal import ArgumentParser

/// The registry as a whole.
struct RegistryGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "registry", abstract: "Bring a registry that was put back up to date.",
    discussion: "Example: tally registry restore --from vendor.keyset --registry /srv/registry",
    subcommands: [RegistryRestore.self])
}
