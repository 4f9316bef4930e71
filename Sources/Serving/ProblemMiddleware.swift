package import HTTPTypes
package import Hummingbird
internal import Logging
package import Reporting
package import Sealing

/// Turns everything that a route throws into a problem document: the one place where a fault becomes an
/// HTTP answer. A fault that has no code shows a request id and no text.
package struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
  package init() {}

  package func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch let problem as Problem {
      return Response(problem)
    } catch let error as HTTPError {
      return Response(Problem(status: error.status.code))
    } catch is CancellationError {
      return Response(Problem(.notReady, "the service is stopping: try again"))
    } catch {
      context.logger.error("unexpected fault", metadata: ["error": "\(type(of: error))"])
      return Response(
        Problem(.internalFault, "something failed here: quote request \(context.id) to support"))
    }
  }
}

extension Problem {
  /// The problem that stands for a bare HTTP status of the server's own.
  init(status: Int) {
    switch status {
    case 404: self.init(.notFound, "there is nothing at this path: look at the documented ones")
    case 405: self.init(.methodNotAllowed, "this path takes another method")
    case 408: self.init(.requestTimeout, "the request did not arrive in time: send it again")
    case 413: self.init(.tooLarge, "the body is larger than this path takes: send less at once")
    case 429: self.init(.rateLimited, "too many requests: wait and try again")
    case 503: self.init(.notReady, "the service is not ready: try again")
    case 400..<500: self.init(.malformed, "the request is not one that this path takes")
    default: self.init(.internalFault, "something failed here: try again")
    }
  }
}

extension Response {
  /// A problem document.
  package init(_ problem: Problem) {
    self.init(
      json: problem.json, status: HTTPResponse.Status(code: problem.status),
      type: "application/problem+json")
    if problem.code == .unauthorized { headers[.wwwAuthenticate] = "Bearer" }
    if let seconds = problem.facts.first(where: { $0.name == "retry_after" })?.value.integer {
      headers[.retryAfter] = String(seconds)
    }
  }

  /// A JSON document.
  package init(
    json: JSONValue, status: HTTPResponse.Status = .ok, type: String = "application/json"
  ) {
    self.init(bytes: json.serialized, status: status, type: type)
  }

  /// Bytes of a media type.
  package init(bytes: [UInt8], status: HTTPResponse.Status = .ok, type: String) {
    self.init(
      status: status,
      headers: [.contentType: type, .cacheControl: "no-store"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}
