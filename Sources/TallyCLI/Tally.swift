internal import ArgumentParser
internal import Licensing
internal import Platform
internal import Terminal

/// The vendor's signing authority on the command line.
@main
struct Tally: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tally",
    abstract: "Issue licenses: keys, customers, licenses, releases and the record of it all.",
    discussion: """
      The registry is a folder: give it with --registry, or in the environment as TALLY_REGISTRY. \
      Passphrases come from --passphrase-file, --passphrase-fd, TALLY_PASSPHRASE_FILE or the \
      systemd credential "passphrase", never from a prompt.

      Texts come in English or Chinese: --lang en or --lang zh, else what LC_ALL, LC_MESSAGES or LANG \
      says.

      Exit status: 0 done or yes, 1 no, 2 it could not be done or told, 64 wrong usage. With --version \
      alone it says which version it is.

      Example: tally key new --use root --registry /srv/registry --passphrase-file /run/passphrase
      """,
    subcommands: [
      KeyGroup.self, KeysetGroup.self, CustomerGroup.self, LicenseGroup.self, ReleaseGroup.self,
      RevocationsGroup.self, Publish.self, EvidenceGroup.self, StatementGroup.self,
      IntentGroup.self, AuditGroup.self, RegistryGroup.self,
    ])

  static func main() async {
    Hardening.forbidCoreDumps()
    Hardening.ignoreClosedPipes()
    if ProgramVersion.answers(ProcessArguments.all.dropFirst(), of: "tally") { return }
    do {
      try Variables.check(ProcessEnvironment.all())
      let words = ShieldedName.shielding(
        try Language.withoutFlag(ProcessArguments.all.dropFirst()))
      try RepeatedOption.refuse(words, many: RepeatableOptions.of(words))
      var command = try parseAsRoot(words)
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
