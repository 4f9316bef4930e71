package import Sealing

extension Simulation.Outcome {
  /// The verdict's members, after the instants and before what the load comes to.
  package var members: [JSONMember] {
    var facts = Facts()
    facts.add(.from, instant: asked, in: zone)
    let at = facts[.from]
    facts = Facts()
    facts.add(.from, instant: judged, in: zone)
    var members: [JSONMember] = []
    members.add("at", at)
    members.add("judged_at", facts[.from])
    if case .object(let verdict) = judgement.json { members += verdict }
    members.add("license", license?.jti.json)
    members.add("revision", license.map { .integer($0.revision) })
    members.add("collectors", load?.json)
    return members
  }

  /// The answer in short, for a list of changes.
  package var shortJSON: JSONValue {
    var facts = Facts()
    facts.add(.from, instant: asked, in: zone)
    var members: [JSONMember] = []
    members.add("at", facts[.from])
    switch judgement {
    case .verdict(let verdict):
      members.add("verdict", .string(verdict.outcome.rawValue))
      members.add("code", .string(verdict.code.rawValue))
      members.add("codes", .array(verdict.findings.map { .string($0.code.rawValue) }))
    case .cannotTell(let reason):
      members.add("verdict", "unknown")
      members.add("code", .string(reason.code))
    }
    members.add("license", license?.jti.json)
    members.add("revision", license.map { .integer($0.revision) })
    return .object(members)
  }
}

extension Simulation.Load {
  package var json: JSONValue {
    var members = [
      JSONMember("count", .integer(collectors)), JSONMember("online", .integer(online)),
      JSONMember("refused", .integer(refused)), JSONMember("over_limit", .integer(over)),
    ]
    members.add("limit", limit.map { .integer($0) })
    members.add(
      "cost_per_day",
      cost.map { ["currency": .string($0.currency), "minor": .integer($0.minor)] })
    return .object(members)
  }
}

extension Judgement {
  /// The verdict, or `{"verdict":"unknown","code":…,"message":…}`.
  package var json: JSONValue {
    switch self {
    case .verdict(let verdict): verdict.json
    case .cannotTell(let reason): Self.unknown(reason.code, reason.description)
    }
  }

  /// What stands where a verdict should, when it could not be told.
  package static func unknown(_ code: String, _ message: String) -> JSONValue {
    ["verdict": "unknown", "code": .string(code), "message": .string(message)]
  }
}
