internal import ArgumentParser

/// Licenses.
struct LicenseGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "license", abstract: "Issue, renew, read and list licenses.",
    discussion: "Example: tally license list --registry /srv/registry",
    subcommands: [
      LicenseIssue.self, LicenseRenew.self, LicenseExport.self, LicenseInspect.self,
      LicenseVerify.self, LicenseList.self,
    ])
}
