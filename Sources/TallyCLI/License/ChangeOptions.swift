internal import ArgumentParser
internal import Authority
internal import Licensing

/// What the next revision of a line says otherwise.
struct ChangeOptions: ParsableArguments {
  @Option(help: "Another edition, such as a commercial one instead of community.")
  var edition: Edition?

  @OptionGroup var conditions: ConditionOptions

  @Flag(help: "Take the limit of collectors away.")
  var noLimit = false

  // Members that never change within a line: told so by name, not as an unknown flag.
  @Option(help: .hidden) var zone: String?
  @Option(help: .hidden) var product: String?
  @Option(help: .hidden) var customer: String?

  func validate() throws {
    for (flag, value) in [("--zone", zone), ("--product", product), ("--customer", customer)]
    where value != nil {
      throw ValidationError(
        "\(flag) never changes within a line: issue a new line with \"tally license issue\"")
    }
    guard !noLimit || (conditions.collectors == nil && conditions.overage == nil) else {
      throw ValidationError("--no-limit has no place beside --collectors or --overage")
    }
    try conditions.checkNumbers()
  }

  var changes: LicenseChanges {
    var changes = conditions.changes
    changes.edition = edition
    changes.removesLimit = noLimit
    return changes
  }
}
