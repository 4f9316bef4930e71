internal import HTTPTypes
internal import Hummingbird
internal import Serving

/// Counts answers by path and status.
struct MetricsMiddleware<Context: RequestContext>: RouterMiddleware {
  let metrics: GatewayMetrics

  func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    let response = try await next(request, context)
    metrics.answered(context.endpointPath ?? "none", status: response.status.code)
    return response
  }
}
