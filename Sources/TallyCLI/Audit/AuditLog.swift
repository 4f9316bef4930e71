internal import ArgumentParser
internal import Authority
internal import CivilTime
internal import Sealing
internal import Terminal

/// Prints the audit log.
struct AuditLog: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log", abstract: "Print who did what, when and why.",
    discussion: "Example: tally audit log --last 20 --registry /srv/registry")

  @Option(help: ArgumentHelp("Only the newest rows.", valueName: "n"))
  var last: Int?

  @OptionGroup var registry: RegistryOptions
  @OptionGroup var format: FormatOption

  func validate() throws {
    guard last ?? 1 >= 1 else { throw ValidationError("--last must be 1 or more") }
  }

  func run() throws {
    let entries = try registry.open(for: .read).registry.audit(last: last)
    switch format.format {
    case .json: Output.data(.array(entries.map(\.json)))
    case .text:
      var table = TextTable(["ROW", "AT", "WHO", "WHAT", "SUBJECTS", "WHY"])
      for entry in entries {
        table.add([
          String(entry.seq), UTC.text(entry.at), entry.who, entry.action.rawValue,
          entry.subjects.joined(separator: " "), Printable.text(entry.why),
        ])
      }
      Output.data(table.text)
    }
  }
}
