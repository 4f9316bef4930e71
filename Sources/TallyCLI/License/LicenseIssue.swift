internal import ArgumentParser
internal import Authority
internal import CivilTime
internal import Licensing
internal import Terminal

/// Issues a license.
struct LicenseIssue: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "issue", abstract: "Issue the first license of a new line.",
    discussion: """
      Editions and what they need:
        subscription  --years or --through (a year or more), --collectors
        perpetual     --release, --years, --days or --through of maintenance, --collectors
        payg          --years, --days or --through, --price, --lease-hours, --gateway
        community     nothing more

      Dates are days in --zone; the last one is included. The license is rehearsed with a \
      throwaway key before the real one signs it. Where dates or limits are unusual, the command \
      asks and stops; --yes with the codes confirms. With --out, standard output says "LICENSE LINE \
      REVISION".

      Example: tally license issue --edition payg --customer cus_... --product \
      observability-platform --zone Asia/Shanghai --from 2026-11-21 --years 1 --price "CNY 1.20" \
      --lease-hours 72 --gateway https://usage.vendor.example --out payg.license --registry R \
      --passphrase-file P
      """)

  @Option(help: "The edition.")
  var edition: Edition

  @Option(help: ArgumentHelp("The customer.", valueName: "cus_..."))
  var customer: CustomerID

  @Option(help: ArgumentHelp("The product.", valueName: "name"))
  var product: String

  @Option(help: ArgumentHelp("The IANA time zone of all dates.", valueName: "zone"))
  var zone: String

  @Option(help: ArgumentHelp("First date; else today in the zone.", valueName: "YYYY-MM-DD"))
  var from: CivilDate?

  @OptionGroup var term: TermOptions
  @OptionGroup var conditions: ConditionOptions
  @OptionGroup var issuing: IssuingOptions

  func validate() throws {
    guard Zone.isValidName(zone) else {
      throw ValidationError("--zone must be a name of the IANA database, such as Asia/Shanghai")
    }
    let member: EditionMember = edition == .perpetual ? .maintenance : .term
    try edition.hold(
      member, term.end != nil, "--years, --days or --through", such: "--years 1")
    if from != nil, edition == .community {
      throw ValidationError("--from has no place in a community license: leave it out")
    }
    try conditions.check(edition)
  }

  func run() throws {
    let order = LicenseOrder(
      edition: edition, customer: customer, product: product, zone: zone, from: from,
      end: term.end, release: conditions.release, collectors: conditions.limits,
      gaps: conditions.gaps, support: conditions.support ?? "5x8",
      installations: conditions.installations ?? 1, graceDays: conditions.graceDays ?? 0,
      reporting: conditions.reports(edition), price: conditions.price,
      activation: conditions.activation, enforce: conditions.enforce ?? .start)
    try issuing.run { authority in try authority.draft(order) }
  }
}
