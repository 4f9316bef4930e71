internal import Sealing

extension APISchema {
  static let findingID = pattern("^fnd_[1-9][0-9]{0,17}$", "fnd_7")

  static var finding: JSONValue {
    object(
      [
        ("id", findingID), ("installation", thumbprint), ("line", line),
        ("code", choice(LedgerFinding.Code.allCases)),
        ("state", choice(LedgerFinding.State.allCases)), ("first_at", count), ("last_at", count),
        ("count", count), ("effect", choice(FindingEffect.allCases)),
      ],
      optional: [
        ("seq", count), ("last_seq", count), ("date", date), ("seconds", count),
        ("level", count), ("owner", text), ("note", text),
        ("resolution", choice(LedgerFinding.Resolution.allCases)), ("resolved_at", count),
        ("history", list(named("FindingEvent"))),
      ])
  }

  static var findingEvent: JSONValue {
    object(
      [("what", choice(FindingEvent.What.allCases)), ("at", count), ("by", text)],
      optional: [
        ("why", text), ("owner", text), ("note", text),
        ("resolution", choice(LedgerFinding.Resolution.allCases)), ("level", count),
      ])
  }

  static var findingAnswer: JSONValue {
    object([("new", flag), ("finding", named("Finding"))])
  }
}
