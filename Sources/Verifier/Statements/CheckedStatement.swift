package import Billing
internal import CivilTime
internal import Licensing
package import Sealing

/// A statement of the vendor's, held against an installation's own ledger.
package struct CheckedStatement: Sendable {
  package let statement: Statement
  package let recount: StatementRecount

  /// `{"line","month","status","position","entries","decisions","equal","difference"?,"unseen","totals"}`
  package var json: JSONValue {
    var members = [
      JSONMember("line", statement.line.json),
      JSONMember("month", .string(statement.month.description)),
      JSONMember("customer", .string(statement.customer)),
      JSONMember("status", .string(statement.status.rawValue)),
      JSONMember("position", .integer(statement.position)),
      JSONMember("entries", .integer(recount.entries)),
      JSONMember("decisions", .integer(Int64(statement.decisions.count))),
      JSONMember("equal", .bool(recount.difference == nil)),
    ]
    if let difference = recount.difference {
      members.append(JSONMember("difference", difference.json))
    }
    members.append(JSONMember("unseen", .array(recount.unseen.map(\.json))))
    members.append(
      JSONMember(
        "totals",
        .array(
          statement.totals.map {
            [
              "currency": .string($0.currency), "quantity": .integer($0.quantity),
              "amount": .integer($0.amount),
            ]
          })))
    return .object(members)
  }
}

extension StatementRecount.Difference {
  fileprivate var json: JSONValue {
    var members = [
      JSONMember("entry", .string(entry.rawValue)), JSONMember("installation", installation.json),
      JSONMember("date", .string(date.description)),
    ]
    if let member { members.append(JSONMember("member", .string(member))) }
    if let statement { members.append(JSONMember("statement", statement)) }
    if let records { members.append(JSONMember("records", records)) }
    return .object(members)
  }
}

extension StatementRecount.Unseen {
  fileprivate var json: JSONValue {
    switch self {
    case .others(let installations, let entries):
      [
        "code": "OTHER_INSTALLATIONS", "installations": .integer(installations),
        "entries": .integer(entries),
      ]
    case .samples(let date):
      ["code": "SAMPLES_DROPPED", "date": .string(date.description)]
    case .yielded(let date, let other):
      ["code": "BILLED_WITH", "date": .string(date.description), "installation": other.json]
    case .inherited(let date):
      ["code": "CARRIED_FROM_ANOTHER", "date": .string(date.description)]
    case .license(let date, let license):
      [
        "code": "LICENSE_NOT_INSTALLED", "date": .string(date.description), "license": license.json,
      ]
    case .billedBefore(let corrections):
      ["code": "BILLED_BEFORE", "corrections": .integer(corrections)]
    case .earlierPrice(let date):
      ["code": "EARLIER_PRICE", "date": .string(date.description)]
    }
  }
}
