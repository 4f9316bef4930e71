internal import AsyncHTTPClient
package import CivilTime
internal import NIOCore
internal import NIOHTTP1
internal import Sealing

extension ControlClient {
  /// Who counted at the peak of a date.
  package func explain(
    _ request: ExplainRequest, to sink: some LineSink
  ) async throws(VerifierError) {
    try await lines("/v1/control/explain?\(request.query)", to: sink)
  }

  /// All leaves of a date, without names.
  package func evidence(
    of date: CivilDate, to sink: some LineSink
  ) async throws(VerifierError) {
    try await lines("/v1/control/evidence?date=\(date)", to: sink)
  }

  private func lines(_ path: String, to sink: some LineSink) async throws(VerifierError) {
    let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: Self.configuration)
    do {
      try await read(path, http, to: sink)
      try await http.shutdown()
    } catch {
      try? await http.shutdown()
      if error is Refusal {
        throw VerifierError(.stateUnusable, "serve answers what cannot be read: \(error)")
      }
      if error is HTTPClientError || error is ChannelError || error is IOError {
        throw unanswered()
      }
      throw LineAnswer.fault(error)
    }
  }

  private func read(_ path: String, _ http: HTTPClient, to sink: some LineSink) async throws {
    let response = try await http.execute(request(.GET, path), timeout: .hours(1))
    guard response.status.code == 200 else {
      let body = try await response.body.collect(upTo: Self.maximumAnswer)
      _ = try Self.answer(response.status.code, Array(body.readableBytesView))
      throw unanswered()
    }
    var reader = LineReader()
    var isBegun = false
    do {
      for try await part in response.body {
        let elements = try reader.take(part.readableBytesView)
        if let head = reader.head, !isBegun {
          isBegun = true
          try await sink.begin(head)
        }
        if !elements.isEmpty { try await sink.take(elements) }
      }
    } catch let error as HTTPClientError {
      // What was handed on cannot be taken back: nobody asks again.
      guard isBegun else { throw error }
    }
    guard reader.isWhole else {
      throw VerifierError(.stateUnusable, "serve broke off its answer: look at what it logs")
    }
  }
}
