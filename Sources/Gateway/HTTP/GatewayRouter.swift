package import Hummingbird
package import Serving

/// The gateway over HTTP.
package enum GatewayRouter {
  /// - Parameter edge: who is let through how often, and who may see how the process does.
  package static func build(_ gateway: Gateway, edge: Edge = Edge()) -> Router<PeerContext> {
    let router = Router(context: PeerContext.self)
    router.add(middleware: MetricsMiddleware(metrics: gateway.metrics))
    router.add(middleware: ProblemMiddleware())
    router.add(middleware: ProblemCounter(metrics: gateway.metrics))
    router.add(middleware: FaultMiddleware())
    router.add(middleware: EdgeMiddleware(edge: edge))
    let table = RouteTable(router)
    ReportRoutes(gateway: gateway).add(to: table)
    StaffRoutes(gateway: gateway).add(to: table)
    StatementRoutes(gateway: gateway).add(to: table)
    DecisionRoutes(gateway: gateway).add(to: table)
    FindingRoutes(gateway: gateway).add(to: table)
    WebhookRoutes(gateway: gateway).add(to: table)
    HealthRoutes(gateway: gateway).add(to: table)
    return router
  }
}
