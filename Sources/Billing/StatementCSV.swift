import CivilTime
import Licensing
import Metering
import Sealing

/// One row of a statement's tables.
enum StatementEntry {
  case line(StatementLine)
  case correction(StatementCorrection)

  var line: StatementLine? {
    if case .line(let line) = self { line } else { nil }
  }

  var correction: StatementCorrection? {
    if case .correction(let correction) = self { correction } else { nil }
  }

  var installation: Thumbprint {
    switch self {
    case .line(let line): line.installation
    case .correction(let correction): correction.installation
    }
  }

  var date: CivilDate {
    switch self {
    case .line(let line): line.date
    case .correction(let correction): correction.date
    }
  }

  var license: (id: LicenseID, revision: Int64) {
    switch self {
    case .line(let line): (line.license, line.revision)
    case .correction(let correction): (correction.license, correction.revision)
    }
  }

  var basis: StatementLine.Basis {
    switch self {
    case .line(let line): line.basis
    case .correction(let correction): correction.basis
    }
  }

  var seq: Int64? {
    switch self {
    case .line(let line): line.seq
    case .correction(let correction): correction.seq
    }
  }

  var yieldsTo: Thumbprint? {
    switch self {
    case .line(let line): line.yieldsTo
    case .correction(let correction): correction.yieldsTo
    }
  }

  /// How staff changed what the date bills.
  var decided: StatementLine.Decided? {
    switch self {
    case .line(let line): line.decided
    case .correction(let correction): correction.decided
    }
  }

  /// Collectors billed; of a correction how many more, or fewer.
  var quantity: Int64 {
    switch self {
    case .line(let line): line.quantity
    case .correction(let correction): correction.quantity
    }
  }

  /// What is charged, below zero what is given back; nil without a price.
  var money: (currency: String, amount: Int64)? {
    switch self {
    case .line(let line): line.charge.map { ($0.currency, $0.amount) }
    case .correction(let correction): correction.charge.map { ($0.currency, $0.amount) }
    }
  }
}

extension Statement {
  /// Lines, then corrections, each in the statement's order.
  var entries: [StatementEntry] {
    lines.map(StatementEntry.line) + corrections.map(StatementEntry.correction)
  }

  /// The statement as a table for spreadsheets: UTF-8 with its mark, a row for each line and each
  /// correction, no totals among them. Amounts stand in minor units and, beside that, as decimals.
  package var csv: [UInt8] {
    let columns = Self.columns
    var text = CSVText(columns.map(\.name), marked: true)
    for entry in entries { text.add(columns.map { $0.cell(self, entry) }) }
    return text.bytes
  }

  struct Column {
    let name: String
    let cell: (Statement, StatementEntry) -> CSVText.Cell

    init(_ name: String, _ cell: @escaping (Statement, StatementEntry) -> CSVText.Cell) {
      self.name = name
      self.cell = cell
    }
  }

  static var columns: [Column] { ofStatement + ofDate + ofCounting + ofMoney }

  private static var ofStatement: [Column] {
    [
      Column("entry") { _, entry in .word(entry.line == nil ? "correction" : "line") },
      Column("month") { statement, _ in .word(statement.month.description) },
      Column("line") { statement, _ in .text(statement.line.text) },
      Column("sub") { statement, _ in .text(statement.sub.text) },
      Column("customer") { statement, _ in .text(statement.customer) },
      Column("product") { statement, _ in .text(statement.product) },
      Column("zone") { statement, _ in .text(statement.zone) },
      Column("status") { statement, _ in .word(statement.status.rawValue) },
      Column("as_of") { statement, _ in .integer(statement.asOf) },
      Column("position") { statement, _ in .integer(statement.position) },
    ]
  }

  private static var ofDate: [Column] {
    [
      Column("installation") { _, entry in .text(entry.installation.text) },
      Column("date") { _, entry in .word(entry.date.description) },
      Column("license") { _, entry in .text(entry.license.id.text) },
      Column("revision") { _, entry in .integer(entry.license.revision) },
      Column("terms") { _, entry in entry.line.map { .word($0.terms.rawValue) } ?? .absent },
      Column("basis") { _, entry in .word(entry.basis.rawValue) },
      Column("seq") { _, entry in CSVText.Cell(entry.seq) },
    ]
  }

  private static var ofCounting: [Column] {
    [
      Column("peak") { _, entry in CSVText.Cell(entry.line?.peak) },
      Column("peak_at") { _, entry in CSVText.Cell(entry.line?.peakAt) },
      Column("peak_at_utc") { _, entry in
        entry.line?.peakAt.map { .word(UTC.text($0)) } ?? .absent
      },
      Column("sampled_peak") { _, entry in CSVText.Cell(entry.line?.sampledPeak) },
      Column("seconds") { _, entry in CSVText.Cell(entry.line?.seconds) },
      Column("observed") { _, entry in CSVText.Cell(entry.line?.observed) },
      Column("gap_count") { _, entry in CSVText.Cell(entry.line?.gapCount) },
      Column("gaps") { _, entry in CSVText.Cell(text: entry.line.flatMap(gaps)) },
      Column("rule_window") { _, entry in CSVText.Cell(entry.line?.rule?.window) },
      Column("rule_dwell") { _, entry in CSVText.Cell(entry.line?.rule?.dwell) },
      Column("rule_identity") { _, entry in CSVText.Cell(text: entry.line?.rule?.identity) },
    ]
  }

  private static var ofMoney: [Column] {
    [
      Column("was") { _, entry in CSVText.Cell(entry.correction?.was) },
      Column("now") { _, entry in CSVText.Cell(entry.correction?.now) },
      Column("quantity") { _, entry in .integer(entry.quantity) },
      Column("carried_from") { _, entry in
        entry.line?.carriedFrom.map { .word($0.description) } ?? .absent
      },
      Column("yields_to") { _, entry in CSVText.Cell(text: entry.yieldsTo?.text) },
      Column("decided") { _, entry in entry.decided.map { .word($0.rawValue) } ?? .absent },
      Column("computed") { _, entry in CSVText.Cell(entry.line?.computed) },
      Column("currency") { _, entry in CSVText.Cell(text: entry.money?.currency) },
      Column("rate") { _, entry in CSVText.Cell(entry.line?.charge?.rate) },
      Column("amount") { _, entry in CSVText.Cell(entry.money?.amount) },
      Column("rate_decimal") { _, entry in
        decimal(entry.line?.charge.map { ($0.currency, $0.rate) })
      },
      Column("amount_decimal") { _, entry in decimal(entry.money) },
    ]
  }

  /// An amount by its currency's digits, exactly.
  static func decimal(_ money: (currency: String, amount: Int64)?) -> CSVText.Cell {
    money.map { .decimal(MinorUnits.text($0.amount, $0.currency)) } ?? .absent
  }

  /// `from/to/reason` of each gap that the line shows.
  private static func gaps(_ line: StatementLine) -> String? {
    guard !line.gaps.isEmpty else { return nil }
    return line.gaps.map { "\($0.from)/\($0.to)/\($0.reason)" }.joined(separator: "; ")
  }
}
