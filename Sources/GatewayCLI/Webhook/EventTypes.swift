internal import ArgumentParser
internal import Gateway

/// Several types of events joined by commas.
struct EventTypes: ExpressibleByArgument {
  let values: Set<EventType>

  /// Every type there is, for help.
  static let list = EventType.allCases.map(\.rawValue).sorted().joined(separator: ", ")

  init?(argument: String) {
    let names = argument.split(separator: ",", omittingEmptySubsequences: false)
    let types = names.compactMap { EventType(rawValue: String($0)) }
    guard types.count == names.count else { return nil }
    values = Set(types)
  }
}
