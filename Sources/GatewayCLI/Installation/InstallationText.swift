internal import CivilTime
internal import Licensing
internal import Sealing
internal import Terminal

/// One installation as people read it.
enum InstallationText {
  static func text(_ shown: JSONValue) -> String {
    let row = TextRow(width: 14)
    func value(_ name: String) -> String {
      shown[name]?.string ?? shown[name]?.integer.map { String($0) } ?? "-"
    }
    func time(_ name: String) -> String { shown[name]?.integer.map(UTC.text) ?? "-" }
    var lines = [
      row.text("installation", "安装", value("installation")),
      row.text("state", "状态", state(shown).spoken),
      row.text("line", "系列", value("line")),
      row.text("license", "许可证", value("license")),
      row.text("activated", "激活时间", time("activated_at")),
    ]
    if shown["replaces"] != nil { lines.append(row.text("replaces", "接替", value("replaces"))) }
    lines += [
      row.text(
        "chain", "记录链", "\(value("records")) records, \(value("receipts")) receipts",
        "\(value("records")) 条记录，\(value("receipts")) 个回执"),
      row.text("heard", "最近上报", time("heard_at")),
    ]
    if shown["date"] != nil {
      lines.append(
        row.text(
          "newest", "最新", "\(value("date")): peak \(value("peak")), online \(value("online"))",
          "\(value("date"))：峰值 \(value("peak"))，在线 \(value("online"))"))
    }
    lines += findings(shown, row) + decisions(shown, row)
    return lines.joined(separator: "\n")
  }

  /// Whether an installation stands.
  static func state(_ value: JSONValue) -> BilingualText {
    if let at = value["released_at"]?.integer {
      return BilingualText("seat freed \(UTC.text(at))", "席位已于 \(UTC.text(at)) 释放")
    }
    guard let at = value["replaced_at"]?.integer else { return BilingualText("active", "使用中") }
    let other = value["replaced_by"]?.string ?? "-"
    return BilingualText(
      "replaced \(UTC.text(at)) by \(other)", "已于 \(UTC.text(at)) 被 \(other) 接替")
  }

  /// The same in a word.
  static func standing(_ value: JSONValue) -> BilingualText {
    if value["released_at"] != nil { return BilingualText("released", "已释放") }
    return value["replaced_by"] == nil
      ? BilingualText("active", "使用中") : BilingualText("replaced", "已被接替")
  }

  private static func findings(_ shown: JSONValue, _ row: TextRow) -> [String] {
    guard case .array(let findings)? = shown["findings"], !findings.isEmpty else {
      return [row.text("findings", "异常", "none", "无")]
    }
    return findings.enumerated().map { index, finding in
      let code = finding["code"]?.string ?? "-"
      let id = finding["id"]?.string ?? "-"
      let state = FindingText.state(finding)
      let count = finding["count"]?.integer ?? 0
      let first = finding["first_at"]?.integer.map(UTC.text) ?? "-"
      let last = finding["last_at"]?.integer.map(UTC.text) ?? "-"
      return row.text(
        index == 0 ? "findings" : "", index == 0 ? "异常" : "",
        "\(id) \(code), \(state.english), \(count) times, from \(first) to \(last)",
        "\(id) \(code)，\(state.chinese)，\(count) 次，\(first) 至 \(last)")
    }
  }

  private static func decisions(_ shown: JSONValue, _ row: TextRow) -> [String] {
    guard case .array(let decisions)? = shown["decisions"], !decisions.isEmpty else {
      return [row.text("decisions", "决定", "none", "无")]
    }
    return decisions.enumerated().map { index, stored in
      let decision = stored["decision"]
      return row.text(
        index == 0 ? "decisions" : "", index == 0 ? "决定" : "",
        "\(DecisionText.subject(decision).spoken): \(DecisionText.text(decision))")
    }
  }
}
