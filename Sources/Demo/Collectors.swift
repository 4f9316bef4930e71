import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// Collectors that send usage traces as a DataKit does: JSON without a Content-Type, a token of their
/// own in the query, their name in `hostname`.
struct Collectors {
  let client: HTTPClient
  /// Where the verifier listens.
  let address: String

  /// The collectors' own token, no credential of ours.
  private static let token = "tkn_0123456789abcdef0123456789abcdef"
  private var url: String { "\(address)/v1/datakit/usage_trace?token=\(Self.token)" }

  /// One collector: its host name and its weight in cores.
  struct Collector {
    let hostname: String
    let cores: Int
  }

  /// Has every collector send one usage trace, a few at a time.
  /// - Throws: ``DemoError`` unless each is answered 200.
  func send(_ collectors: [Collector]) async throws {
    if let first = collectors.first {
      say(
        "$ curl '\(url)' -d '{\"hostname\":\"\(first.hostname)\",\"usage_cores\":\(first.cores)}'"
          + "   # and so for each of \(collectors.count)")
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      var waiting = collectors[...]
      for collector in waiting.prefix(16) {
        group.addTask { try await send(collector) }
      }
      waiting = waiting.dropFirst(16)
      while try await group.next() != nil {
        if let collector = waiting.popFirst() {
          group.addTask { try await send(collector) }
        }
      }
    }
  }

  private func send(_ collector: Collector) async throws {
    var request = HTTPClientRequest(url: url)
    request.method = .POST
    request.headers.add(
      name: "User-Agent", value: "datakit-linux-amd64/1.80.0/\(collector.hostname)")
    request.headers.add(name: "Referer", value: "DataKit")
    let body = """
      {"arch":"amd64","cpu_cores":8,"datakit_version":"1.80.0","hostname":"\(collector.hostname)",\
      "inputs":["cpu","mem"],"ip":"10.0.0.1","os":"linux","run_in_container":false,\
      "run_mode":"normal","runtime_id":"rt-\(collector.hostname)","token":"\(Self.token)","uptime":60,\
      "usage_cores":\(collector.cores)}
      """
    request.body = .bytes(ByteBuffer(string: body))
    let response = try await client.execute(request, timeout: .seconds(5))
    _ = try await response.body.collect(upTo: 65_536)
    guard response.status == .ok else {
      throw DemoError("a usage trace was answered \(response.status)")
    }
  }
}
