internal import Billing
internal import Licensing
internal import Reporting
internal import Sealing

/// The shapes of what goes in and out.
enum APISchema {
  static func object(
    _ properties: [(String, JSONValue)], optional: [(String, JSONValue)] = [],
    closed: Bool = false
  ) -> JSONValue {
    var members = [
      JSONMember("type", "object"),
      JSONMember(
        "properties", .object((properties + optional).map { JSONMember($0.0, $0.1) })),
    ]
    if !properties.isEmpty {
      members.append(JSONMember("required", .array(properties.map { .string($0.0) })))
    }
    if closed { members.append(JSONMember("additionalProperties", false)) }
    return .object(members)
  }

  static func list(_ element: JSONValue, atMost most: Int? = nil) -> JSONValue {
    var members = [JSONMember("type", "array"), JSONMember("items", element)]
    if let most { members.append(JSONMember("maxItems", .integer(most))) }
    return .object(members)
  }

  static func pattern(_ pattern: String, _ example: String) -> JSONValue {
    ["type": "string", "pattern": .string(pattern), "examples": [.string(example)]]
  }

  static func named(_ name: String) -> JSONValue {
    ["$ref": .string("#/components/schemas/\(name)")]
  }

  static let text: JSONValue = ["type": "string"]
  static let flag: JSONValue = ["type": "boolean"]
  /// Unix seconds, counts, places: whole and not below zero.
  static let count: JSONValue = [
    "type": "integer", "minimum": 0, "maximum": .integer(SealedLimits.counts.upperBound),
  ]
  static let amount: JSONValue = ["type": "integer"]
  static let anyObject: JSONValue = ["type": "object"]

  static func sealed(_ kind: DocumentKind) -> JSONValue {
    [
      "type": "string", "minLength": 1, "maxLength": .integer(kind.maximumSize),
      "description": .string("A compact JWS (RFC 7515) of type \(kind.rawValue)."),
    ]
  }

  static let thumbprint = pattern(
    "^[0-9A-Za-z_-]{42}[AEIMQUYcgkosw048]$", "SjmcdXZLu6RMVsQ6XqnKHL0Zrw0Gn8nVt3aYwW2N3xE")
  static let license = pattern("^lic_[0-9A-Za-z-]{1,60}$", "lic_0192f0c1")
  static let line = pattern("^lin_[0-9A-Za-z-]{1,60}$", "lin_0192f0c1")
  static let month = pattern("^(19[7-9][0-9]|[2-9][0-9]{3})-(0[1-9]|1[0-2])$", "2026-11")
  static let date: JSONValue = [
    "type": "string", "format": "date",
    "pattern": "^(19[7-9][0-9]|[2-9][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
    "examples": ["2026-11-21"],
  ]

  /// Everything that has a name in the document.
  static var components: JSONValue {
    .object(
      [
        JSONMember("Problem", problem), JSONMember("Holdings", holdings),
        JSONMember("RecordResult", recordResult), JSONMember("Installation", installation),
        JSONMember("Day", day), JSONMember("Decision", decision), JSONMember("Gap", gap),
        JSONMember("Total", total), JSONMember("StatementLine", statementLine),
        JSONMember("StatementCorrection", correction), JSONMember("Statement", statement),
        JSONMember("Source", source), JSONMember("Origin", origin),
        JSONMember("Finding", finding), JSONMember("FindingEvent", findingEvent),
        JSONMember("FindingAnswer", findingAnswer),
        JSONMember("Webhook", webhook), JSONMember("Delivery", delivery),
        JSONMember("Event", event),
      ])
  }

  private static var problem: JSONValue {
    object(
      [
        ("type", text), ("title", text),
        ("status", ["type": "integer", "minimum": 400, "maximum": 599]), ("detail", text),
        (
          "code",
          ["enum": .array(Problem.Code.allCases.map { .string($0.rawValue) })]
        ), ("retryable", flag),
      ])
  }

  private static var holdings: JSONValue {
    object(
      [], optional: [("revision", count), ("epoch", count), ("revocations", count)], closed: true)
  }

  private static var recordResult: JSONValue {
    object(
      [
        ("seq", count),
        (
          "status",
          ["enum": .array(RecordResult.Status.allCases.map { .string($0.rawValue) })]
        ),
      ], optional: [("code", text)])
  }

  private static var installation: JSONValue {
    object(
      [
        ("installation", thumbprint), ("line", line), ("license", license),
        ("activated_at", count), ("seq", count), ("records", count), ("receipts", count),
      ],
      optional: [
        ("replaces", thumbprint), ("replaced_by", thumbprint), ("replaced_at", count),
        ("released_at", count), ("head", text), ("heard_at", count), ("position", count),
        ("kind", text), ("date", date), ("peak", count), ("peak_at", count), ("online", count),
        ("observed", count), ("at", count), ("received_at", count), ("receipt", anyObject),
        ("alive_at", count), ("conflict", anyObject), ("findings", list(named("Finding"))),
        ("decisions", list(anyObject)),
      ])
  }

  private static var day: JSONValue {
    object(
      [
        ("date", date), ("kind", ["enum": ["sample", "day", "closing"]]), ("from", count),
        ("to", count), ("observed", count), ("gaps", list(named("Gap"))), ("license", license),
        ("revision", count),
      ], optional: [("seq", count), ("peak", count), ("peak_at", count)])
  }

  private static var gap: JSONValue {
    object([("from", count), ("to", count), ("reason", text)])
  }

  private static var decision: JSONValue {
    object(
      [
        ("new", flag), ("position", count), ("decision", anyObject),
        ("sealed", sealed(.decision)),
      ])
  }
}

// Statements.
extension APISchema {
  private static var total: JSONValue {
    object([("currency", text), ("quantity", amount), ("amount", amount)])
  }

  private static var statementLine: JSONValue {
    object(
      [
        ("installation", thumbprint), ("date", date), ("license", license), ("revision", count),
        ("terms", choice(BillingTerms.allCases)), ("basis", choice(StatementLine.Basis.allCases)),
        ("seconds", count), ("observed", count), ("gaps", list(named("Gap"))),
        ("gap_count", count), ("quantity", count),
      ],
      optional: [
        ("seq", count), ("peak", count), ("peak_at", count), ("sampled_peak", count),
        ("rule", anyObject), ("carried_from", date), ("yields_to", thumbprint),
        ("decided", choice(StatementLine.Decided.allCases)), ("computed", count),
        ("currency", text), ("rate", count), ("amount", count),
      ])
  }

  private static var correction: JSONValue {
    object(
      [
        ("installation", thumbprint), ("date", date),
        ("basis", choice(StatementLine.Basis.allCases)), ("license", license),
        ("revision", count), ("was", count), ("now", count),
      ],
      optional: [
        ("seq", count), ("yields_to", thumbprint),
        ("decided", choice(StatementLine.Decided.allCases)), ("currency", text),
        ("amount", amount),
      ])
  }

  private static var statement: JSONValue {
    object(
      [
        ("iss", text), ("iat", count), ("line", line), ("month", month), ("sub", text),
        ("customer", text), ("product", text), ("zone", text), ("as_of", count),
        ("position", count), ("status", choice(Statement.Status.allCases)),
        ("lines", list(named("StatementLine"))), ("totals", list(named("Total"))),
      ],
      optional: [
        ("corrections", list(named("StatementCorrection"))),
        ("decisions", list(sealed(.decision))),
      ])
  }

  private static var source: JSONValue {
    object(
      [
        ("position", count), ("kind", text), ("at", count), ("received_at", count),
        ("observed", count), ("sealed", text),
      ],
      optional: [
        ("seq", count), ("hash", text), ("peak", count), ("peak_at", count),
        ("receipt", anyObject),
      ])
  }

  private static var origin: JSONValue {
    object([
      ("installation", thumbprint), ("date", date), ("sources", list(named("Source"))),
    ])
  }

  static func choice<Choice: RawRepresentable<String>>(_ choices: [Choice]) -> JSONValue {
    ["enum": .array(choices.map { .string($0.rawValue) })]
  }
}
