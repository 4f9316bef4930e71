internal import ArgumentParser
internal import Gateway
internal import Platform
internal import Sealing
internal import Terminal

/// Copies the ledger while it is in use.
struct Backup: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Copy the ledger into a new file, whole, while serve goes on.",
    discussion: """
      The copy is the ledger as of one commit, flushed, and looked at by SQLite before it gets its name; \
      only its owner may read it. To restore it, stop serve and put it in the state folder as \
      tally-gateway.sqlite, without the -wal and -shm files of the lost one. Keys are not in it. \
      Verifiers notice a ledger that is older than their receipts and send again what is missing.

      Example: tally-gateway backup /srv/backup/2026-11-21.sqlite --state /var/lib/tally-gateway
      """)

  @Argument(help: ArgumentHelp("The file to make.", valueName: "file"))
  var file: String

  @Option(help: "How to write what was done.")
  var format: Format = .text

  @OptionGroup var state: StateOptions

  func run() async throws {
    let store = try await state.openStore()
    let outcome: Result<Int64, any Error>
    do {
      guard let embedded = store as? SQLiteLedgerStore else {
        throw CommandError(
          .usage,
          "the ledger is in a PostgreSQL database: copy that with its own programs, such as "
            + "pg_basebackup or pg_dump")
      }
      try embedded.copy(to: file)
      outcome = .success(try await Self.entries(file))
    } catch { outcome = .failure(error) }
    await store.close()
    let entries = try outcome.get()
    switch format {
    case .json: Output.data(["file": .string(file), "entries": .integer(entries)])
    case .text:
      Output.data(
        "copied \(entries) entries to \(file)", "已将 \(entries) 条记录复制到 \(file)")
    }
  }

  /// Reads the copy once, as a start would.
  private static func entries(_ file: String) async throws -> Int64 {
    let copy = try SQLiteLedgerStore(path: file)
    let outcome: Result<Int64, any Error>
    do { outcome = .success(try await copy.read { try $0.position() }) } catch {
      outcome = .failure(error)
    }
    await copy.close()
    return try outcome.get()
  }
}
