internal import ArgumentParser

/// Licenses.
struct LicenseGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "license", abstract: "Issue, renew, amend, reissue, read and list licenses.",
    discussion: "Example: tally license list --registry /srv/registry",
    subcommands: [
      LicenseIssue.self, LicenseRenew.self, LicenseAmend.self, LicenseReissue.self,
      LicenseExport.self, LicenseInspect.self, LicenseVerify.self, LicenseList.self,
      LicenseRevoke.self,
      LicenseDiff.self,
    ])
}
