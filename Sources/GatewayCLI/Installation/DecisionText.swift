internal import Billing
internal import CivilTime
internal import Licensing
internal import Platform
internal import Sealing
internal import Terminal

/// A decision as people read it.
enum DecisionText {
  /// Who decided, when, why, and for which finding.
  static func text(_ decision: JSONValue?) -> String {
    let by = decision?["by"]?.string ?? "-"
    let at = decision?["iat"]?.integer.map(UTC.text) ?? "-"
    let finding = decision?["finding"]?.string.map { " (\($0))" } ?? ""
    return Printable.line("\(by), \(at): \(decision?["why"]?.string ?? "-")\(finding)")
  }

  /// The dates whose bill it is about.
  private static func dates(_ decision: JSONValue?) -> BilingualText {
    let from = decision?["from"]?.string ?? "-"
    let through = decision?["through"]?.string ?? "-"
    return from == through
      ? BilingualText(from, from)
      : BilingualText("\(from) through \(through)", "\(from) 至 \(through)")
  }

  /// What was decided.
  static func subject(_ decision: JSONValue?) -> BilingualText {
    let date = decision?["date"]?.string ?? "-"
    let dates = dates(decision)
    let quantity = decision?["quantity"]?.integer ?? 0
    return switch decision?["kind"]?.string.flatMap({ Decision.Subject(rawValue: $0) }) {
    case .closing: BilingualText("date \(date) closed", "关闭日期 \(date)")
    case .release: BilingualText("seat freed", "释放席位")
    case .replace: BilingualText("replacement permitted", "准许接替")
    case .waive:
      BilingualText("\(dates.english) waived", "免计 \(dates.chinese)")
    case .correct:
      BilingualText(
        "\(dates.english) corrected to \(quantity)", "将 \(dates.chinese) 更正为 \(quantity)")
    case .restore:
      BilingualText(
        "\(dates.english) billed by what was counted again", "恢复按计数对 \(dates.chinese) 计费")
    case nil: BilingualText("-", "-")
    }
  }
}
