internal import ArgumentParser
internal import Authority
internal import Sealing
internal import Terminal

/// Verifies the audit log.
struct AuditVerify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Walk the chained log and hold it against what was issued.",
    discussion: """
      Every sealed document is held against its row, its payload and its key, and its signature is \
      verified; keysets must lead on from each other, revocations forget nothing, and keys stand as \
      the log says.

      A log that was cut off at its end, or written anew from one row on, is whole in itself: \
      note the printed row and head elsewhere, and give them back later with --expect. Exit \
      status 1: the log is not whole.

      Example: tally audit verify --expect 42:HEAD --registry /srv/registry
      """)

  @Option(help: ArgumentHelp("A row and its hash, noted earlier.", valueName: "row:hash"))
  var expect: String?

  @OptionGroup var registry: RegistryOptions
  @OptionGroup var format: FormatOption

  func run() throws {
    let noted = try expect.map(Self.parse)
    let registry = try registry.open(for: .read).registry
    let report = try registry.verifyAudit()
    var faults = report.faults
    if let noted {
      if let fault = try Self.fault(of: noted, in: registry, report) { faults.append(fault) }
    }
    switch format.format {
    case .json:
      Output.data([
        "rows": .integer(report.rows), "head": report.head?.json ?? .null,
        "documents": .integer(report.documents),
        "faults": .array(faults.map { .string($0) }),
      ])
    case .text:
      Output.data("\(report.rows):\(report.head?.text ?? "-")")
    }
    guard faults.isEmpty else {
      throw CommandError(.refused, "the audit log is not whole: " + faults.joined(separator: "; "))
    }
  }

  /// How the log differs from what was noted, nil where it does not.
  private static func fault(
    of noted: (row: Int64, hash: Digest), in registry: Registry, _ report: AuditReport
  ) throws -> String? {
    guard let hash = try registry.auditHash(of: noted.row) else {
      return "row \(noted.row), noted earlier, is missing: the log ends with row \(report.rows), "
        + "what followed was cut off"
    }
    return hash == noted.hash.text ? nil : "row \(noted.row) is not the one noted earlier"
  }

  private static func parse(_ text: String) throws(ValidationError) -> (row: Int64, hash: Digest) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let row = Int64(parts[0]),
      let hash = Digest(base64URL: String(parts[1]))
    else {
      throw ValidationError("--expect must be ROW:HASH as \"tally audit verify\" prints them")
    }
    return (row, hash)
  }
}
