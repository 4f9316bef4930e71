internal import CivilTime
internal import Metering
internal import Synchronization

/// Beats from identities, and from whole bodies of requests.
struct IdentityBench {
  private static let collectors = 100_000
  private static let request = 1000
  private let key: SipHash.Key
  private let rules: CountingRules

  init() throws {
    guard let key = SipHash.Key(Array(1...16)), let rules = CountingRules() else {
      throw BenchError("no key")
    }
    self.key = key
    self.rules = rules
  }

  /// From kind and text to digest to beat: beats in a second of the processor.
  func strings(rounds: Int) -> [Double] {
    let names = (0..<Self.collectors).map { "web-\($0).eu-central.example.com" }.shuffled()
    var presence = Presence(rules: rules, at: 0)
    return (0..<rounds + 1).map { round in
      let time = Stopwatch.time {
        for name in names {
          guard let identity = CollectorIdentity(kind: "datakit", text: name) else { continue }
          _ = presence.beat(CollectorID(identity, key: key), at: Int64(round))
        }
      }
      _ = presence.takeRows()
      return Double(Self.collectors) / time
    }.dropFirst().map { $0 }
  }

  /// What a body says of a collector.
  enum Shape: String, CaseIterable {
    case short, full

    func line(_ collector: Int) -> String {
      switch self {
      case .short: #"{"collector":"web-\#(collector).example.com"}"#
      case .full:
        #"{"collector":"web-\#(collector).example.com","kind":"datakit","weight":4,"#
          + #""version":"1.80.0","host":"web-\#(collector).eu.example.com","run":"rt-\#(collector)"}"#
      }
    }
  }

  /// Bodies of a thousand lines, parsed and taken under one lock as the verifier does it: beats in a
  /// second of the processor.
  func bodies(_ shape: Shape, rounds: Int) throws -> [Double] {
    let bodies = (0..<Self.collectors / Self.request).map { request in
      Array(
        (0..<Self.request).map { shape.line(request * Self.request + $0) }
          .joined(separator: "\n").utf8)
    }
    let meter = Mutex(Meter(rules: rules, days: .zone(.utc), boot: 0, wall: 1_800_000_000))
    var rates: [Double] = []
    for round in 0...rounds {
      let time = try Stopwatch.time {
        for body in bodies.shuffled() {
          let keyed = try NativeBeats.parse(body).map { KeyedBeat($0, key: key) }
          let taken = meter.withLock { $0.take(keyed, at: Int64(round)).count }
          precondition(taken == Self.request, "a body is taken whole")
        }
      }
      _ = meter.withLock { $0.takeChanges().rows.count }
      rates.append(Double(Self.collectors) / time)
    }
    return Array(rates.dropFirst())
  }
}
