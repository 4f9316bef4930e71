internal import Authority
internal import Licensing
internal import Sealing
internal import Terminal

/// Shows a license before it is issued.
enum DraftOutput {
  /// Says on standard error what it changes and what is remarkable.
  static func tell(_ draft: LicenseDraft) {
    if let previous = draft.previous {
      Output.talk(
        "\(previous.line): revision \(draft.license.revision), made from revision "
          + "\(previous.revision)")
      for difference in draft.differences { Output.talk("  \(difference.text)") }
    }
    if let replaced = draft.replaced {
      Output.talk("against revision \(replaced.revision), whose place it takes:")
      for difference in draft.replacedDifferences { Output.talk("  \(difference.text)") }
    }
    for remark in draft.remarks { Output.talk("tally: \(remark)") }
  }

  /// Shows what a trial came to.
  static func show(_ draft: LicenseDraft, _ rehearsed: Rehearsed, _ format: Format) {
    switch format {
    case .json: Output.data(.object([JSONMember("dry_run", true)] + members(draft, rehearsed)))
    case .text:
      Output.data("would be issued, signed by key \(rehearsed.key):")
      Output.data(IssuedOutput.text(draft.license, isDraft: true))
    }
    end(rehearsed)
  }

  /// Says that nothing was done, and what would stand in the way.
  static func end(_ rehearsed: Rehearsed) {
    for obstacle in rehearsed.obstacles { Output.talk("tally: \(obstacle)") }
    Output.talk("tally: dry run: nothing was signed and nothing was stored")
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
      JSONMember("remarks", .array(draft.remarks.map { .string($0) })),
      JSONMember("obstacles", .array(rehearsed.obstacles.map { .string($0) })),
    ]
  }
}
