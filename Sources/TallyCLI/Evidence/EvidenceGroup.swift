internal import ArgumentParser

/// What customers hand over to show what was counted.
struct EvidenceGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evidence", abstract: "Check what a customer hands over of a date's count.",
    discussion: "Example: tally evidence check 2026-11-21.evidence",
    subcommands: [EvidenceCheck.self])
}
