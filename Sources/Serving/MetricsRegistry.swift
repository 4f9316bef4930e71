internal import Synchronization

/// Counters and gauges in the Prometheus text exposition format 0.0.4.
///
/// Only names, help texts and label values that the program itself chooses go in: codes, never input.
package final class MetricsRegistry: Sendable {
  /// A metric's name and the labels of one series of it.
  package struct Series: Hashable, Sendable {
    package let name: String
    /// Label names with their values, in the order in which they are written.
    package let labels: [[String]]

    package init(_ name: String, _ labels: KeyValuePairs<String, String> = [:]) {
      self.name = name
      self.labels = labels.map { [$0.key, $0.value] }
    }
  }

  package enum Kind: String, Sendable {
    case counter
    case gauge
  }

  /// A series that is added to without a lock: for what happens with every request.
  package final class Counter: Sendable {
    private let count = Atomic<Int64>(0)

    package func add(_ amount: Int = 1) {
      count.wrappingAdd(Int64(amount), ordering: .relaxed)
    }

    fileprivate var value: Int64 { count.load(ordering: .relaxed) }
  }

  private struct State {
    var descriptions: [(name: String, kind: Kind, help: String)] = []
    var values: [Series: Int64] = [:]
    var counters: [Series: Counter] = [:]
  }

  private let state = Mutex(State())

  package init() {}

  /// Declares a metric; series without labels start at 0.
  package func declare(_ name: String, _ kind: Kind, _ help: String) {
    state.withLock { state in
      state.descriptions.append((name, kind, help))
    }
  }

  /// The counter of a series, which is shown once something was added to it.
  package func counter(_ series: Series) -> Counter {
    state.withLock { state in
      if let counter = state.counters[series] { return counter }
      let counter = Counter()
      state.counters[series] = counter
      return counter
    }
  }

  /// Adds to a counter.
  package func add(_ amount: Int64 = 1, to series: Series) {
    state.withLock { $0.values[series, default: 0] &+= amount }
  }

  /// Sets a gauge.
  package func set(_ series: Series, to value: Int64) {
    state.withLock { $0.values[series] = value }
  }

  /// The exposition text.
  package func text() -> String {
    state.withLock { state in
      var values = state.values
      for (series, counter) in state.counters where counter.value != 0 {
        values[series, default: 0] &+= counter.value
      }
      let byName = Dictionary(grouping: values, by: \.key.name)
      var lines: [String] = []
      for (name, kind, help) in state.descriptions {
        lines.append("# HELP \(name) \(help)")
        lines.append("# TYPE \(name) \(kind.rawValue)")
        let series = byName[name] ?? []
        if series.isEmpty { lines.append("\(name) 0") }
        for (key, value) in series.sorted(by: { "\($0.key.labels)" < "\($1.key.labels)" }) {
          lines.append("\(name)\(Self.labels(key)) \(value)")
        }
      }
      return lines.joined(separator: "\n") + "\n"
    }
  }

  private static func labels(_ series: Series) -> String {
    guard !series.labels.isEmpty else { return "" }
    let pairs = series.labels.map { pair in
      let value = pair[1].reduce(into: "") { text, character in
        switch character {
        case "\\": text += "\\\\"
        case "\"": text += "\\\""
        case "\n": text += "\\n"
        default: text.append(character)
        }
      }
      return "\(pair[0])=\"\(value)\""
    }
    return "{\(pairs.joined(separator: ","))}"
  }
}
