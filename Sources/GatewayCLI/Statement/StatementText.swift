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
    if !statement.corrections.isEmpty { parts.append(corrections(statement).text) }
    let totals = statement.totals.map { total in
      let amount = "\(total.currency) \(MinorUnits.text(total.amount, total.currency))"
      return say(
        "total: \(total.quantity) collector-days, \(amount)", "合计：\(total.quantity) 采集器日，\(amount)")
    }
    parts.append(
      totals.isEmpty ? say("total: no priced usage", "合计：没有计价的用量") : totals.joined(separator: "\n"))
    let decisions = statement.decisions.compactMap(decision)
    if !decisions.isEmpty { parts.append(decisions.joined(separator: "\n")) }
    return parts.joined(separator: "\n\n")
  }

  /// What final statements of other months billed otherwise than their dates come to now.
  private static func corrections(_ statement: Statement) -> TextTable {
    var table = TextTable(
      ["CORRECTION", "INSTALLATION", "WAS", "NOW", "BASIS", "AMOUNT", "NOTE"],
      ["更正", "安装", "原计费", "现计费", "依据", "金额", "备注"])
    for correction in statement.corrections {
      table.add([
        correction.date.description, String(correction.installation.text.prefix(8)),
        String(correction.was), String(correction.now), correction.basis.rawValue,
        correction.charge.map {
          "\($0.currency) \(MinorUnits.text($0.amount, $0.currency))"
        } ?? "-", correction.decided.map { word($0) } ?? "",
      ])
    }
    return table
  }

  private static func word(_ decided: StatementLine.Decided) -> String {
    switch decided {
    case .waive: say("waived", "已免计")
    case .correct: say("corrected by decision", "按决定更正")
    }
  }

  /// What staff decided: of which installation, what, who and why.
  private static func decision(_ jws: String) -> String? {
    guard let decision = try? Decision.quoted(jws).json else { return nil }
    let name = decision["installation"]?.string?.prefix(8) ?? "-"
    let subject = DecisionText.subject(decision)
    return say(
      "decided: \(name), \(subject.english), by \(DecisionText.text(decision))",
      "决定：\(name)，\(subject.chinese)，\(DecisionText.text(decision))")
  }

  private static func heading(_ statement: Statement) -> String {
    let zone = try? ZoneFiles.load(statement.zone)
    let asOf = zone?.localText(at: statement.asOf) ?? UTC.text(statement.asOf)
    let status = statement.status.rawValue
    var lines = [
      say(
        "statement \(statement.month) of \(statement.line), \(statement.customer), "
          + "\(statement.product): \(status)",
        "\(statement.customer) 的 \(statement.month) 账单，系列 \(statement.line)，\(statement.product)："
          + status),
      say(
        "as of \(asOf) (\(statement.zone)), ledger position \(statement.position)",
        "截至 \(asOf)（\(statement.zone)），账本位置 \(statement.position)"),
    ]
    lines += Set(statement.lines.compactMap(\.rule)).map(rule).sorted()
    return lines.map(Printable.line).joined(separator: "\n")
  }

  /// Who was one collector, and for how long.
  private static func rule(_ rule: UsageRecord.Rule) -> String {
    let dwell = rule.dwell > 0
    return say(
      "a collector is one \(rule.identity), online for \(rule.window) s after a beat"
        + (dwell ? ", counted from \(rule.dwell) s after its first beat" : ""),
      "一个采集器即一个 \(rule.identity)，每次心跳后 \(rule.window) 秒内在线"
        + (dwell ? "，首次心跳 \(rule.dwell) 秒后开始计入" : ""))
  }

  private static func table(_ statement: Statement) -> TextTable {
    let zone = try? ZoneFiles.load(statement.zone)
    var table = TextTable(
      [
        "DATE", "INSTALLATION", "PEAK", "AT", "COVERAGE", "GAPS", "BASIS", "TERMS", "BILLED",
        "RATE", "AMOUNT", "NOTE",
      ],
      ["日期", "安装", "峰值", "时刻", "覆盖", "缺口", "依据", "条款", "计费", "单价", "金额", "备注"])
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
    if let decided = line.decided {
      return word(decided) + say(", computed \(line.undecided)", "，计算值为 \(line.undecided)")
    }
    if let other = line.yieldsTo {
      return say("billed with \(other.text.prefix(8))", "并入 \(other.text.prefix(8)) 计费")
    }
    if let date = line.carriedFrom { return say("carried from \(date)", "沿用 \(date)") }
    return ""
  }

  private static func say(
    _ english: @autoclosure () -> String, _ chinese: @autoclosure () -> String
  ) -> String {
    Language.spoken.say(english(), chinese())
  }
}
