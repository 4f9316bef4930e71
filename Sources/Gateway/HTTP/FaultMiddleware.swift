internal import Hummingbird
internal import Libcrypto
internal import Logging
internal import Platform
internal import Reporting
internal import Storage

/// Turns the faults of what the gateway stands on into problems that say whether to try again.
struct FaultMiddleware<Context: RequestContext>: RouterMiddleware {
  func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch let error as StorageError {
      context.logger.error("store: \(error.message)", metadata: ["code": "\(error.code.rawValue)"])
      throw Problem(
        .storeUnavailable,
        "nothing was acknowledged: send the same request again, what was stored counts once")
    } catch let error as PlatformError {
      context.logger.error("machine: \(error.message)")
      throw Problem(.internalFault, "the gateway's machine is at fault: try again later")
    } catch let error as LibcryptoError {
      context.logger.error("cryptography: \(error.message)")
      throw Problem(.internalFault, "the gateway's machine is at fault: try again later")
    }
  }
}
