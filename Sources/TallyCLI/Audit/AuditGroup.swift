internal import ArgumentParser

/// The audit log.
struct AuditGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "Read and verify the record of everything that was done.",
    discussion: "Example: tally audit verify --registry /srv/registry",
    subcommands: [AuditLog.self, AuditVerify.self])
}
