package import Metering

/// The counter at one moment.
package struct MeterView: Sendable, Equatable {
  /// The date so far, nil in its very first second.
  package var summary: DaySummary?
  /// The rules that hold today.
  package var rules: CountingRules
  /// The sum of the weights online.
  package var online: Int64
  /// How many collectors are online.
  package var collectors: Int64
  /// The name of the second in progress.
  package var now: Int64
  /// The weights online beyond the limit.
  package var excess: Int64
  /// Since when there is an excess.
  package var overLimitSince: Int64?
}
