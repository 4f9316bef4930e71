internal import ArgumentParser
internal import CivilTime
internal import Gateway
internal import Licensing
internal import Platform
internal import Sealing
internal import Terminal

/// Lists findings.
struct FindingList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the findings in the order in which they were first opened.",
    discussion: """
      Without --in those that are not resolved.

      Example: tally-gateway finding list --state /var/lib/tally-gateway --code SILENT --in open \
      --format json
      """)

  /// Which of them.
  enum Choice: String, ExpressibleByArgument, CaseIterable {
    case unresolved
    case open
    case acknowledged
    case resolved
    case all

    /// The states, each of which is a list of its own.
    var states: [LedgerFinding.State?] {
      switch self {
      case .unresolved: [.open, .acknowledged]
      case .open: [.open]
      case .acknowledged: [.acknowledged]
      case .resolved: [.resolved]
      case .all: [nil]
      }
    }
  }

  @Option(name: .customLong("in"), help: "Only those of one state.")
  var choice: Choice = .unresolved

  @Option(help: ArgumentHelp("Only those of one code, such as SILENT.", valueName: "code"))
  var code: LedgerFinding.Code?

  @Option(help: ArgumentHelp("Only those of one line.", valueName: "line"))
  var line: LineID?

  @Option(help: ArgumentHelp("Only those of one installation.", valueName: "installation"))
  var installation: Thumbprint?

  @Option(help: "How to write them.")
  var format: Format = .text

  @OptionGroup var state: StateOptions

  func run() async throws {
    let store = try await state.openStore()
    let found: Result<[LedgerFinding], any Error>
    do { found = .success(try await read(store)) } catch { found = .failure(error) }
    await store.close()
    let findings = try found.get()
    switch format {
    case .json: Output.data(.array(findings.map(\.json)))
    case .text: Output.data(Self.table(findings).text)
    }
  }

  private func read(_ store: any LedgerStore) async throws -> [LedgerFinding] {
    var all: [LedgerFinding] = []
    for state in choice.states {
      let filter = FindingFilter(state: state, code: code, line: line, installation: installation)
      var cursor: FindingID?
      repeat {
        let after = cursor
        let page = try await store.read {
          try $0.findings(filter, after: after, limit: FindingService.pageSize)
        }
        all += page
        cursor = page.count == FindingService.pageSize ? page.last?.id : nil
      } while cursor != nil
    }
    return all.sorted { $0.id < $1.id }
  }

  private static func table(_ findings: [LedgerFinding]) -> TextTable {
    var table = TextTable(
      ["FINDING", "CODE", "STATE", "INSTALLATION", "LINE", "COUNT", "LAST", "OWNER"],
      ["编号", "代码", "状态", "安装", "系列", "次数", "最近", "负责人"])
    for finding in findings {
      table.add([
        finding.id.text, finding.code.rawValue, FindingText.state(finding.state).spoken,
        finding.installation.text, finding.line.text, String(finding.count),
        UTC.text(finding.lastAt), Printable.line(finding.owner ?? "-"),
      ])
    }
    return table
  }
}
