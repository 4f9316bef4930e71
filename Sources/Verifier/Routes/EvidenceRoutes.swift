internal import CivilTime
internal import Hummingbird
internal import NIOCore
internal import Reporting
internal import Sealing
internal import ServiceLifecycle
internal import Serving

/// What the command line asks of evidence and bundles, over the socket.
struct EvidenceRoutes: Sendable {
  /// An answer's file: receipts of some bundles, keysets, renewed licenses.
  private static let answerLimit = 8 * 1024 * 1024

  let desk: ControlDesk

  func add(to router: Router<PeerContext>) {
    router.only(.get, "/v1/control/explain") { request, _ in
      let query = request.uri.queryParameters
      let explained = ExplainRequest(
        date: query["date"].map(String.init), skip: query["skip"].map(String.init),
        limit: query["limit"].map(String.init))
      guard let explained else {
        throw Problem(.malformed, "date must be a date as 2026-11-21, skip and limit numbers")
      }
      return try await lines { () async throws(VerifierError) in
        try await desk.explain(explained)
      }
    }
    router.only(.get, "/v1/control/evidence") { request, _ in
      let date = try Self.date(request)
      return try await lines { () async throws(VerifierError) in
        try await desk.evidence(of: date)
      }
    }
    router.only(.get, "/v1/control/proof") { request, _ in
      let date = try Self.date(request)
      let query = request.uri.queryParameters
      guard let name = query["collector"].map(String.init) else {
        throw Problem(.malformed, "collector is missing")
      }
      let kind = query["kind"].map(String.init)
      return try await answer { () async throws(VerifierError) in
        try await desk.prove(name, kind: kind, on: date)
      }
    }
    addBundles(to: router)
  }

  private func addBundles(to router: Router<PeerContext>) {
    router.only(.post, "/v1/control/bundle") { request, _ in
      let query = request.uri.queryParameters
      let bundle = BundleRequest(
        from: query["from"].map(String.init), limit: query["limit"].map(String.init),
        enrol: query["enrol"].map(String.init), replaces: query["replaces"].map(String.init))
      guard let bundle else {
        throw Problem(
          .malformed,
          "from and limit must be whole numbers, limit at most \(BundleRequest.mostRecords), "
            + "replaces an installation")
      }
      return try await answer { () async throws(VerifierError) in
        try await desk.export(bundle).json
      }
    }
    router.only(.post, "/v1/control/answer") { request, _ in
      let file = try await request.bytes(upTo: Self.answerLimit)
      let source = request.uri.queryParameters["source"].map(String.init) ?? "the answer"
      return try await answer { () async throws(VerifierError) in
        try await desk.take(answer: file, source: source).json
      }
    }
  }

  private static func date(_ request: Request) throws -> CivilDate {
    guard let date = request.uri.queryParameters["date"].flatMap({ CivilDate(String($0)) }) else {
      throw Problem(.malformed, "date must be a date as 2026-11-21")
    }
    return date
  }

  private func answer(
    _ body: () async throws(VerifierError) -> JSONValue
  ) async throws -> Response {
    do throws(VerifierError) { return Response(json: try await desk.steadily(body)) } catch {
      throw Problem(error)
    }
  }

  /// An answer of many lines; what goes wrong after its head breaks the connection off.
  private func lines(
    _ body: () async throws(VerifierError) -> LineAnswer
  ) async throws -> Response {
    let answer: LineAnswer
    do throws(VerifierError) { answer = try await desk.steadily(body) } catch {
      throw Problem(error)
    }
    return Response(
      status: .ok, headers: [.contentType: "application/x-ndjson", .cacheControl: "no-store"],
      body: ResponseBody { writer in
        try await writer.write(ByteBuffer(bytes: answer.head.serialized + [0x0A]))
        var count: Int64 = 0
        try await answer.elements { elements in
          var bytes: [UInt8] = []
          for element in elements { bytes += element.serialized + [0x0A] }
          count += Int64(elements.count)
          try await writer.write(ByteBuffer(bytes: bytes))
        }
        let end: JSONValue = ["end": .integer(count)]
        try await writer.write(ByteBuffer(bytes: end.serialized + [0x0A]))
        try await writer.finish(nil)
      })
  }
}
