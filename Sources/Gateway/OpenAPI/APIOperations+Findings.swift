internal import Reporting
internal import Sealing

// What the vendor's staff see of findings, and do about them.
extension APIOperations {
  private static let finding = APIOperation.Parameter(
    "finding", in: .path, "A finding's name.", APISchema.findingID)

  static var findings: [APIOperation] {
    [
      APIOperation(
        .get, "/v1/findings", "listFindings",
        "Lists findings in the order in which they were first opened, a page at a time.",
        by: .token(.read),
        parameters: [
          .init(
            "state", "Only those of this state.", APISchema.choice(LedgerFinding.State.allCases)),
          .init("code", "Only those of this code.", APISchema.choice(LedgerFinding.Code.allCases)),
          .init("line", "Only those of this line.", APISchema.line),
          .init("installation", "Only those of this installation.", APISchema.thumbprint),
          .init("after", "The `next` of the page before.", APISchema.findingID),
        ],
        answers: answer(
          APISchema.object(
            [("findings", APISchema.list(APISchema.named("Finding")))],
            optional: [("next", APISchema.findingID)]))),
      APIOperation(
        .get, "/v1/findings/{finding}", "showFinding", "Shows one finding and its history.",
        by: .token(.read), parameters: [finding], answers: answer(APISchema.named("Finding")),
        codes: [.notFound]),
      act(
        "acknowledge", "acknowledgeFinding", "Says who looks after a finding.",
        optional: [
          ("owner", staffText(FindingService.ownerLimit)),
          ("note", staffText(FindingService.noteLimit)),
        ]),
      act(
        "resolve", "resolveFinding", "Says how a finding came to its end.",
        required: [
          (
            "resolution",
            APISchema.choice(LedgerFinding.Resolution.allCases.filter { $0 != .cleared })
          )
        ]),
      act("reopen", "reopenFinding", "Opens a resolved finding again."),
    ]
  }

  private static func act(
    _ verb: String, _ id: String, _ summary: String, required: [(String, JSONValue)] = [],
    optional: [(String, JSONValue)] = []
  ) -> APIOperation {
    APIOperation(
      .post, "/v1/findings/{finding}/\(verb)", id, summary, by: .token(.decide),
      parameters: [finding],
      body: APIOperation.Body(
        schema: APISchema.object(words + required, optional: optional, closed: true),
        limit: DecisionRoutes.limit), answers: answer(APISchema.named("FindingAnswer")),
      codes: [.notFound, .conflict])
  }
}
