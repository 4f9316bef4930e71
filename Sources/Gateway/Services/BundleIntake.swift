package import Reporting
package import Sealing

/// Where a bundle's reports are taken: a gateway opened here, or one that runs.
package protocol BundleDesk: Sendable {
  /// - Throws: ``Problem``.
  func activate(_ request: ActivationRequest) async throws -> ActivationAnswer
  /// - Throws: ``Problem``.
  func report(_ request: ReportRequest) async throws -> ReportAnswer
}

extension Gateway: BundleDesk {
  package func activate(_ request: ActivationRequest) async throws -> ActivationAnswer {
    try await activations.activate(request)
  }

  package func report(_ request: ReportRequest) async throws -> ReportAnswer {
    try await reports.take(request)
  }
}

/// What a bundle came to.
package struct BundleOutcome: Sendable {
  package let installation: Thumbprint
  /// What the courier takes back; empty where nothing was acknowledged.
  package fileprivate(set) var answer = BundleAnswer()
  /// What became of each record, in their order.
  package fileprivate(set) var results: [RecordResult] = []
  /// What ended it before everything was taken.
  package fileprivate(set) var problem: Problem?

  package func count(_ status: RecordResult.Status) -> Int {
    results.count { $0.status == status }
  }
}

/// Takes a bundle as the requests that it stands for: an enrolment, reports of at most a thousand
/// records, a sign of life.
///
/// The same bundle comes to the same requests, so that it gets the same receipts however often it is
/// brought, but for a sign of life that a later one has overtaken: that gets the newest receipt.
package enum BundleIntake {
  /// Takes everything up to the first refusal; what was acknowledged before it stands in the answer.
  /// - Throws: what the desk throws, but for a ``Problem`` that asking again does not help.
  package static func take(
    _ bundle: ReportBundle, at desk: some BundleDesk
  ) async throws -> BundleOutcome {
    var outcome = BundleOutcome(installation: bundle.installation)
    do {
      if let request = bundle.activation {
        let answer = try await desk.activate(request)
        outcome.answer.activation = answer.activation
        outcome.answer.delivery = answer.delivery
      }
      for report in bundle.reports {
        let answer = try await desk.report(report)
        outcome.results += answer.results
        if outcome.answer.receipts.last != answer.receipt {
          outcome.answer.receipts.append(answer.receipt)
        }
        outcome.answer.delivery = answer.delivery
        guard let refused = answer.results.first(where: { $0.status == .refused }) else { continue }
        outcome.problem = Self.problem(refused)
        break
      }
    } catch let problem as Problem where !problem.retryable {
      outcome.problem = problem
    }
    return outcome
  }

  /// Why a record was refused after others were taken.
  private static func problem(_ result: RecordResult) -> Problem {
    let code = result.code.flatMap { Problem.Code(rawValue: $0) } ?? .malformed
    return Problem(code, "record \(result.seq) is not taken, and nothing after it")
  }
}
