internal import CivilTime
internal import Gateway
internal import Licensing
internal import Platform
internal import Sealing
internal import Terminal

/// A finding as people read it.
enum FindingText {
  static func text(_ shown: JSONValue) -> String {
    let row = TextRow(width: 14)
    func value(_ name: String) -> String {
      Printable.line(shown[name]?.string ?? shown[name]?.integer.map { String($0) } ?? "-")
    }
    func time(_ name: String) -> String { shown[name]?.integer.map(UTC.text) ?? "-" }
    var lines = [
      row.text("finding", "编号", value("id")), row.text("code", "代码", value("code")),
      row.text("state", "状态", state(shown).spoken),
      row.text("installation", "安装", value("installation")),
      row.text("line", "系列", value("line")),
      row.text(
        "seen", "出现", "\(value("count")) times, from \(time("first_at")) to \(time("last_at"))",
        "\(value("count")) 次，\(time("first_at")) 至 \(time("last_at"))"),
    ]
    if shown["seq"] != nil {
      lines.append(
        row.text(
          "records", "记录", "\(value("seq")), newest \(value("last_seq"))",
          "\(value("seq"))，最新 \(value("last_seq"))"))
    }
    if shown["date"] != nil { lines.append(row.text("date", "日期", value("date"))) }
    if shown["seconds"] != nil {
      lines.append(
        row.text(
          "unobserved", "未观测", "\(value("seconds")) seconds", "\(value("seconds")) 秒"))
    }
    if shown["level"] != nil {
      lines.append(
        row.text("silent for", "静默", "\(value("level")) hours", "\(value("level")) 小时"))
    }
    if shown["owner"] != nil { lines.append(row.text("owner", "负责人", value("owner"))) }
    if shown["note"] != nil { lines.append(row.text("note", "备注", value("note"))) }
    let effect = shown["effect"]?.string.flatMap { FindingEffect(rawValue: $0) }
    lines.append(row.text("effect", "计费影响", effect?.text.spoken ?? "-"))
    return (lines + history(shown, row)).joined(separator: "\n")
  }

  /// Whether a finding stands, and how it ended.
  static func state(_ shown: JSONValue) -> BilingualText {
    let state = shown["state"]?.string.flatMap { LedgerFinding.State(rawValue: $0) }
    guard let state else { return BilingualText("-", "-") }
    let resolution = shown["resolution"]?.string.flatMap { LedgerFinding.Resolution(rawValue: $0) }
    guard let resolution else { return self.state(state) }
    let how = self.resolution(resolution)
    let at = shown["resolved_at"]?.integer.map(UTC.text) ?? "-"
    return BilingualText(
      "resolved \(at): \(how.english)", "已于 \(at) 解决：\(how.chinese)")
  }

  static func state(_ state: LedgerFinding.State) -> BilingualText {
    switch state {
    case .open: BilingualText("open", "未处理")
    case .acknowledged: BilingualText("acknowledged", "已受理")
    case .resolved: BilingualText("resolved", "已解决")
    }
  }

  static func resolution(_ resolution: LedgerFinding.Resolution) -> BilingualText {
    switch resolution {
    case .cleared: BilingualText("over by itself", "已自行消除")
    case .fixed: BilingualText("put right", "已修复")
    case .accepted: BilingualText("stands as it is", "维持现状")
    case .settled: BilingualText("settled between both sides", "双方已商定")
    case .dismissed: BilingualText("nothing was wrong", "并无异常")
    }
  }

  private static func history(_ shown: JSONValue, _ row: TextRow) -> [String] {
    guard case .array(let events)? = shown["history"] else { return [] }
    return events.enumerated().map { index, event in
      let by = event["by"]?.string ?? "-"
      let at = event["at"]?.integer.map(UTC.text) ?? "-"
      let words = [event["why"]?.string, event["note"]?.string].compactMap(\.self)
        .joined(separator: "; ")
      let rest = Printable.line(
        "\(at), \(by)\(words.isEmpty ? "" : ": \(words)")")
      let what = self.what(event)
      return row.text(
        index == 0 ? "history" : "", index == 0 ? "经过" : "",
        "\(what.english), \(rest)", "\(what.chinese)，\(rest)")
    }
  }

  private static func what(_ event: JSONValue) -> BilingualText {
    let hours = event["level"]?.integer.map { String($0) } ?? "-"
    let owner = Printable.line(event["owner"]?.string ?? "-")
    let how =
      event["resolution"]?.string.flatMap { LedgerFinding.Resolution(rawValue: $0) }
      .map(resolution) ?? BilingualText("-", "-")
    return switch event["what"]?.string.flatMap({ FindingEvent.What(rawValue: $0) }) {
    case .opened: BilingualText("opened", "发现")
    case .escalated: BilingualText("now \(hours) hours", "已达 \(hours) 小时")
    case .acknowledged: BilingualText("acknowledged for \(owner)", "由 \(owner) 受理")
    case .resolved: BilingualText("resolved, \(how.english)", "解决：\(how.chinese)")
    case .reopened: BilingualText("opened again", "重新打开")
    case nil: BilingualText("-", "-")
    }
  }
}
