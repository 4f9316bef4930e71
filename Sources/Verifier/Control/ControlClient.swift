internal import AsyncHTTPClient
package import CivilTime
internal import NIOCore
internal import NIOHTTP1
internal import Reporting
package import Sealing

/// Asks a running daemon over its socket what ``ControlDesk`` answers in it.
package struct ControlClient: Sendable {
  private static let maximumAnswer = 16 * 1024 * 1024
  /// A report may wait for a gateway that does not answer.
  private static let deadline = Duration.seconds(120)

  private let socket: String

  package init(_ folder: StateFolder) {
    socket = folder.socket
  }

  package func status() async throws(VerifierError) -> JSONValue {
    try await ask(.GET, "/v1/control/status")
  }

  package func usage(on date: CivilDate?) async throws(VerifierError) -> JSONValue {
    try await ask(.GET, "/v1/control/usage" + (date.map { "?date=\($0)" } ?? ""))
  }

  package func review() async throws(VerifierError) -> JSONValue {
    try await ask(.GET, "/v1/control/review")
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

  private func ask(
    _ method: HTTPMethod, _ path: String, body: [UInt8]? = nil
  ) async throws(VerifierError) -> JSONValue {
    var configuration = HTTPClient.Configuration()
    configuration.connectionPool.retryConnectionEstablishment = false
    let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    var request = HTTPClientRequest(url: "http+unix://\(Self.escaped(socket))\(path)")
    request.method = method
    request.body = body.map { .bytes(ByteBuffer(bytes: $0)) }
    let status: UInt
    let bytes: [UInt8]
    do {
      (status, bytes) = try await Deadline.run(Self.deadline) { [request] in
        let response = try await http.execute(request, timeout: TimeAmount(Self.deadline))
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
      throw VerifierError(
        .notServing,
        "the process that works on the state folder does not answer at \(socket): wait for it, or "
          + "look whether serve runs")
    }
    return try Self.answer(status, bytes)
  }

  private static func answer(_ status: UInt, _ bytes: [UInt8]) throws(VerifierError) -> JSONValue {
    if status != 200, let problem = Problem(bytes) {
      throw VerifierError(
        problem.status < 500 ? .requestRefused : .stateUnusable, problem.detail,
        problem: problem)
    }
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
