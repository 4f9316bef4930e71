internal import Hummingbird
internal import Reporting
internal import Serving

/// What installations send: enrolments and reports. No token: each is sealed by the installation itself.
struct ReportRoutes {
  static let reportLimit = 8 * 1024 * 1024
  static let activationLimit = 256 * 1024

  let gateway: Gateway

  func add(to table: RouteTable) {
    table.on("v1/reports", .post) { request, _ in
      let report = try ReportRequest(try await request.bytes(upTo: Self.reportLimit))
      let answer = try await gateway.reports.take(report)
      gateway.metrics.acknowledged(answer)
      return Response(json: answer.json)
    }
    table.on("v1/activations", .post) { request, _ in
      let enrolment = try ActivationRequest(
        try await request.bytes(upTo: Self.activationLimit))
      let answer = try await gateway.activations.activate(enrolment)
      gateway.metrics.activated()
      return Response(json: answer.json)
    }
  }
}
