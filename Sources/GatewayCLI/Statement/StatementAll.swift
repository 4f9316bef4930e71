internal import ArgumentParser
internal import Billing
internal import Gateway
internal import Licensing
internal import Platform
internal import Terminal

/// Writes the statements of a month of every line into one file.
struct StatementAll: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "all",
    abstract: "Write the statements of a month of every line into one file.",
    discussion: """
      Lines that no installation ever belonged to are left out. Final statements are taken as they were \
      made, the others computed as of now. Nothing is sealed, and no date is closed. json is one \
      statement on each line; csv and focus are one table. While it runs, reports are taken.

      Example: tally-gateway statement all --month 2026-11 --state /var/lib/tally-gateway \
      --format json --out november.jsonl
      """)

  @Option(help: ArgumentHelp("The month.", valueName: "YYYY-MM"))
  var month: Month

  @Option(help: "What to write: json, csv or focus.")
  var format: StatementFormat

  @Option(help: ArgumentHelp("The file to write.", valueName: "file"))
  var out: String

  @OptionGroup var state: StateOptions

  func validate() throws {
    guard format != .jws else {
      throw ValidationError("sealed statements are written one by one: see statement export")
    }
  }

  func run() async throws {
    let store = try await state.openStore()
    let outcome: Result<Int, any Error>
    do { outcome = .success(try await write(store)) } catch { outcome = .failure(error) }
    await store.close()
    let count = try outcome.get()
    Output.talk(
      "tally-gateway: wrote \(count) statements of \(month) to \(out)",
      "tally-gateway: 已将 \(month) 的 \(count) 份账单写入 \(out)")
  }

  private func write(_ store: any LedgerStore) async throws -> Int {
    let trust = try await GatewayState.trust(of: store)
    let shelf = LicenseShelf(store, trust)
    let statements = StatementService(store: store, shelf: shelf, clock: SystemClock())
    let file = try FileSink(out, mode: 0o600, replaces: true)
    var isFirst = true
    let count = try await statements.all(in: month) { [format] statement in
      // The statement was computed in that zone.
      guard let zone = shelf.zone(named: statement.zone) else {
        throw CommandError(.fault, "time zone \(statement.zone) cannot be read: install tzdata")
      }
      return statement.file(as: format, sealed: "", keysets: [], in: zone)
    } write: { bytes in
      // Each table begins with the same line of names.
      let names = isFirst || format == .json ? nil : bytes.firstIndex(of: 0x0A)
      try file.write(names.map { Array(bytes[($0 + 1)...]) } ?? bytes)
      isFirst = false
    }
    try file.finish()
    return count
  }
}
