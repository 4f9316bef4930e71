internal import Authority
internal import Licensing
internal import Sealing
internal import Terminal

/// Shows a license before it is issued.
enum DraftOutput {
  /// Says on standard error what it changes and what is remarkable.
  static func tell(_ draft: LicenseDraft) {
    if let previous = draft.previous {
      let revision = draft.license.revision
      Output.talk(
        "\(previous.line): revision \(revision), made from revision \(previous.revision)",
        "\(previous.line)：修订号 \(revision)，由修订号 \(previous.revision) 而来")
      tell(draft.differences)
    }
    if let replaced = draft.replaced {
      Output.talk(
        "against revision \(replaced.revision), whose place it takes:",
        "与它所取代的修订号 \(replaced.revision) 相比：")
      tell(draft.replacedDifferences)
    }
    for remark in draft.remarks { Output.talk("tally: \(remark.spoken)") }
  }

  private static func tell(_ differences: [LicenseDifference]) {
    for difference in differences {
      Output.talk("  \(difference.text)", "  \(difference.chinese)")
    }
  }

  /// Rehearses for a trial. The command would have stopped at its questions before a fault is met, so that
  /// is what the trial ends with.
  static func rehearsed(
    _ stop: AuthorityError?, _ body: () throws -> Rehearsed
  ) throws -> Rehearsed {
    do { return try body() } catch {
      guard let stop, let report = ErrorReport.report(error, in: .spoken) else { throw error }
      Output.talk("tally: \(report.message)")
      throw stop
    }
  }

  /// Shows what a trial came to.
  /// - Throws: what the command would end with.
  static func show(
    _ draft: LicenseDraft, _ rehearsed: Rehearsed, _ format: Format, _ stop: AuthorityError?
  ) throws(AuthorityError) {
    switch format {
    case .json: Output.data(.object([JSONMember("dry_run", true)] + members(draft, rehearsed)))
    case .text:
      Output.data(
        "would be issued, signed by key \(rehearsed.key):", "将会签发，由密钥 \(rehearsed.key) 签署：")
      Output.data(IssuedOutput.text(draft.license, isDraft: true))
    }
    try end(rehearsed, stop)
  }

  /// Says that nothing was done, and ends as the command would: at its questions, or at the key.
  static func end(_ rehearsed: Rehearsed, _ stop: AuthorityError?) throws(AuthorityError) {
    Output.talk(
      "tally: dry run: nothing was signed and nothing was stored", "tally: 试运行：没有签名也没有保存任何内容")
    if let error = stop ?? rehearsed.fault { throw error }
  }

  static func members(_ draft: LicenseDraft, _ rehearsed: Rehearsed) -> [JSONMember] {
    [
      JSONMember("line", draft.previous?.line.json ?? .null),
      JSONMember("revision", .integer(draft.license.revision)),
      JSONMember("previous", draft.previous?.jti.json ?? .null),
      JSONMember("kid", rehearsed.key.json),
      JSONMember("license", draft.json),
      JSONMember("differences", .array(draft.differences.map(\.json))),
      JSONMember("replaced", draft.replaced?.jti.json ?? .null),
      JSONMember("replaced_differences", .array(draft.replacedDifferences.map(\.json))),
      JSONMember("questions", .array(draft.questions.map(\.json))),
      JSONMember("remarks", .array(draft.remarks.map { .string($0.english) })),
      JSONMember("obstacles", .array(rehearsed.obstacles.map { .string($0.english) })),
    ]
  }
}
