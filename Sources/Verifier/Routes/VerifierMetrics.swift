internal import Licensing
internal import Metering
internal import Sealing
package import Serving

/// What Prometheus reads: counters as things happen, gauges when it asks.
package struct VerifierMetrics: Sendable {
  /// By which way a beat came in.
  package enum Way: String, Sendable, CaseIterable {
    case usageTrace = "usage_trace"
    case admit
    case beats
  }

  package let registry = MetricsRegistry()
  /// What is added to with every request.
  private let ways: [Way: MetricsRegistry.Counter]
  let refused: MetricsRegistry.Counter
  let unidentified: MetricsRegistry.Counter
  let malformed: MetricsRegistry.Counter
  let weightless: MetricsRegistry.Counter
  let doubt: MetricsRegistry.Counter
  let denied: MetricsRegistry.Counter
  let unlisted: MetricsRegistry.Counter

  package init() {
    let registry = registry
    ways = Dictionary(
      uniqueKeysWithValues: Way.allCases.map { way in
        (way, registry.counter(.init("tally_beats_total", ["way": way.rawValue])))
      })
    refused = registry.counter(.init("tally_beats_refused_total"))
    unidentified = registry.counter(.init("tally_beats_unidentified_total"))
    malformed = registry.counter(.init("tally_beats_malformed_total"))
    weightless = registry.counter(.init("tally_weights_ignored_total"))
    doubt = registry.counter(.init("tally_intake_doubt_total"))
    denied = registry.counter(.init("tally_intake_denied_total"))
    unlisted = registry.counter(.init("tally_intake_unlisted_total"))
    declareIntake()
    registry.declare("tally_collectors_online", .gauge, "Collectors online.")
    registry.declare("tally_weight_online", .gauge, "Sum of the weights online.")
    registry.declare("tally_peak_today", .gauge, "Largest count of the open date so far.")
    registry.declare("tally_verdict_severity", .gauge, "0 allow, 1 warn, 2 deny, 3 cannot tell.")
    registry.declare(
      "tally_license_expiry_seconds", .gauge, "Seconds until the term ends; -1 without an end.")
    registry.declare("tally_ledger_seq", .gauge, "Last record of the chain.")
    registry.declare("tally_ledger_unreceipted", .gauge, "Records without a receipt.")
    registry.declare("tally_receipt_age_seconds", .gauge, "Age of the newest receipt; -1 for none.")
    registry.declare("tally_ready", .gauge, "1 when beats are counted and commits go through.")
    declareReporting()
  }

  private func declareIntake() {
    registry.declare("tally_beats_total", .counter, "Beats taken, by their way in.")
    registry.declare("tally_beats_refused_total", .counter, "Beats refused for the limit.")
    registry.declare("tally_beats_unidentified_total", .counter, "Pushes that name no collector.")
    registry.declare("tally_beats_uncounted_total", .counter, "Beats before there was a license.")
    registry.declare("tally_beats_malformed_total", .counter, "Beats that could not be read.")
    registry.declare(
      "tally_weights_ignored_total", .counter, "Usage traces whose usage_cores is no weight.")
    registry.declare("tally_intake_denied_total", .counter, "Pushes refused for the verdict.")
    registry.declare("tally_intake_doubt_total", .counter, "Pushes that could not be judged.")
    registry.declare(
      "tally_intake_unlisted_total", .counter, "Requests from peers that are not listed.")
    registry.declare(
      "tally_collectors_suspected_pairs", .gauge, "Identities that two collectors seem to share.")
  }

  func took(_ count: Int, _ way: Way) {
    ways[way]?.add(count)
  }

  func count(_ name: String, _ amount: Int = 1) {
    registry.add(Int64(amount), to: .init(name))
  }

  func set(_ name: String, _ value: Int64) {
    registry.set(.init(name), to: value)
  }
}

extension ControlDesk {
  /// Whether beats are counted and kept: what the verdict says is another question, for a beat that is
  /// turned away is a beat that nobody counts.
  package var isReady: Bool {
    counting.map { $0.keeper != nil && $0.isDurable } ?? false
  }

  /// Brings the gauges up to the present.
  func measure(_ metrics: VerifierMetrics) async throws(VerifierError) {
    if let view = counting?.keeper?.view {
      metrics.set("tally_collectors_online", view.collectors)
      metrics.set("tally_weight_online", view.online)
      metrics.set("tally_peak_today", view.summary?.peak?.count ?? 0)
      metrics.set("tally_collectors_suspected_pairs", Int64(counting?.keeper?.suspects.count ?? 0))
    }
    metrics.set("tally_verdict_severity", Self.severity(await standing.judgement))
    let head = try await installation.ledger.head().seq
    let through = try await installation.ledger.receipts().through
    metrics.set("tally_ledger_seq", head)
    metrics.set("tally_ledger_unreceipted", max(0, head - through))
    metrics.set("tally_ready", isReady ? 1 : 0)
    let now = installation.time.now ?? 0
    let content = await installation.shelf.content
    metrics.set("tally_receipt_age_seconds", content.newestReceipt.map { now - $0.iat } ?? -1)
    let current = try installation.surroundings.current(of: content, at: now)
    let ends = current.flatMap { $0.license.payload.period(in: $0.zone).ends }
    metrics.set("tally_license_expiry_seconds", ends.map { max(0, $0 - now) } ?? -1)
    try await measureReporting(metrics)
  }

  private static func severity(_ judgement: Judgement) -> Int64 {
    switch judgement {
    case .cannotTell: 3
    case .verdict(let verdict):
      switch verdict.outcome {
      case .allow: 0
      case .warn: 1
      case .deny: 2
      }
    }
  }
}
