internal import Billing
internal import CivilTime
internal import HTTPTypes
internal import Hummingbird
internal import Licensing
internal import Reporting
internal import Sealing
internal import Serving

/// What the vendor's staff decide about an installation, each with a bearer token of scope `decide`.
struct DecisionRoutes {
  static let limit = 16 * 1024

  let gateway: Gateway

  func add(to table: RouteTable) {
    decide("release", in: table) { name, word, reader in
      try reader.end()
      return try await gateway.decisions.release(name, word).json
    }
    decide("replace", in: table) { name, word, reader in
      let days = try reader.optionalInteger("days", in: DecisionService.permitDays)
      let successor = try reader.optionalDigest("successor").map { Thumbprint($0) }
      try reader.end()
      return try await gateway.decisions.permitReplacement(
        of: name, by: successor, days: days ?? DecisionService.usualPermitDays, word
      ).json
    }
    decide("close", in: table) { name, word, reader in
      let last = try reader.date("through")
      try reader.end()
      let dates = try await gateway.decisions.close(name, through: last, word)
      return DecisionService.json(closed: dates)
    }
    for subject in [Decision.Subject.waive, .correct, .restore] { change(subject, in: table) }
  }

  /// What changes the bill of dates: `{"by","why","from","through"?,"quantity"?,"finding"?}`.
  private func change(_ subject: Decision.Subject, in table: RouteTable) {
    decide(subject.rawValue, in: table) { name, word, reader in
      let from = try reader.date("from")
      let through = try reader.optionalDate("through")
      let quantity =
        subject == .correct ? try reader.integer("quantity", in: SealedLimits.counts) : 0
      let finding = try reader.optionalString("finding", maximum: BillChange.findingLimit)
      try reader.end()
      let effect: BillChange.Effect =
        switch subject {
        case .correct: .correct(quantity)
        case .restore: .restore
        default: .waive
        }
      let change = try BillChange(
        effect, from: from, through: through ?? from, finding: finding)
      return try await gateway.decisions.change(billOf: name, change, word).json
    }
  }

  private func decide(
    _ verb: String, in table: RouteTable,
    _ body:
      @escaping @Sendable (Thumbprint, StaffWord, inout ObjectReader) async throws -> JSONValue
  ) {
    table.on("v1/installations/:thumbprint/\(verb)", .post) { request, context in
      try await gateway.tokens.require(.decide, of: request.bearerToken())
      let name = try StaffRoutes.installation(context)
      return Response(
        json: try await StaffWord.read(request) { word, reader in
          try await body(name, word, &reader)
        })
    }
  }
}

extension StaffWord {
  /// Reads who and why from a request's body, and has the rest of it read.
  /// - Throws: ``Problem``.
  static func read(
    _ request: Request,
    _ body: (StaffWord, inout ObjectReader) async throws -> JSONValue
  ) async throws -> JSONValue {
    let bytes = try await request.bytes(upTo: DecisionRoutes.limit)
    do {
      var reader = try ObjectReader(try JSONScanner.scan(bytes, maximumDepth: 2))
      try reader.requireDistinctNames()
      let word = try StaffWord(
        by: try reader.string("by", maximum: 1024), why: try reader.string("why", maximum: 8192))
      return try await body(word, &reader)
    } catch let refusal as Refusal { throw Problem(refusal) }
  }
}
