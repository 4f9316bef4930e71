internal import Licensing
internal import Sealing
internal import Terminal

/// The text of `usage show`.
enum UsageText {
  private static let row = TextRow(width: 10)

  static func text(_ json: JSONValue) -> String {
    var parts: [String] = []
    if json["date"] != nil {
      parts.append(day(json, zone: json["zone"]?.string ?? ""))
    } else {
      parts.append(row.say("nothing has been counted yet", "还没有计数"))
    }
    if case .array(let days)? = json["days"], !days.isEmpty { parts.append(table(days)) }
    return parts.joined(separator: "\n\n")
  }

  private static func day(_ day: JSONValue, zone: String) -> String {
    let (date, state) = (day["date"]?.string ?? "", UsageState.words(day["state"]?.string))
    var lines = [row.say("\(date) (\(zone)), \(state)", "\(date)（\(zone)），\(state)")]
    lines += UsageState.peak(day, row)
    lines.append(row.text("online", "在线", number(day, "online")))
    lines.append(row.text("distinct", "采集器数", number(day, "distinct")))
    lines.append(row.text("refused", "拒绝", number(day, "refused")))
    let (observed, gaps) = (number(day, "observed"), gaps(day))
    lines.append(
      row.text(
        "observed", "观测", "\(observed) s, \(gaps) \(gaps == "1" ? "gap" : "gaps")",
        "\(observed) 秒，缺口 \(gaps) 个"))
    lines.append(row.text("receipt", "回执", receipt(day)))
    return lines.joined(separator: "\n")
  }

  private static func receipt(_ day: JSONValue) -> String {
    day["receipted"] == .bool(true) ? row.say("yes", "有") : row.say("not yet", "还没有")
  }

  private static func table(_ days: [JSONValue]) -> String {
    var table = TextTable(
      ["DATE", "PEAK", "AT", "DISTINCT", "OBSERVED", "GAPS", "RECEIPT"],
      ["日期", "峰值", "时刻", "采集器数", "观测秒数", "缺口", "回执"])
    for day in days {
      table.add([
        day["date"]?.string ?? "", day["peak"]?.integer.map { String($0) } ?? "-",
        day["peak_at"]?["local"]?.string ?? "-", number(day, "distinct"),
        number(day, "observed"), gaps(day), receipt(day),
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

/// What `usage show` and `usage explain` say of a date alike.
enum UsageState {
  /// How far a date is counted.
  static func words(_ state: String?) -> String {
    switch state {
    case "open": Language.spoken.say("being counted", "正在计数")
    case "last": Language.spoken.say("as last kept; serve does not run", "按最后一次保存；守护进程没有运行")
    case "sampled": Language.spoken.say("as last sampled", "按最近一次抽样")
    case "closing": Language.spoken.say("over, its record is being made", "已结束，正在生成记录")
    default: Language.spoken.say("closed", "已结束")
    }
  }

  /// The rows of its peak.
  static func peak(_ day: JSONValue, _ row: TextRow) -> [String] {
    guard let peak = day["peak"]?.integer, let at = day["peak_at"] else {
      return [row.text("peak", "峰值", "none: nothing was observed", "无：没有观测")]
    }
    let (local, utc) = (at["local"]?.string ?? "-", at["utc"]?.string ?? "-")
    return [
      row.text(
        "peak", "峰值", "\(peak), first reached at \(local)", "\(peak)，首次达到于 \(local)"),
      row.more("\(utc) in UTC", "UTC \(utc)"),
    ]
  }
}
