internal import ArgumentParser
internal import Authority
internal import CivilTime
internal import Sealing
internal import Terminal

/// Prints the audit log.
struct AuditLog: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log", abstract: "Print who did what, when and why.",
    discussion: """
      With --format json each row has the exact payload that was sealed, and as "document" the \
      sealed document itself.

      Example: tally audit log --last 20 --registry /srv/registry
      """)

  @Option(help: ArgumentHelp("Only the newest rows.", valueName: "n"))
  var last: Int?

  @OptionGroup var registry: RegistryOptions
  @OptionGroup var format: FormatOption

  func validate() throws {
    guard last ?? 1 >= 1 else { throw ValidationError("--last must be 1 or more") }
  }

  func run() throws {
    let registry = try registry.open(for: .read).registry
    let entries = try registry.audit(last: last)
    switch format.format {
    case .json:
      let documents = try registry.sealedDocuments()
      Output.data(.array(entries.map { json($0, documents[$0.payload]) }))
    case .text:
      var table = TextTable(
        ["ROW", "AT", "WHO", "WHAT", "SUBJECTS", "WHY"], ["行", "时刻", "何人", "操作", "对象", "原因"])
      for entry in entries {
        table.add([
          String(entry.seq), UTC.text(entry.at), entry.who, entry.action.rawValue,
          entry.subjects.joined(separator: " "), entry.why,
        ])
      }
      Output.data(table.text)
    }
  }

  private func json(_ entry: AuditEntry, _ document: String?) -> JSONValue {
    guard case .object(let members) = entry.json else { return entry.json }
    return .object(members + [JSONMember("document", document.map { .string($0) } ?? .null)])
  }
}
