internal import Sealing
internal import Terminal

/// The text of `usage show`.
enum UsageText {
  static func text(_ json: JSONValue) -> String {
    var parts: [String] = []
    if json["date"] != nil {
      parts.append(day(json, zone: json["zone"]?.string ?? ""))
    } else {
      parts.append("nothing has been counted yet")
    }
    if case .array(let days)? = json["days"], !days.isEmpty { parts.append(table(days)) }
    return parts.joined(separator: "\n\n")
  }

  private static func day(_ day: JSONValue, zone: String) -> String {
    let state = day["state"]?.string ?? ""
    var lines = ["\(day["date"]?.string ?? "") (\(zone)), \(words(state))"]
    if let peak = day["peak"]?.integer, let at = day["peak_at"] {
      lines.append("peak      \(peak), first reached at \(at["local"]?.string ?? "")")
      lines.append("          \(at["utc"]?.string ?? "") in UTC")
    } else {
      lines.append("peak      none: nothing was observed")
    }
    lines.append("online    \(number(day, "online"))")
    lines.append("distinct  \(number(day, "distinct"))")
    lines.append("refused   \(number(day, "refused"))")
    lines.append("observed  \(number(day, "observed")) s, \(gaps(day)) gaps")
    let isReceipted = day["receipted"] == .bool(true)
    lines.append("receipt   \(isReceipted ? "yes" : "not yet")")
    return lines.joined(separator: "\n")
  }

  private static func words(_ state: String) -> String {
    switch state {
    case "open": "being counted"
    case "last": "as last kept; serve does not run"
    case "sampled": "as last sampled"
    default: "closed"
    }
  }

  private static func table(_ days: [JSONValue]) -> String {
    var table = TextTable(["DATE", "PEAK", "AT", "DISTINCT", "OBSERVED", "GAPS", "RECEIPT"])
    for day in days {
      table.add([
        day["date"]?.string ?? "", day["peak"]?.integer.map { String($0) } ?? "-",
        day["peak_at"]?["local"]?.string ?? "-", number(day, "distinct"),
        number(day, "observed"), gaps(day),
        day["receipted"] == .bool(true) ? "yes" : "not yet",
      ])
    }
    return table.text
  }

  private static func number(_ day: JSONValue, _ name: String) -> String {
    day[name]?.integer.map { String($0) } ?? "-"
  }

  private static func gaps(_ day: JSONValue) -> String {
    guard case .array(let gaps)? = day["gaps"] else { return "0" }
    return String(gaps.count)
  }
}
