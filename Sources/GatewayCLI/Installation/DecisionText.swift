internal import Billing
internal import CivilTime
internal import Licensing
internal import Platform
internal import Sealing
internal import Terminal

/// A decision as people read it.
enum DecisionText {
  /// Who decided, when, and why.
  static func text(_ decision: JSONValue?) -> String {
    let by = decision?["by"]?.string ?? "-"
    let at = decision?["iat"]?.integer.map(UTC.text) ?? "-"
    return Printable.line("\(by), \(at): \(decision?["why"]?.string ?? "-")")
  }

  /// What was decided.
  static func subject(_ decision: JSONValue?) -> BilingualText {
    let date = decision?["date"]?.string ?? "-"
    return switch decision?["kind"]?.string.flatMap({ Decision.Subject(rawValue: $0) }) {
    case .closing: BilingualText("date \(date) closed", "关闭日期 \(date)")
    case .release: BilingualText("seat freed", "释放席位")
    case .replace: BilingualText("replacement permitted", "准许接替")
    case nil: BilingualText("-", "-")
    }
  }
}
