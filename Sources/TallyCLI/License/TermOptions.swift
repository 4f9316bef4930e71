internal import ArgumentParser
internal import Authority
internal import CivilTime
internal import Licensing

/// Where a term ends: one of three flags.
struct TermOptions: ParsableArguments {
  @Option(help: ArgumentHelp("So many years.", valueName: "n"))
  var years: Int?

  @Option(help: ArgumentHelp("So many days.", valueName: "n"))
  var days: Int64?

  @Option(help: ArgumentHelp("Through this date, which is included.", valueName: "YYYY-MM-DD"))
  var through: CivilDate?

  func validate() throws {
    let given = [years != nil, days != nil, through != nil].count { $0 }
    guard given <= 1 else {
      throw ValidationError("give one of --years, --days and --through, not several")
    }
    guard years ?? 1 >= 1 else { throw ValidationError("--years must be 1 or more") }
    guard days ?? 1 >= 1 else { throw ValidationError("--days must be 1 or more") }
  }

  /// nil where none of the flags was given.
  var end: TermEnd? {
    if let years { return .length(.years(years)) }
    if let days { return .length(.days(days)) }
    return through.map { .through($0) }
  }
}
