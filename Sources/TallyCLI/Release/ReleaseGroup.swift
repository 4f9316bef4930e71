internal import ArgumentParser

/// Releases.
struct ReleaseGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "release", abstract: "Sign and list release documents.",
    discussion: "Example: tally release list --registry /srv/registry",
    subcommands: [
      ReleaseSign.self, ReleaseReissue.self, ReleaseExport.self, ReleaseList.self,
    ])
}
