internal import ArgumentParser
internal import Authority
internal import Licensing

/// What a license says beside its dates.
struct ConditionOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Perpetual: the version covered for ever.", valueName: "version"))
  var release: String?

  @Option(help: ArgumentHelp("The most collectors online.", valueName: "n"))
  var collectors: Int64?

  @Option(help: "What happens to collectors above the limit (a new license: refuse).")
  var overage: Overage?

  @Option(
    help: ArgumentHelp(
      "Seconds that a beat keeps a collector online (a new license: 300).", valueName: "s"))
  var window: Int64?

  @Option(
    help: ArgumentHelp(
      "Seconds online before a collector counts (a new license: 0).", valueName: "s"))
  var dwell: Int64?

  @Option(
    help: "What a date bills that was not observed (a new license: carry for payg, else observed).")
  var gaps: GapRule?

  @Option(
    help: ArgumentHelp("The level of support, for people (a new license: 5x8).", valueName: "text"))
  var support: String?

  @Option(
    help: ArgumentHelp(
      "How many installations may be activated (a new license: 1).", valueName: "n"))
  var installations: Int64?

  @Option(
    help: ArgumentHelp(
      "Days of use after the term, with a warning (a new license: 0).", valueName: "n"))
  var graceDays: Int64?

  @Option(
    help:
      "How usage is reported (a new license: realtime for payg, daily else; offline without --gateway)."
  )
  var reporting: ReportingMode?

  @Option(help: ArgumentHelp("The gateway that takes reports.", valueName: "url"))
  var gateway: String?

  @Option(help: ArgumentHelp("Hours of use after the last acknowledged report.", valueName: "n"))
  var leaseHours: Int64?

  @Option(
    help: ArgumentHelp(
      "Payg: price of a collector and day, such as \"CNY 1.20\".", valueName: "price"),
    transform: { try Price(option: $0) })
  var price: Price?

  @Option(
    help:
      "Whether installations must be activated (a new license: required for payg, else optional).")
  var activation: ActivationRule?

  @Option(help: "Where a refusal takes effect (a new license: start).")
  var enforce: Enforcement?

  var limits: Collectors {
    Collectors(
      limit: collectors, overage: collectors == nil ? nil : overage ?? .refuse,
      window: window ?? Collectors.defaultWindow, dwell: dwell ?? 0)
  }

  func reports(_ edition: Edition) -> Reporting {
    let usual: ReportingMode =
      gateway == nil ? .offline : edition == .payg ? .realtime : .daily
    return Reporting(mode: reporting ?? usual, gateway: gateway, leaseHours: leaseHours)
  }

  /// The flags that are given, as changes to a license.
  var changes: LicenseChanges {
    var changes = LicenseChanges()
    changes.release = release
    changes.limit = collectors
    changes.overage = overage
    changes.window = window
    changes.dwell = dwell
    changes.gaps = gaps
    changes.support = support
    changes.installations = installations
    changes.graceDays = graceDays
    changes.reporting = reporting
    changes.gateway = gateway
    changes.leaseHours = leaseHours
    changes.price = price
    changes.activation = activation
    changes.enforce = enforce
    return changes
  }

  /// Holds everything that can be said of single flags of a new license, so that messages name them.
  func check(_ edition: Edition) throws(ValidationError) {
    try edition.hold(.release, release != nil, "--release", such: "--release 1.98.190")
    try edition.hold(.limit, collectors != nil, "--collectors", such: "--collectors 100")
    try edition.hold(.leaseHours, leaseHours != nil, "--lease-hours", such: "--lease-hours 72")
    try edition.hold(.price, price != nil, "--price", such: "--price \"CNY 1.20\"")
    if graceDays != nil, edition.requirement(of: .graceDays) == .forbidden {
      throw .misplaced("--grace-days", edition)
    }
    if overage != nil, collectors == nil {
      throw ValidationError("--overage needs --collectors: without a limit nothing is above it")
    }
    guard limits.dwell == 0 || limits.dwell >= limits.window else {
      throw ValidationError("--dwell must be 0, or at least --window")
    }
    try checkNumbers()
    try checkReporting(edition)
  }

  /// Holds what can be said of single flags whatever the license says.
  func checkNumbers() throws(ValidationError) {
    try Self.hold(collectors, in: LicenseLimits.collectors, "--collectors")
    try Self.hold(window, in: LicenseLimits.window, "--window")
    try Self.hold(dwell, in: LicenseLimits.dwell, "--dwell")
    try Self.hold(installations, in: LicenseLimits.installations, "--installations")
    try Self.hold(graceDays, in: LicenseLimits.graceDays, "--grace-days")
    try Self.hold(leaseHours, in: LicenseLimits.leaseHours, "--lease-hours")
    if let price, !LicenseLimits.price.contains(price.minorPerCollectorDay) {
      let most = Price(
        currency: price.currency, minorPerCollectorDay: LicenseLimits.price.upperBound)
      throw ValidationError("--price must be \(Money.text(most)) at most")
    }
    if let gateway, let fault = GatewayAddress.fault(gateway) {
      throw ValidationError(GatewayAddress.rule("--gateway", fault))
    }
  }

  private static func hold(
    _ value: Int64?, in range: ClosedRange<Int64>, _ flag: String
  ) throws(ValidationError) {
    guard let value, !range.contains(value) else { return }
    throw ValidationError("\(flag) must be from \(range.lowerBound) to \(range.upperBound)")
  }

  private func checkReporting(_ edition: Edition) throws(ValidationError) {
    guard gateway == nil || edition != .community else { throw .misplaced("--gateway", edition) }
    let mode = reports(edition).mode
    guard edition.reportingModes.contains(mode) else {
      let modes = edition.reportingModes.map(\.rawValue).joined(separator: " or ")
      throw ValidationError("--reporting of a \(edition.rawValue) license must be \(modes)")
    }
    guard (gateway == nil) == (mode == .offline) else {
      throw ValidationError(
        gateway == nil
          ? "--gateway is missing: --reporting \(mode.rawValue) needs to know where to"
          : "--gateway has no place beside --reporting offline: nothing ever dials then")
    }
    if edition == .payg, reporting == nil, gateway == nil {
      throw ValidationError(
        "--gateway is missing: a payg license reports in real time; without a network give "
          + "--reporting offline")
    }
  }
}

extension Edition {
  /// Holds one row of the edition's table.
  func hold(
    _ member: EditionMember, _ given: Bool, _ flag: String, such example: String
  ) throws(ValidationError) {
    switch (requirement(of: member), given) {
    case (.required, false):
      throw ValidationError(
        "\(flag) is missing: a \(rawValue) license needs it, such as \(example)")
    case (.forbidden, true): throw .misplaced(flag, self)
    case (.required, true), (.forbidden, false), (.optional, _): return
    }
  }
}

extension ValidationError {
  /// A flag that the edition has no use for.
  fileprivate static func misplaced(_ flag: String, _ edition: Edition) -> ValidationError {
    ValidationError("\(flag) has no place in a \(edition.rawValue) license: leave it out")
  }
}
