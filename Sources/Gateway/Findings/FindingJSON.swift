internal import CivilTime
internal import Licensing
package import Sealing

extension LedgerFinding {
  var members: [JSONMember] {
    var members = [
      JSONMember("id", id.json), JSONMember("installation", installation.json),
      JSONMember("line", line.json), JSONMember("code", .string(code.rawValue)),
      JSONMember("state", .string(state.rawValue)),
    ]
    members.add("seq", seq.map { .integer($0) })
    members.add("last_seq", lastSeq.map { .integer($0) })
    members.add("first_at", .integer(firstAt))
    members.add("last_at", .integer(lastAt))
    members.add("count", .integer(count))
    members.add("date", date.map { .string($0.description) })
    members.add("seconds", seconds.map { .integer($0) })
    members.add("level", level.map { .integer($0) })
    members.add("owner", owner.map { .string($0) })
    members.add("note", note.map { .string($0) })
    members.add("resolution", resolution.map { .string($0.rawValue) })
    members.add("resolved_at", resolvedAt.map { .integer($0) })
    members.add("effect", .string(code.effect.rawValue))
    return members
  }

  package var json: JSONValue { .object(members) }
}

extension FindingEvent {
  package var json: JSONValue {
    var members = [
      JSONMember("what", .string(what.rawValue)), JSONMember("at", .integer(at)),
      JSONMember("by", .string(by)),
    ]
    members.add("why", why.map { .string($0) })
    members.add("owner", owner.map { .string($0) })
    members.add("note", note.map { .string($0) })
    members.add("resolution", resolution.map { .string($0.rawValue) })
    members.add("level", level.map { .integer($0) })
    return .object(members)
  }
}

/// What a request to take a finding on came to.
package struct FindingAnswer: Sendable, Equatable {
  package let finding: LedgerFinding
  /// Whether something was changed now; else it stood already.
  package let isNew: Bool

  package var json: JSONValue { ["new": .bool(isNew), "finding": finding.json] }
}
