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
    func add(_ name: String, _ value: JSONValue?) {
      if let value { members.append(JSONMember(name, value)) }
    }
    add("seq", seq.map { .integer($0) })
    add("last_seq", lastSeq.map { .integer($0) })
    add("first_at", .integer(firstAt))
    add("last_at", .integer(lastAt))
    add("count", .integer(count))
    add("date", date.map { .string($0.description) })
    add("seconds", seconds.map { .integer($0) })
    add("level", level.map { .integer($0) })
    add("owner", owner.map { .string($0) })
    add("note", note.map { .string($0) })
    add("resolution", resolution.map { .string($0.rawValue) })
    add("resolved_at", resolvedAt.map { .integer($0) })
    add("effect", .string(code.effect.rawValue))
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
    func add(_ name: String, _ value: JSONValue?) {
      if let value { members.append(JSONMember(name, value)) }
    }
    add("why", why.map { .string($0) })
    add("owner", owner.map { .string($0) })
    add("note", note.map { .string($0) })
    add("resolution", resolution.map { .string($0.rawValue) })
    add("level", level.map { .integer($0) })
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
