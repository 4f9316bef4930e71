internal import AsyncHTTPClient
internal import Billing
internal import Foundation
internal import Gateway
internal import NIOCore
internal import NIOHTTP1
internal import Platform
internal import Reporting
internal import Sealing
internal import Terminal

/// The gateway that runs on a state folder, asked where it listens. What a bundle holds is sealed by the
/// installation itself and needs no token.
struct ServeDesk: BundleDesk {
  private static let timeout = TimeAmount.seconds(120)
  /// A statement comes twice: as it reads, and sealed.
  private static let answerLimit = 2 * Statement.kind.maximumFile

  private let socket: String

  init(_ folder: GatewayState) { socket = folder.socket }

  func activate(_ request: ActivationRequest) async throws -> ActivationAnswer {
    try await post(request.json, "/v1/activations") { bytes throws(Refusal) in
      try ActivationAnswer(bytes)
    }
  }

  func report(_ request: ReportRequest) async throws -> ReportAnswer {
    try await post(request.json, "/v1/reports") { bytes throws(Refusal) in
      try ReportAnswer(bytes)
    }
  }

  /// Asks for something that needs a token.
  func ask(_ json: JSONValue, _ path: String, token: String) async throws -> JSONValue {
    try await post(json, path, token: token, again: "ask again") { bytes throws(Refusal) in
      try JSONScanner.scan(bytes, maximumDepth: 16)
    }
  }

  private func post<Answer: Sendable>(
    _ json: JSONValue, _ path: String, token: String? = nil,
    again: String = "bring the same bundle again",
    _ read: ([UInt8]) throws(Refusal) -> Answer
  ) async throws -> Answer {
    var configuration = HTTPClient.Configuration()
    configuration.redirectConfiguration = .disallow
    configuration.timeout.connect = .seconds(10)
    let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    let answer: Result<(UInt, [UInt8]), any Error>
    do { answer = .success(try await post(json, path, token, again, client)) } catch {
      answer = .failure(error)
    }
    try? await client.shutdown()
    let (status, bytes) = try answer.get()
    if status != 200, let problem = Problem(bytes) { throw problem }
    do throws(Refusal) { return try read(bytes) } catch {
      throw CommandError(
        .fault, "\(socket) answers with status \(status) what no gateway says: \(error.message)")
    }
  }

  private func post(
    _ json: JSONValue, _ path: String, _ token: String?, _ again: String, _ client: HTTPClient
  ) async throws -> (UInt, [UInt8]) {
    var request = HTTPClientRequest(
      url: URL(httpURLWithSocketPath: socket, uri: path)?.absoluteString ?? "")
    request.method = .POST
    request.headers.add(name: "content-type", value: "application/json")
    if let token { request.headers.add(name: "authorization", value: "Bearer \(token)") }
    request.body = .bytes(json.serialized)
    do {
      let response = try await client.execute(request, timeout: Self.timeout)
      let body = try await response.body.collect(upTo: Self.answerLimit)
      return (response.status.code, Array(body.readableBytesView))
    } catch is NIOTooManyBytesError {
      throw CommandError(
        .fault,
        "\(socket) answers with more than \(Self.answerLimit) bytes: what was asked for is done; look at "
          + "it with statement export")
    } catch {
      let reason = (error as? HTTPClientError)?.shortDescription ?? "it cannot be reached"
      throw CommandError(
        .fault,
        "serve does not answer at \(socket) (\(reason)): wait for it, or look at what it logs; "
          + "then \(again)")
    }
  }
}
