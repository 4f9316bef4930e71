internal import ArgumentParser

/// What an installation holds of the vendor's licenses.
struct LicenseGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "license", abstract: "Install licenses.",
    discussion:
      "Example: tally-verifier license install acme.license --state /var/lib/tally-verifier",
    subcommands: [LicenseInstall.self])
}
