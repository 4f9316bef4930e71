internal import Reporting
internal import Serving
internal import Synchronization

/// What the gateway counts.
package struct GatewayMetrics: Sendable {
  private let registry = MetricsRegistry()
  private let counters: Counters

  /// The counters of what happens with every request.
  private final class Counters: Sendable {
    private struct Answered: Hashable {
      let path: String
      let status: Int
    }

    private let registry: MetricsRegistry
    private let answers = Mutex<[Answered: MetricsRegistry.Counter]>([:])
    let records: [RecordResult.Status: MetricsRegistry.Counter]
    let receipts: MetricsRegistry.Counter

    init(_ registry: MetricsRegistry) {
      self.registry = registry
      receipts = registry.counter(.init(Name.receipts))
      records = Dictionary(
        uniqueKeysWithValues: RecordResult.Status.allCases.map {
          ($0, registry.counter(.init(Name.records, ["status": $0.rawValue])))
        })
    }

    func answers(_ path: String, _ status: Int) -> MetricsRegistry.Counter {
      answers.withLock { answers in
        let key = Answered(path: path, status: status)
        if let counter = answers[key] { return counter }
        let counter = registry.counter(
          .init(Name.requests, ["path": path, "status": String(status)]))
        answers[key] = counter
        return counter
      }
    }
  }

  private enum Name {
    static let requests = "tally_gateway_requests_total"
    static let records = "tally_gateway_records_total"
    static let receipts = "tally_gateway_receipts_total"
    static let activations = "tally_gateway_activations_total"
    static let closed = "tally_gateway_dates_closed_total"
    static let findings = "tally_gateway_findings_open"
    static let problems = "tally_gateway_problems_total"
    static let ready = "tally_gateway_ready"
    static let epoch = "tally_gateway_keyset_epoch"
    static let expiry = "tally_gateway_tls_expiry_seconds"
    static let deliveries = "tally_gateway_webhook_deliveries_total"
    static let oldest = "tally_gateway_webhook_oldest_seconds"
  }

  package init() {
    counters = Counters(registry)
    registry.declare(Name.requests, .counter, "Requests answered, by path and status.")
    registry.declare(Name.records, .counter, "Usage records reported, by what became of them.")
    registry.declare(Name.receipts, .counter, "Reports answered with a receipt.")
    registry.declare(Name.activations, .counter, "Enrolments answered with an activation.")
    registry.declare(Name.closed, .counter, "Dates closed without a day record.")
    registry.declare(
      Name.findings, .gauge, "Findings that are not resolved, by code, as of the last round.")
    registry.declare(Name.problems, .counter, "Requests refused, by code.")
    registry.declare(Name.ready, .gauge, "1 while requests can be served, else 0.")
    registry.declare(Name.epoch, .gauge, "Epoch of the keyset in use.")
    registry.declare(
      Name.expiry, .gauge, "Seconds until the TLS certificate ends; -1 without one.")
    registry.set(.init(Name.expiry), to: -1)
    registry.declare(
      Name.deliveries, .counter, "Tries to deliver an event, by outcome.")
    registry.declare(
      Name.oldest, .gauge, "Seconds since the oldest undelivered event was put in line.")
  }

  func answered(_ path: String, status: Int) {
    counters.answers(path, status).add()
  }

  func refused(_ problem: Problem) {
    registry.add(to: .init(Name.problems, ["code": problem.code.rawValue]))
  }

  func acknowledged(_ answer: ReportAnswer) {
    counters.receipts.add()
    for result in answer.results { counters.records[result.status]?.add() }
  }

  /// - Parameter counts: of the codes of which any is unresolved.
  func found(_ counts: [LedgerFinding.Code: Int64]) {
    for code in LedgerFinding.Code.allCases {
      registry.set(.init(Name.findings, ["code": code.rawValue]), to: counts[code] ?? 0)
    }
  }

  func closed(_ dates: Int) { registry.add(Int64(dates), to: .init(Name.closed)) }
  func certificateEnds(in seconds: Int64) {
    registry.set(.init(Name.expiry), to: max(0, seconds))
  }

  /// What became of a try to deliver an event.
  enum WebhookOutcome: String {
    case delivered
    /// It is tried again.
    case failed
    case givenUp = "given_up"
  }

  func webhook(_ outcome: WebhookOutcome) {
    registry.add(to: .init(Name.deliveries, ["outcome": outcome.rawValue]))
  }

  func oldestDelivery(_ seconds: Int64) { registry.set(.init(Name.oldest), to: seconds) }

  func activated() { registry.add(to: .init(Name.activations)) }

  /// The exposition, with the gauges as of now.
  func text(isReady: Bool, epoch: Int64) -> String {
    registry.set(.init(Name.ready), to: isReady ? 1 : 0)
    registry.set(.init(Name.epoch), to: epoch)
    return registry.text()
  }
}
