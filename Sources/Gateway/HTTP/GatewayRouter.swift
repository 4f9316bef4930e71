package import Hummingbird
internal import Serving

/// The gateway over HTTP.
package enum GatewayRouter {
  package static func build(_ gateway: Gateway) -> Router<BasicRequestContext> {
    let router = Router(context: BasicRequestContext.self)
    router.add(middleware: MetricsMiddleware(metrics: gateway.metrics))
    router.add(middleware: ProblemMiddleware())
    router.add(middleware: ProblemCounter(metrics: gateway.metrics))
    router.add(middleware: FaultMiddleware())
    let table = RouteTable(router)
    ReportRoutes(gateway: gateway).add(to: table)
    StaffRoutes(gateway: gateway).add(to: table)
    DecisionRoutes(gateway: gateway).add(to: table)
    HealthRoutes(gateway: gateway).add(to: table)
    return router
  }
}
