internal import Hummingbird
internal import Reporting

/// Counts refusals by code, on their way to becoming answers.
struct ProblemCounter<Context: RequestContext>: RouterMiddleware {
  let metrics: GatewayMetrics

  func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch let problem as Problem {
      metrics.refused(problem)
      throw problem
    }
  }
}
