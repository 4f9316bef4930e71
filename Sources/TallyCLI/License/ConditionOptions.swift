internal import ArgumentParser
internal import Authority
internal import Licensing

/// What a license says beside its dates.
struct ConditionOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Perpetual: the version covered for ever.", valueName: "version"))
  var release: String?

  @Option(help: ArgumentHelp("The most collectors online.", valueName: "n"))
  var collectors: Int64?

  @Option(help: "What happens to collectors above the limit (default: refuse).")
  var overage: Overage?

  @Option(help: ArgumentHelp("Seconds that a beat keeps a collector online.", valueName: "s"))
  var window: Int64 = Collectors.defaultWindow

  @Option(help: ArgumentHelp("Seconds online before a collector counts.", valueName: "s"))
  var dwell: Int64 = 0

  @Option(help: "What a date bills that was not observed (default: carry for payg, else observed).")
  var gaps: GapRule?

  @Option(help: ArgumentHelp("The level of support, for people.", valueName: "text"))
  var support: String = "5x8"

  @Option(help: ArgumentHelp("How many installations may be activated.", valueName: "n"))
  var installations: Int64 = 1

  @Option(
    help: ArgumentHelp("Days of use after the term, with a warning (default: 0).", valueName: "n"))
  var graceDays: Int64?

  @Option(
    help:
      "How usage is reported (default: realtime for payg, daily else; offline without --gateway).")
  var reporting: ReportingMode?

  @Option(help: ArgumentHelp("The gateway that takes reports.", valueName: "url"))
  var gateway: String?

  @Option(help: ArgumentHelp("Hours of use after the last acknowledged report.", valueName: "n"))
  var leaseHours: Int64?

  @Option(
    help: ArgumentHelp(
      "Payg: price of a collector and day, such as \"CNY 1.20\".", valueName: "price"))
  var price: Price?

  @Option(
    help: "Whether installations must be activated (default: required for payg, else optional).")
  var activation: ActivationRule?

  @Option(help: "Where a refusal takes effect.")
  var enforce: Enforcement = .start

  var limits: Collectors {
    Collectors(
      limit: collectors, overage: collectors == nil ? nil : overage ?? .refuse, window: window,
      dwell: dwell)
  }

  func reports(_ edition: Edition) -> Reporting {
    let usual: ReportingMode =
      gateway == nil ? .offline : edition == .payg ? .realtime : .daily
    return Reporting(mode: reporting ?? usual, gateway: gateway, leaseHours: leaseHours)
  }

  /// Holds everything that can be said of single flags, so that messages name them.
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
    try checkNumbers()
    try checkReporting(edition)
  }

  private func checkNumbers() throws(ValidationError) {
    try Self.hold(collectors, in: LicenseLimits.collectors, "--collectors")
    try Self.hold(window, in: LicenseLimits.window, "--window")
    try Self.hold(dwell, in: LicenseLimits.dwell, "--dwell")
    try Self.hold(installations, in: LicenseLimits.installations, "--installations")
    try Self.hold(graceDays, in: LicenseLimits.graceDays, "--grace-days")
    try Self.hold(leaseHours, in: LicenseLimits.leaseHours, "--lease-hours")
    try Self.hold(price?.minorPerCollectorDay, in: LicenseLimits.price, "--price, in minor units,")
    guard dwell == 0 || dwell >= window else {
      throw ValidationError("--dwell must be 0, or at least --window")
    }
  }

  private static func hold(
    _ value: Int64?, in range: ClosedRange<Int64>, _ flag: String
  ) throws(ValidationError) {
    guard let value, !range.contains(value) else { return }
    throw ValidationError("\(flag) must be from \(range.lowerBound) to \(range.upperBound)")
  }

  private func checkReporting(_ edition: Edition) throws(ValidationError) {
    if let gateway {
      guard GatewayAddress(gateway) != nil else {
        throw ValidationError(GatewayAddress.rule("--gateway"))
      }
      guard edition != .community else { throw .misplaced("--gateway", edition) }
    }
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
