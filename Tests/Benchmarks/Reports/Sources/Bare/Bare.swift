internal import CBareSignature
internal import Glibc
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import Serving

/// The gateway's server with one route that does no more than must be done: it verifies one Ed25519
/// signature and makes one.
///
/// A body is a signature of 64 bytes and the message. The answer is as long as the gateway's answer to a
/// report: what was signed, and the signature.
@main
struct Bare {
  /// The length of what is signed: that of a receipt.
  static let receipt = 480
  /// The rest of an answer.
  static let rest = 190

  static func main() async throws {
    guard bare_load([UInt8](repeating: 7, count: 32)) == 1 else {
      throw HTTPError(.internalServerError)
    }
    let router = Router(context: PeerContext.self)
    router.post("v1/reports") { request, _ in
      let bytes = try await request.bytes(upTo: 8 * 1024 * 1024)
      return try answer(bytes)
    }
    let application = Application(
      router: router, server: .edge(EdgeLimits(), tls: nil),
      configuration: ApplicationConfiguration(
        address: .hostname("127.0.0.1", port: 0), serverName: "bare"),
      onServerRunning: { channel in
        print("listening on http://127.0.0.1:\(channel.localAddress?.port ?? 0)")
        fflush(nil)
      },
      logger: Logger(label: "bare") { _ in SwiftLogNoOpLogHandler() })
    try await application.runService()
  }

  private static func answer(_ bytes: [UInt8]) throws -> Response {
    let isValid =
      bytes.count > 64
      && bytes.withUnsafeBufferPointer { bytes in
        guard let start = bytes.baseAddress else { return false }
        return bare_verify(start, start + 64, bytes.count - 64) == 1
      }
    guard isValid else { throw HTTPError(.badRequest) }
    let message = [UInt8](repeating: 0x61, count: receipt)
    var signature = [UInt8](repeating: 0, count: 64)
    guard bare_sign(message, message.count, &signature) == 1 else {
      throw HTTPError(.internalServerError)
    }
    return Response(
      bytes: message + signature + [UInt8](repeating: 0x61, count: rest),
      type: "application/octet-stream")
  }
}
