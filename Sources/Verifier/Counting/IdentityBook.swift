package import CivilTime
internal import Sealing
internal import Synchronization

/// By which rules collectors are told apart, date by date.
///
/// A date is counted under one rule from its first second to its last: other settings hold from the next
/// midnight, whatever happens to the process meanwhile. The journal keeps what was decided.
package final class IdentityBook: Sendable {
  /// Rules, and the first date for which they hold.
  package struct Entry: Sendable, Hashable {
    package var from: CivilDate
    package var rules: IdentityRules

    package init(from: CivilDate, rules: IdentityRules) {
      self.from = from
      self.rules = rules
    }
  }

  private struct State {
    var entries: [Entry] = []
    var rules: IdentityRules
  }

  /// What the settings ask for.
  private let wanted: IdentityRules
  private let state: Mutex<State>

  package init(_ wanted: IdentityRules) {
    self.wanted = wanted
    state = Mutex(State(rules: wanted))
  }

  /// The rules that hold now. Read by every push.
  package var rules: IdentityRules { state.withLock { $0.rules } }

  /// The rule of a date, as its records say it.
  package func rule(on date: CivilDate) -> String {
    state.withLock { (Self.rules(on: date, $0.entries) ?? $0.rules).text }
  }

  private static func rules(on date: CivilDate, _ entries: [Entry]) -> IdentityRules? {
    (entries.last { $0.from <= date } ?? entries.first)?.rules
  }

  /// Begins with what the journal has.
  /// - Parameters:
  ///   - kept: the journal's entries, in order.
  ///   - date: the date that it counts.
  ///   - wasCounted: whether anything of that date was counted before; where nothing says by which
  ///     rules, it was by the standard ones.
  /// - Returns: what the journal has to keep in place of its entries.
  package func open(_ kept: [Entry], on date: CivilDate, wasCounted: Bool) -> [Entry] {
    state.withLock { state in
      var entries = kept.filter { $0.from <= date }
      if entries.isEmpty {
        entries = [Entry(from: date, rules: wasCounted ? .standard : wanted)]
      }
      state.rules = Self.rules(on: date, entries) ?? wanted
      if state.rules != wanted, let next = date.adding(days: 1) {
        entries.append(Entry(from: next, rules: wanted))
      }
      state.entries = entries
      return entries
    }
  }

  /// A date is being counted.
  /// - Returns: the kinds whose collectors may have other names from now on.
  package func reach(_ date: CivilDate) -> Set<String> {
    state.withLock { state in
      guard let rules = Self.rules(on: date, state.entries), rules != state.rules else { return [] }
      defer { state.rules = rules }
      return state.rules.kindsNamedDifferently(under: rules)
    }
  }
}
