internal import AsyncHTTPClient
package import CivilTime
internal import NIOCore
internal import NIOHTTP1
internal import Reporting
package import Sealing
internal import Serving

/// Asks a running daemon over its socket what ``ControlDesk`` answers in it.
package struct ControlClient: Sendable {
  static let maximumAnswer = DocumentKind.statement.maximumFile
  /// A report may wait for a gateway that does not answer.
  private static let deadline = Duration.seconds(120)
  /// Everything is read again, of years perhaps.
  private static let longestReview = Duration.seconds(4 * 3600)

  private let socket: String

  package init(_ folder: StateFolder) {
    socket = folder.socket
  }

  /// - Parameter runs: how many of the latest attempts to report are shown.
  package func status(
    runs: Int = ControlDesk.shownRuns
  ) async throws(VerifierError) -> JSONValue {
    try await ask(.GET, "/v1/control/status?runs=\(runs)")
  }

  package func usage(on date: CivilDate?) async throws(VerifierError) -> JSONValue {
    try await ask(.GET, "/v1/control/usage" + (date.map { "?date=\($0)" } ?? ""))
  }

  package func collectors(_ query: InventoryQuery) async throws(VerifierError) -> JSONValue {
    try await ask(.GET, "/v1/control/collectors?\(query.text)")
  }

  package func review() async throws(VerifierError) -> JSONValue {
    try await ask(.GET, "/v1/control/review", deadline: Self.longestReview)
  }

  package func report() async throws(VerifierError) -> JSONValue {
    try await ask(.POST, "/v1/control/report")
  }

  package func activate() async throws(VerifierError) -> JSONValue {
    try await ask(.POST, "/v1/control/activate")
  }

  package func install(
    _ file: [UInt8], source: String
  ) async throws(VerifierError) -> JSONValue {
    try await ask(.POST, "/v1/control/license?source=\(Self.escaped(source))", body: file)
  }

  func ask(
    _ method: HTTPMethod, _ path: String, body: [UInt8]? = nil, deadline: Duration = deadline
  ) async throws(VerifierError) -> JSONValue {
    let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: Self.configuration)
    let request = request(method, path, body: body)
    let status: UInt
    let bytes: [UInt8]
    do {
      (status, bytes) = try await Deadline.run(deadline) { [request] in
        let response = try await http.execute(request, timeout: TimeAmount(deadline))
        let body = try await response.body.collect(upTo: Self.maximumAnswer)
        return (response.status.code, Array(body.readableBytesView))
      }
      try await http.shutdown()
    } catch {
      try? await http.shutdown()
      if error is Deadline.Exceeded || error as? HTTPClientError == .deadlineExceeded {
        throw VerifierError(
          .stateUnusable, "serve does not answer at \(socket): look at what it logs")
      }
      throw unanswered()
    }
    return try Self.answer(status, bytes)
  }

  static var configuration: HTTPClient.Configuration {
    var configuration = HTTPClient.Configuration()
    configuration.connectionPool.retryConnectionEstablishment = false
    return configuration
  }

  func request(
    _ method: HTTPMethod, _ path: String, body: [UInt8]? = nil
  ) -> HTTPClientRequest {
    var request = HTTPClientRequest(url: "http+unix://\(Self.escaped(socket))\(path)")
    request.method = method
    request.body = body.map { .bytes(ByteBuffer(bytes: $0)) }
    return request
  }

  func unanswered() -> VerifierError {
    VerifierError(
      .notServing,
      "the process that works on the state folder does not answer at \(socket): wait for it, or "
        + "look whether serve runs")
  }

  static func answer(_ status: UInt, _ bytes: [UInt8]) throws(VerifierError) -> JSONValue {
    if status != 200, let problem = Problem(bytes) { throw VerifierError(answered: problem) }
    do throws(Refusal) { return try JSONScanner.scan(bytes, maximumDepth: 16) } catch {
      throw VerifierError(.notServing, "serve answers what cannot be read: \(error.message)")
    }
  }

  /// Percent-encoding of everything but letters, digits and `-._~` (RFC 3986 section 2.3).
  static func escaped(_ text: String) -> String {
    text.utf8.reduce(into: "") { escaped, byte in
      let scalar = Unicode.Scalar(byte)
      let isWord = scalar.properties.isAlphabetic && byte < 0x80
      if isWord || (0x30...0x39).contains(byte) || "-._~".utf8.contains(byte) {
        escaped.unicodeScalars.append(scalar)
      } else {
        escaped += "%" + Hexadecimal.encode([byte]).uppercased()
      }
    }
  }
}
