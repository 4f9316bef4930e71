internal import CivilTime
internal import Licensing
internal import Metering
package import Sealing

extension ControlDesk {
  /// Everything that `status` shows.
  package func status() async throws(VerifierError) -> JSONValue {
    let view = counting?.keeper?.view
    let judgement = await standing.refresh(view, writes: false)
    let content = await installation.shelf.content
    let current = try installation.surroundings.current(
      of: content, at: installation.time.now)
    var members = [
      JSONMember("installation", installation.name.json),
      JSONMember("serving", .bool(counting != nil)),
      JSONMember("verdict", Self.json(judgement)),
    ]
    let highest = content.licenses.map(\.payload).filter {
      $0.line == current?.license.payload.line
    }.map(\.revision).max()
    members.append(
      JSONMember(
        "license", current.map { Self.json($0.license.payload, highest: highest) } ?? .null))
    members.append(
      JSONMember(
        "activation",
        content.activation.map {
          ["line": $0.payload.line.json, "at": .integer($0.payload.iat)]
        } ?? .null))
    members += await trust(content)
    members += try await chain(content)
    if let view { members.append(JSONMember("counting", Self.json(view))) }
    let runs = try await installation.ledger.runs(limit: 5)
    members.append(JSONMember("reports", .array(runs.map(\.json))))
    return .object(members)
  }

  private func trust(_ content: ShelfContent) async -> [JSONMember] {
    let floor = installation.time.floor
    return [
      JSONMember("root", content.trust?.root.json ?? .null),
      JSONMember("keyset", content.trust.map { .integer($0.keyset.epoch) } ?? .null),
      JSONMember("floor", floor.map { .integer($0) } ?? .null),
      JSONMember("standing_written", .bool(await standing.isWritten)),
    ]
  }

  private func chain(_ content: ShelfContent) async throws(VerifierError) -> [JSONMember] {
    let head = try await installation.ledger.head()
    let through = try await installation.ledger.receipts().through
    let receipt = content.newestReceipt
    let receiptJSON: JSONValue =
      receipt.map {
        .object(
          [JSONMember("at", .integer($0.iat)), JSONMember("seq", .integer($0.seq))]
            + ($0.leaseThrough.map { [JSONMember("lease_through", .integer($0))] } ?? []))
      } ?? .null
    return [
      JSONMember(
        "ledger",
        [
          "seq": .integer(head.seq), "receipted": .integer(through),
          "begun": .integer(installation.ledger.begun),
        ]),
      JSONMember("receipt", receiptJSON),
    ]
  }

  static func json(_ judgement: Judgement) -> JSONValue {
    switch judgement {
    case .verdict(let verdict): verdict.json
    case .cannotTell(let reason):
      ["verdict": "unknown", "code": .string(reason.code), "message": .string("\(reason)")]
    }
  }

  private static func json(_ license: License, highest: Int64?) -> JSONValue {
    var members = [
      JSONMember("jti", license.jti.json), JSONMember("line", license.line.json),
      JSONMember("revision", .integer(license.revision)),
      JSONMember("highest_revision", .integer(highest ?? license.revision)),
      JSONMember("edition", .string(license.edition.rawValue)),
      JSONMember("customer", .string(license.customer)),
      JSONMember("product", .string(license.product)),
      JSONMember("zone", .string(license.zone)),
      JSONMember("reporting", .string(license.reporting.mode.rawValue)),
    ]
    if let term = license.term {
      members.append(
        JSONMember(
          "term",
          [
            "from": .string(term.from.description), "through": .string(term.through.description),
          ]))
    }
    return .object(members)
  }

  private static func json(_ view: MeterView) -> JSONValue {
    [
      "now": .integer(view.now), "collectors": .integer(view.collectors),
      "online": .integer(view.online), "excess": .integer(view.excess),
    ]
  }
}
