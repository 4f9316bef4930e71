internal import ArgumentParser
internal import Authority
internal import Licensing
internal import Terminal

/// Renews a line.
struct LicenseRenew: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "renew", abstract: "Issue the next revision of a line with a new term.",
    discussion: """
      Everything but the dates stays; of a perpetual license the maintenance is renewed. Bought \
      early, it changes nothing until its first day. --basis says what the new dates begin after: \
      from-end, the day after the present last one; today; or the later of the two.

      Example: tally license renew lin_... --years 1 --out renewed.license --registry R \
      --passphrase-file P
      """)

  @Argument(help: ArgumentHelp("The line.", valueName: "lin_..."))
  var line: LineID

  @OptionGroup var term: TermOptions

  @Option(help: "Where the new dates begin.")
  var basis: RenewalBasis = .fromEnd

  @OptionGroup var signing: SigningOptions
  @OptionGroup var format: FormatOption
  @OptionGroup var output: OutputOption

  func validate() throws {
    guard term.end != nil else {
      throw ValidationError("--years, --days or --through is missing, such as --years 1")
    }
  }

  func run() throws {
    guard let end = term.end else { return }
    try output.check()
    let (authority, secret) = try signing.open()
    let license = try authority.renewLicense(
      line, end: end, basis: basis, key: signing.key, passphrase: secret, why: signing.why.why)
    try IssuedOutput(output: output, format: format.format).show(license, of: authority)
  }
}
