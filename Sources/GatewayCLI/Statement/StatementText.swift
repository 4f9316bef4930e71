internal import Billing
internal import CivilTime
internal import Licensing
internal import Metering
internal import Platform
internal import Sealing
internal import Terminal

/// A statement as people read it.
enum StatementText {
  static func text(_ statement: Statement) -> String {
    var parts = [heading(statement), table(statement).text]
    let totals = statement.totals.map { total in
      "total: \(total.quantity) collector-days, \(total.currency) "
        + MinorUnits.text(total.amount, total.currency)
    }
    parts.append(totals.isEmpty ? "total: no priced usage" : totals.joined(separator: "\n"))
    return parts.joined(separator: "\n\n")
  }

  private static func heading(_ statement: Statement) -> String {
    let zone = try? ZoneFiles.load(statement.zone)
    let asOf = zone?.localText(at: statement.asOf) ?? UTC.text(statement.asOf)
    var lines = [
      "statement \(statement.month) of \(statement.line), \(statement.customer), "
        + "\(statement.product): \(statement.status.rawValue)",
      "as of \(asOf) (\(statement.zone)), ledger position \(statement.position)",
    ]
    lines += Set(statement.lines.compactMap(\.rule)).map(rule).sorted()
    return lines.map(Printable.line).joined(separator: "\n")
  }

  /// Who was one collector, and for how long.
  private static func rule(_ rule: UsageRecord.Rule) -> String {
    let dwell = rule.dwell > 0 ? ", counted from \(rule.dwell) s after its first beat" : ""
    return "a collector is one \(rule.identity), online for \(rule.window) s after a beat\(dwell)"
  }

  private static func table(_ statement: Statement) -> TextTable {
    let zone = try? ZoneFiles.load(statement.zone)
    var table = TextTable([
      "DATE", "INSTALLATION", "PEAK", "AT", "COVERAGE", "GAPS", "BASIS", "TERMS", "BILLED",
      "RATE", "AMOUNT", "NOTE",
    ])
    for line in statement.lines {
      let time = line.peakAt.map { zone?.localText(at: $0) ?? UTC.text($0) }
      table.add([
        line.date.description, String(line.installation.text.prefix(8)),
        line.peak.map { String($0) } ?? "-", time.map { String($0.dropFirst(11).prefix(8)) } ?? "-",
        coverage(line), String(line.gapCount), line.basis.rawValue, line.terms.rawValue,
        String(line.quantity),
        line.charge.map { "\($0.currency) \(MinorUnits.text($0.rate, $0.currency))" } ?? "-",
        line.charge.map { "\($0.currency) \(MinorUnits.text($0.amount, $0.currency))" } ?? "-",
        note(line),
      ])
    }
    return table
  }

  /// Observed seconds of all, rounded down: less than 100 % says that something is missing.
  private static func coverage(_ line: StatementLine) -> String {
    guard line.seconds > 0 else { return "-" }
    let permille = min(line.observed, line.seconds) * 1000 / line.seconds
    return "\(permille / 10).\(permille % 10) %"
  }

  private static func note(_ line: StatementLine) -> String {
    if let other = line.yieldsTo { return "billed with \(other.text.prefix(8))" }
    if let date = line.carriedFrom { return "carried from \(date)" }
    return ""
  }
}
