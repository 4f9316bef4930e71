internal import ArgumentParser
internal import Authority
internal import Licensing
internal import Terminal

/// Renews a line.
struct LicenseRenew: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "renew", abstract: "Issue the next revision of a line with a new term.",
    discussion: """
      Everything but the dates stays, unless a flag says otherwise; what changes is shown first. Of \
      a perpetual license the maintenance is renewed. Bought early, it changes nothing until its \
      first day. --basis says what the new dates begin after: from-end, the day after the present \
      last one; today; or the later of the two. A community license becomes a commercial one with \
      --edition; its dates begin today.

      Example: tally license renew lin_... --years 1 --basis from-end --out renewed.license \
      --registry R --passphrase-file P
      """)

  @Argument(help: ArgumentHelp("The line, or its newest license.", valueName: "lin_...|lic_..."))
  var line: LicenseName

  @OptionGroup var term: TermOptions

  @Option(help: "Where the new dates begin (default: from-end).")
  var basis: RenewalBasis?

  @OptionGroup var change: ChangeOptions
  @OptionGroup var issuing: IssuingOptions

  func validate() throws {
    guard term.end != nil else {
      throw ValidationError("--years, --days or --through is missing, such as --years 1")
    }
  }

  func run() throws {
    guard let end = term.end else { return }
    try issuing.run { authority in
      try authority.draftRenewal(of: line, change.changes, end: end, basis: basis)
    }
  }
}
