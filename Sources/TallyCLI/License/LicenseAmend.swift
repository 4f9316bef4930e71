internal import ArgumentParser
internal import Authority
internal import CivilTime
internal import Licensing
internal import Terminal

/// Changes the conditions of a line.
struct LicenseAmend: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "amend", abstract: "Issue the next revision of a line with other conditions.",
    discussion: """
      What no flag names stays as it is; what changes is shown first. A line stands for its highest \
      revision. The term may be cut short, below the edition's least as well. --years and --days \
      count from the first date. Customer, product and zone never change within a line.

      The new revision is in force from its first date, so at once unless --from lies ahead. The \
      older one stays valid wherever the newer one is not installed: "tally license revoke" ends it \
      for good.

      Example: tally license amend lin_... --collectors 800 --why "order 4711" --out acme.license \
      --registry R --passphrase-file P
      """)

  @Argument(help: ArgumentHelp("The license or the line.", valueName: "lic_...|lin_..."))
  var license: LicenseName

  @Option(help: ArgumentHelp("Another first date.", valueName: "YYYY-MM-DD"))
  var from: CivilDate?

  @OptionGroup var term: TermOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var issuing: IssuingOptions

  func validate() throws {
    guard from != nil || term.end != nil || change.changes != LicenseChanges() else {
      throw ValidationError("nothing to amend: say what is to change, such as --collectors 800")
    }
    try issuing.requireWhy()
  }

  func run() throws {
    try issuing.run { authority in
      try authority.draftAmendment(of: license, change.changes, from: from, end: term.end)
    }
  }
}
