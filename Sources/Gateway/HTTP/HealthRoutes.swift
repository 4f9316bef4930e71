internal import Hummingbird
internal import Platform
internal import Reporting
internal import Sealing
internal import Serving

/// Whether the process lives, whether it can serve, and what it has counted.
struct HealthRoutes {
  let gateway: Gateway

  func add(to table: RouteTable) {
    table.on("healthz", .get) { _, _ in
      Response(json: ["status": "ok"])
    }
    table.on("openapi.json", .get) { _, _ in
      Response(bytes: APIDocument.bytes, type: "application/json")
    }
    table.on("readyz", .get) { _, _ in
      if let obstacle = await gateway.obstacle() { throw Problem(.notReady, obstacle) }
      return Response(json: ["status": "ready"])
    }
    table.on("metrics", .get) { _, _ in
      let text = gateway.metrics.text(
        isReady: await gateway.obstacle() == nil,
        epoch: gateway.trust.view.set.keyset.epoch)
      return Response(bytes: Array(text.utf8), type: "text/plain; version=0.0.4; charset=utf-8")
    }
  }
}
