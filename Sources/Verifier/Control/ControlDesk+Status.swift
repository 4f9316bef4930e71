internal import CivilTime
internal import Licensing
internal import Metering
package import Sealing

extension ControlDesk {
  /// How many attempts to report `status` shows unless more are asked for.
  package static let shownRuns = 5

  /// How many can be asked for.
  package static let runs = 0...500

  /// Everything that `status` shows.
  /// - Parameter runs: how many of the latest attempts to report.
  package func status(runs: Int = shownRuns) async throws(VerifierError) -> JSONValue {
    let view = counting?.keeper?.view
    let judgement = await standing.refresh(view, writes: false)
    let content = await installation.shelf.content
    let license = try installation.surroundings.working(
      of: content, at: installation.time.now)
    var members = [
      JSONMember("installation", installation.name.json),
      JSONMember("serving", .bool(counting != nil)),
      JSONMember("verdict", Self.json(judgement)),
    ]
    let highest = content.licenses.map(\.payload).filter {
      $0.line == license?.payload.line
    }.map(\.revision).max()
    members.append(
      JSONMember("license", license.map { Self.json($0, highest: highest) } ?? .null))
    members.append(
      JSONMember(
        "activation",
        content.activation.map { Self.json($0.payload) } ?? .null))
    members += await trust(content)
    members += try await chain(content)
    if let view { members.append(JSONMember("counting", counted(view))) }
    let latest = try await installation.ledger.runs(limit: runs)
    members.append(JSONMember("reporting", await reporting(content, license)))
    members.append(JSONMember("files", files.json))
    members.append(JSONMember("reports", .array(latest.map(\.json))))
    return .object(members)
  }

  /// By which way the installation reports, and what keeps it from that.
  private func reporting(_ content: ShelfContent, _ license: WorkingLicense?) async -> JSONValue {
    var members = [JSONMember("backlog", .integer(await reporter.backlog))]
    if let halt = await reporter.halt {
      members.append(JSONMember("halt", .string(halt.rawValue)))
    }
    if let payload = license?.payload, payload.reporting.mode != .offline,
      let gateway = try? await reporter.gateway(payload)
    {
      members.append(JSONMember("gateway", .string(gateway.text)))
    }
    let current = try? installation.surroundings.current(of: content, at: installation.time.now)
    if let ends = content.leaseEnds(under: current) {
      members.append(JSONMember("lease_ends", .integer(ends)))
    }
    return .object(members)
  }

  private static func json(_ activation: Activation) -> JSONValue {
    var members = [
      JSONMember("line", activation.line.json), JSONMember("at", .integer(activation.iat)),
    ]
    if let replaced = activation.replaces {
      members.append(
        JSONMember(
          "replaces",
          ["installation": replaced.installation.json, "seq": .integer(replaced.seq)]))
    }
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

  /// - Parameter highest: the highest revision of the line that verifies.
  private static func json(_ working: WorkingLicense, highest: Int64?) -> JSONValue {
    let license = working.payload
    var members = [
      JSONMember("jti", license.jti.json), JSONMember("line", license.line.json),
      JSONMember("revision", .integer(license.revision)),
      JSONMember("highest_revision", .integer(highest ?? license.revision)),
      JSONMember("edition", .string(license.edition.rawValue)),
      JSONMember("customer", .string(license.customer)),
      JSONMember("product", .string(license.product)),
      JSONMember("zone", .string(license.zone)),
      JSONMember("reporting", .string(license.reporting.mode.rawValue)),
      JSONMember("enforce", .string(license.enforce.rawValue)),
      JSONMember("verifies", .bool(working.isTrusted)),
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

  private func counted(_ view: MeterView) -> JSONValue {
    var members = [
      JSONMember("now", .integer(view.now)), JSONMember("collectors", .integer(view.collectors)),
      JSONMember("online", .integer(view.online)), JSONMember("excess", .integer(view.excess)),
    ]
    if let counting, let keeper = counting.keeper {
      let rule = counting.identity.rule(on: keeper.openDate)
      members.append(JSONMember("identity", .string(rule)))
      members.append(JSONMember("suspected_pairs", Self.json(keeper.suspects)))
    }
    return .object(members)
  }

  /// How many there are, and the first of them.
  private static func json(_ suspects: [RunPairs.Suspect]) -> JSONValue {
    let shown = suspects.prefix(10).map { suspect -> JSONValue in
      [
        "kind": .string(suspect.identity.kind), "identity": .string(suspect.identity.text),
        "returns": .integer(suspect.returns),
      ]
    }
    return ["count": .integer(suspects.count), "first": .array(shown)]
  }
}
