internal import CivilTime
internal import Licensing
internal import Platform
internal import Sealing
internal import Terminal
internal import Verifier

/// Writes what `usage explain` is told, as it comes.
actor ExplainWriter: LineSink {
  private let format: OutputFormat
  private var head: JSONValue = .null
  private var isFirst = true

  init(_ format: OutputFormat) { self.format = format }

  func begin(_ head: JSONValue) {
    self.head = head
    switch format {
    case .text: Output.data(Self.text(head))
    case .json:
      // The list is the last member of one document, which is never held as a whole.
      let open = head.indentedText.dropLast(2)
      Output.data(json: "\(open),\n  \"collectors\": [", endsLine: false)
    }
  }

  func take(_ elements: [JSONValue]) {
    guard !elements.isEmpty else { return }
    switch format {
    case .text: Output.data(elements.map(Self.line).joined(separator: "\n"))
    case .json:
      let list = elements.map { "\n    \($0.text)" }.joined(separator: ",")
      Output.data(json: (isFirst ? "" : ",") + list, endsLine: false)
      isFirst = false
    }
  }

  /// The answer is whole.
  /// - Throws: ``CommandError`` where the collectors listed do not make up the peak.
  func end() throws {
    if format == .json { Output.data(json: "\(isFirst ? "" : "\n  ")]\n}", endsLine: true) }
    guard head["complete"] != .bool(true) else { return }
    throw CommandError(
      .refused, Self.shortfall(head), chinese: VerifierError.Code.evidenceNotKept.chinese)
  }

  private static func shortfall(_ head: JSONValue) -> String {
    let date = text(head, "date")
    let sum = head["counted"]?["sum"]?.integer ?? 0
    let why =
      switch head["evidence"]?.string {
      case "dropped":
        "the evidence was dropped by its age at \(head["dropped_at"]?["utc"]?.string ?? "")"
      case "lost": "the evidence is lost"
      default: "not all of the evidence is kept; run tally-verifier usage verify"
      }
    return
      "EVIDENCE_NOT_KEPT: \(date) cannot be explained: what is kept adds up to \(sum), the peak "
      + "is \(number(head, "peak")): \(why). The record stands"
  }

  // MARK: Text

  private static let row = TextRow(width: 10)

  private static func text(_ head: JSONValue) -> String {
    let state = UsageState.words(head["state"]?.string)
    let (date, zone) = (text(head, "date"), text(head, "zone"))
    var lines = [row.say("\(date) (\(zone)), \(state)", "\(date)（\(zone)），\(state)")]
    lines += UsageState.peak(head, row)
    if let seq = head["record"]?.integer { lines.append(row.text("record", "记录", String(seq))) }
    let rule = head["rule"] ?? .null
    let (identity, window) = (text(rule, "identity"), number(rule, "window"))
    let dwell = number(rule, "dwell")
    lines.append(
      row.text(
        "rule", "规则", "\(identity), window \(window) s, dwell \(dwell) s",
        "\(identity)，在线窗口 \(window) 秒，停留 \(dwell) 秒"))
    let observed = number(head, "observed")
    lines.append(row.text("observed", "观测", "\(observed) s", "\(observed) 秒"))
    return (lines + gaps(head) + counted(head)).joined(separator: "\n")
  }

  private static func counted(_ head: JSONValue) -> [String] {
    let counted = head["counted"] ?? .null
    let (sum, collectors) = (number(counted, "sum"), number(counted, "collectors"))
    let isComplete = head["complete"] == .bool(true)
    var lines = [
      row.text(
        "counted", "计入",
        "\(collectors) collectors with \(sum) in all: \(isComplete ? "the peak" : "NOT the peak")",
        "\(collectors) 个采集器，合计 \(sum)：\(isComplete ? "即峰值" : "不等于峰值")")
    ]
    let (skipped, listed) = (number(head, "skipped"), number(head, "listed"))
    if skipped != "0" || listed != collectors {
      lines.append(
        row.text(
          "listed", "列出", "\(listed) of them, after \(skipped)", "跳过 \(skipped) 个之后的 \(listed) 个"))
    }
    if listed != "0" {
      // The columns below are as wide as their English headings.
      let chinese =
        TextWidth.padded("权重", to: 8) + TextWidth.padded("起", to: 22)
        + TextWidth.padded("止", to: 22)
      lines += [
        "",
        row.say(
          "WEIGHT  COUNTED SINCE         UNTIL                 COLLECTOR", "\(chinese)采集器"),
      ]
    }
    return lines
  }

  private static func gaps(_ head: JSONValue) -> [String] {
    guard case .array(let gaps)? = head["gaps"], !gaps.isEmpty else {
      return [row.text("gaps", "缺口", "none", "无")]
    }
    var lines = gaps.map { gap in
      let (from, to) = (text(gap["from"] ?? .null, "local"), text(gap["to"] ?? .null, "local"))
      if let shared = gap["shared"]?.integer {
        return row.text(
          "gap", "缺口", "\(from): the clock was set back, \(shared) seconds had this name",
          "\(from)：时钟被拨回，有 \(shared) 秒共用这一时刻")
      }
      let (seconds, reason) = (number(gap, "seconds"), text(gap, "reason"))
      return row.text(
        "gap", "缺口", "\(from) to \(to), \(seconds) s: \(reason)",
        "\(from) 至 \(to)，\(seconds) 秒：\(chinese(reason: reason))")
    }
    if let merged = head["gaps_merged"]?.integer {
      lines.append(
        row.more(
          "\(merged) times two gaps were joined, with the seconds between them",
          "有 \(merged) 次将两个缺口连同其间的秒数合并"))
    }
    return lines
  }

  private static func chinese(reason: String) -> String {
    switch reason {
    case "before": "首次启动之前"
    case "stopped": "程序没有运行"
    case "suspended": "程序或机器停顿"
    case "clock": "时钟被调整"
    default: reason
    }
  }

  private static func line(_ element: JSONValue) -> String {
    let kind = text(element, "kind")
    let name =
      element["text"]?.string ?? element["bytes"]?.string.map {
        row.say("(bytes) \($0)", "（字节）\($0)")
      }
      ?? "\(row.say("(name lost)", "（名称已丢失）")) \(text(element, "digest"))"
    let weight = number(element, "weight")
    let padding = String(repeating: " ", count: max(0, 6 - weight.count))
    let until =
      element["to"]?.integer.map { UTC.text($0) }
      ?? TextWidth.padded(row.say("it still counts", "仍在计入"), to: 20)
    return Printable.line(
      "\(padding)\(weight)  \(UTC.text(element["from"]?.integer ?? 0))  \(until)  \(kind) \(name)")
  }

  private static func text(_ value: JSONValue, _ name: String) -> String {
    value[name]?.string.map(Printable.line) ?? "-"
  }

  private static func number(_ value: JSONValue, _ name: String) -> String {
    value[name]?.integer.map { String($0) } ?? "-"
  }
}
