import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// What a daemon answered.
struct Answer: Sendable {
  let status: Int
  let body: String
}

/// Requests to the daemons.
enum HTTP {
  static func get(_ url: String, token: String? = nil) async throws -> Answer {
    try await send(HTTPClientRequest(url: url), token: token)
  }

  static func post(_ url: String, _ body: String, token: String? = nil) async throws -> Answer {
    var request = HTTPClientRequest(url: url)
    request.method = .POST
    request.body = .bytes(ByteBuffer(string: body))
    return try await send(request, token: token)
  }

  private static func send(_ request: HTTPClientRequest, token: String?) async throws -> Answer {
    var request = request
    if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
    let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
    let body = try await response.body.collect(upTo: 4 << 20)
    return Answer(status: Int(response.status.code), body: String(buffer: body))
  }

  /// The usage trace of a collector, as it posts it every minute.
  static func usageTrace(_ hostname: String, cores: Int, to verifier: String) async throws {
    let body = """
      {"arch":"amd64","cpu_cores":8,"datakit_version":"1.80.0","hostname":"\(hostname)",\
      "inputs":["cpu","mem"],"ip":"10.0.0.1","os":"linux","run_in_container":false,\
      "run_mode":"normal","runtime_id":"rt-\(hostname)","token":"tkn_0123456789abcdef",\
      "uptime":0,"usage_cores":\(cores)}
      """
    let answer = try await post(
      "\(verifier)/v1/datakit/usage_trace?token=tkn_0123456789abcdef", body)
    guard answer.status == 200 else {
      throw TestFault("usage trace: \(answer.status) \(answer.body)")
    }
  }
}
