internal import Billing
internal import Reporting
internal import Sealing

/// Every path of the gateway. A test holds that the router has these and no others.
enum APIOperations {
  static var all: [APIOperation] {
    ofInstallations + reading + statements + deciding + findings + [publishing] + telling
      + ofProcess
  }

  private static let json = "application/json"

  static func answer(_ schema: JSONValue) -> [(type: String, schema: JSONValue)] {
    [(json, schema)]
  }

  private static let delivery: [(String, JSONValue)] = [
    ("licenses", APISchema.list(APISchema.sealed(.license))),
    ("keysets", APISchema.list(APISchema.text)), ("revocations", APISchema.sealed(.revocations)),
  ]

  /// What a sealed document may be refused for.
  private static let sealCodes: [Problem.Code] = [
    .malformed, .damaged, .unsupportedVersion, .wrongKind, .unknownKey, .keyNotAllowed,
    .keyRevoked, .keysetTooOld, .signatureInvalid,
  ]

  private static let installation = APIOperation.Parameter(
    "thumbprint", in: .path, "An installation's name.", APISchema.thumbprint)
  private static let month = APIOperation.Parameter(
    "month", required: true, "The month.", APISchema.month)

  // What installations send.

  private static var ofInstallations: [APIOperation] {
    [
      APIOperation(
        .post, "/v1/reports", "report",
        "Commits usage records or a sign of life of one installation, and answers with a receipt.",
        by: .installation,
        body: APIOperation.Body(
          schema: APISchema.object(
            [
              ("installation", APISchema.thumbprint),
              (
                "records",
                APISchema.list(
                  APISchema.sealed(.usage), atMost: ReportRequest.maximumRecords)
              ),
            ],
            optional: [
              ("alive", APISchema.sealed(.alive)), ("have", APISchema.named("Holdings")),
            ], closed: true), limit: ReportRoutes.reportLimit),
        answers: answer(
          APISchema.object(
            [
              ("results", APISchema.list(APISchema.named("RecordResult"))),
              ("receipt", APISchema.sealed(.receipt)),
            ], optional: delivery)),
        codes: sealCodes + [.notActivated, .outOfOrder, .forked, .notReady]),
      APIOperation(
        .post, "/v1/activations", "activate",
        "Enrols an installation under a license, and answers with its activation.",
        by: .installation,
        body: APIOperation.Body(
          schema: APISchema.object(
            [
              ("license", APISchema.sealed(.license)),
              ("enrolment", APISchema.sealed(.enrolment)),
            ], closed: true), limit: ReportRoutes.activationLimit),
        answers: answer(
          APISchema.object(
            [("activation", APISchema.sealed(.activation))], optional: delivery)),
        codes: sealCodes + [
          .licenseRevoked, .superseded, .noSeat, .replaceNotAllowed, .conflict, .notReady,
        ]),
      fetching,
    ]
  }

  private static var fetching: APIOperation {
    APIOperation(
      .post, "/v1/statements/fetch", "fetchStatement",
      "Brings an installation the sealed statement of its own line and a month; the sign of life is "
        + "sealed just now.",
      by: .installation,
      body: APIOperation.Body(
        schema: APISchema.object(
          [
            ("installation", APISchema.thumbprint), ("month", APISchema.month),
            ("alive", APISchema.sealed(.alive)),
          ], optional: [("have", APISchema.named("Holdings"))], closed: true),
        limit: StatementRoutes.fetchLimit),
      answers: answer(
        APISchema.object(
          [("statement", APISchema.sealed(.statement))], optional: delivery)),
      codes: sealCodes + [.notActivated, .forbidden, .notFound, .conflict, .notReady])
  }

  // What the vendor's staff read.

  private static var reading: [APIOperation] {
    [
      APIOperation(
        .get, "/v1/installations", "listInstallations",
        "Lists installations by name, a page at a time.", by: .token(.read),
        parameters: [
          .init("line", "Only those of this line.", APISchema.line),
          .init("after", "The `next` of the page before.", APISchema.thumbprint),
        ],
        answers: answer(
          APISchema.object(
            [("installations", APISchema.list(APISchema.named("Installation")))],
            optional: [("next", APISchema.thumbprint)]))),
      APIOperation(
        .get, "/v1/installations/{thumbprint}", "showInstallation",
        "Shows one installation, its findings and what staff decided about it.", by: .token(.read),
        parameters: [installation], answers: answer(APISchema.named("Installation")),
        codes: [.notFound]),
      APIOperation(
        .get, "/v1/installations/{thumbprint}/days", "listDays",
        "Lists the dates of a month, each with what its record says.", by: .token(.read),
        parameters: [installation, month],
        answers: answer(
          APISchema.object([
            ("month", APISchema.month), ("days", APISchema.list(APISchema.named("Day"))),
          ])), codes: [.notFound]),
      explaining,
    ]
  }

  private static var explaining: APIOperation {
    APIOperation(
      .get, "/v1/installations/{thumbprint}/days/{date}", "explainDay",
      "Says what a date costs, and which records, decisions and receipts say so.",
      by: .token(.read),
      parameters: [
        installation, .init("date", in: .path, "A date of the license's zone.", APISchema.date),
      ],
      answers: answer(
        APISchema.object(
          [
            ("as_of", APISchema.count), ("position", APISchema.count), ("zone", APISchema.text),
            ("line", APISchema.named("StatementLine")),
            ("sources", APISchema.list(APISchema.named("Source"))),
          ],
          optional: [
            ("carried", APISchema.named("Origin")),
            ("billed_with", APISchema.named("StatementLine")),
            ("decisions", APISchema.list(APISchema.anyObject)),
          ])), codes: [.notFound, .conflict])
  }

  // Statements.

  private static let whose: [APIOperation.Parameter] = [
    .init(
      "line", required: true,
      "A line of licenses. A license in its place is taken as well; of both, the license must be of the "
        + "line.", APISchema.line),
    .init("license", "A license; the statement is for its whole line.", APISchema.license), month,
  ]

  private static let shown = APISchema.object([
    ("statement", APISchema.named("Statement")), ("sealed", APISchema.sealed(.statement)),
  ])

  private static var statements: [APIOperation] {
    [
      APIOperation(
        .get, "/v1/statements", "showStatement",
        "Shows the statement of a line and a month, final or as of now.", by: .token(.read),
        parameters: whose + [
          .init(
            "format", "How; json unless said otherwise.",
            APISchema.choice(StatementFormat.allCases))
        ],
        answers: [
          (json, shown), ("text/csv", APISchema.text), ("application/jose", APISchema.text),
        ], codes: [.notFound, .conflict, .tooLarge, .notReady]),
      APIOperation(
        .post, "/v1/statements/final", "makeStatementFinal",
        "Makes the statement of a month final; asked again it answers the same bytes.",
        by: .token(.decide), parameters: whose, answers: answer(shown),
        codes: [.notFound, .conflict, .tooLarge, .notReady]),
    ]
  }

  // What the vendor's staff decide.

  static let words: [(String, JSONValue)] = [
    ("by", staffText(Decision.nameLimit)), ("why", staffText(Decision.wordsLimit)),
  ]

  static func staffText(_ limit: Int) -> JSONValue {
    [
      "type": "string", "minLength": 1, "maxLength": .integer(limit),
      "description": .string(
        "At most \(limit) bytes of UTF-8, no control characters, not only spaces."),
    ]
  }

  private static func decide(
    _ verb: String, _ id: String, _ summary: String, required: [(String, JSONValue)] = [],
    optional: [(String, JSONValue)] = [], answer: JSONValue
  ) -> APIOperation {
    APIOperation(
      .post, "/v1/installations/{thumbprint}/\(verb)", id, summary, by: .token(.decide),
      parameters: [installation],
      body: APIOperation.Body(
        schema: APISchema.object(words + required, optional: optional, closed: true),
        limit: DecisionRoutes.limit), answers: self.answer(answer),
      codes: [.notFound, .conflict, .notReady])
  }

  private static var deciding: [APIOperation] {
    let days = DecisionService.permitDays
    return [
      decide(
        "release", "releaseInstallation", "Frees an installation's seat and ends its chain.",
        answer: APISchema.named("Decision")),
      decide(
        "replace", "permitReplacement",
        "Lets another installation take this one's place, once.",
        optional: [
          (
            "days",
            [
              "type": "integer", "minimum": .integer(days.lowerBound),
              "maximum": .integer(days.upperBound),
            ]
          ), ("successor", APISchema.thumbprint),
        ], answer: APISchema.named("Decision")),
      decide(
        "close", "closeDates", "Closes the open dates of an installation through one.",
        required: [("through", APISchema.date)],
        answer: APISchema.object([("closed", APISchema.list(APISchema.date))])),
    ] + changingBills
  }

  private static var changingBills: [APIOperation] {
    let more: [(String, JSONValue)] = [
      ("through", APISchema.date), ("finding", staffText(BillChange.findingLimit)),
    ]
    func change(
      _ verb: Decision.Subject, _ id: String, _ summary: String,
      _ required: [(String, JSONValue)] = []
    ) -> APIOperation {
      decide(
        verb.rawValue, id, summary, required: [("from", APISchema.date)] + required,
        optional: more, answer: APISchema.named("Decision"))
    }
    return [
      change(.waive, "waiveDates", "Bills nothing for dates of an installation."),
      change(
        .correct, "correctDates", "Bills a stated quantity for each of an installation's dates.",
        [("quantity", APISchema.count)]),
      change(
        .restore, "restoreDates",
        "Takes back what was decided about the bill of an installation's dates."),
    ]
  }

  private static var publishing: APIOperation {
    APIOperation(
      .put, "/v1/publications", "publish",
      "Publishes licenses, keysets and revocations to the back channel.", by: .token(.publish),
      body: APIOperation.Body(
        schema: APISchema.object(
          [
            ("licenses", APISchema.list(APISchema.sealed(.license), atMost: 10_000)),
            ("keysets", APISchema.list(APISchema.text, atMost: 64)),
          ], optional: [("revocations", APISchema.sealed(.revocations))], closed: true),
        limit: StaffRoutes.publicationLimit),
      answers: answer(
        APISchema.object(
          [("epoch", APISchema.count), ("licenses", APISchema.count)],
          optional: [("revocations", APISchema.count)])),
      codes: sealCodes + [.conflict])
  }

  // The process.

  private static var ofProcess: [APIOperation] {
    let status = APISchema.object([("status", APISchema.text)])
    return [
      APIOperation(
        .get, "/healthz", "live", "Says that the process lives.", by: .everyone,
        answers: answer(status)),
      APIOperation(
        .get, "/readyz", "ready", "Says whether requests can be served.", by: .monitors,
        answers: answer(status), codes: [.notReady]),
      APIOperation(
        .get, "/metrics", "metrics", "What the process has counted, for Prometheus.",
        by: .monitors, answers: [("text/plain", APISchema.text)]),
      APIOperation(
        .get, "/openapi.json", "describe", "This document.", by: .everyone,
        answers: answer(APISchema.anyObject)),
    ]
  }
}
