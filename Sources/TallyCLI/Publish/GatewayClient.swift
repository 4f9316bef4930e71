internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import Reporting
internal import Sealing
internal import Terminal

/// Sends publications to a gateway.
struct GatewayClient {
  private static let timeout = TimeAmount.seconds(120)
  private static let answerLimit = 1 << 20

  let address: GatewayAddress
  let token: String

  /// - Returns: the gateway's answer, as it came.
  /// - Throws: ``CommandError``: status 1 when the gateway refuses, 2 when it cannot be reached.
  func put(_ publication: Publication) async throws -> String {
    var configuration = HTTPClient.Configuration()
    configuration.redirectConfiguration = .disallow
    configuration.timeout.connect = .seconds(10)
    let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    let answer: Result<String, any Error>
    do { answer = .success(try await put(publication, client)) } catch { answer = .failure(error) }
    try? await client.shutdown()
    return try answer.get()
  }

  private func put(_ publication: Publication, _ client: HTTPClient) async throws -> String {
    var request = HTTPClientRequest(url: "\(address.text)/v1/publications")
    request.method = .PUT
    request.headers.add(name: "content-type", value: "application/json")
    request.headers.add(name: "authorization", value: "Bearer \(token)")
    request.body = .bytes(publication.json.serialized)
    let response: HTTPClientResponse
    let bytes: [UInt8]
    do {
      response = try await client.execute(request, timeout: Self.timeout)
      bytes = Array(buffer: try await response.body.collect(upTo: Self.answerLimit))
    } catch {
      throw CommandError(
        .fault,
        "\(address.text) did not take the publication (\(Self.reason(error))): check the address "
          + "and that the gateway runs, then publish again")
    }
    if (200..<300).contains(response.status.code) { return String(decoding: bytes, as: UTF8.self) }
    if let problem = Problem(bytes) {
      let status: ExitStatus = problem.retryable ? .fault : .refused
      throw CommandError(
        status, "\(address.text) answers \(problem.code.rawValue): \(problem.detail)")
    }
    throw CommandError(
      .fault,
      "\(address.text) answers with status \(response.status.code) and no problem document: is it "
        + "a gateway?")
  }

  private static func reason(_ error: any Error) -> String {
    guard let error = error as? HTTPClientError else { return "it cannot be reached" }
    return error.shortDescription
  }
}
