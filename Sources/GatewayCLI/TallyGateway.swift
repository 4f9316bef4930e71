internal import ArgumentParser
internal import Platform
internal import Terminal

/// The vendor's side on the network, on the command line.
@main
struct TallyGateway: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tally-gateway",
    abstract: "Activate installations, take their reports, write statements.",
    discussion: """
      Everything that lasts is in one folder: give it with --state, or in the environment as \
      TALLY_GATEWAY_STATE. The ledger may lie in a PostgreSQL database instead: --store, or \
      TALLY_GATEWAY_STORE.

      Exit status: 0 done or yes, 1 no, 2 it could not be done, 64 wrong usage. With --version \
      alone it says which version it is.

      Texts come in English or Chinese: --lang en or --lang zh, else what LC_ALL, LC_MESSAGES or LANG \
      says. JSON is the same in both.

      Example: tally-gateway serve --state /var/lib/tally-gateway --listen 127.0.0.1:8080 \
      --key gateway.pem --passphrase-file passphrase --keyset vendor.keyset
      """,
    subcommands: [
      Serve.self, TokenGroup.self, InstallationGroup.self, BillGroup.self, FindingGroup.self,
      Import.self, StatementGroup.self, WebhookGroup.self, Backup.self, Doctor.self,
    ])

  static func main() async {
    Hardening.forbidCoreDumps()
    Hardening.ignoreClosedPipes()
    if ProgramVersion.answers(ProcessArguments.all.dropFirst(), of: "tally-gateway") { return }
    do {
      try Variables.check(ProcessEnvironment.all())
      var command = try parseAsRoot(ShieldedName.shielding(ProcessArguments.all.dropFirst()))
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      ErrorReport.end(error)
    }
  }
}
