internal import CivilTime
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

  private static func text(_ head: JSONValue) -> String {
    var lines = ["\(text(head, "date")) (\(text(head, "zone"))), \(state(head))"]
    if let at = head["peak_at"] {
      lines.append("peak      \(number(head, "peak")), first reached at \(text(at, "local"))")
      lines.append("          \(text(at, "utc")) in UTC")
    } else {
      lines.append("peak      none: nothing was observed")
    }
    if let seq = head["record"]?.integer { lines.append("record    \(seq)") }
    let rule = head["rule"] ?? .null
    lines.append(
      "rule      \(text(rule, "identity")), window \(number(rule, "window")) s, dwell "
        + "\(number(rule, "dwell")) s")
    lines.append("observed  \(number(head, "observed")) s")
    lines += gaps(head)
    let counted = head["counted"] ?? .null
    let sum = number(counted, "sum")
    let isComplete = head["complete"] == .bool(true)
    lines.append(
      "counted   \(number(counted, "collectors")) collectors with \(sum) in all: "
        + (isComplete ? "the peak" : "NOT the peak"))
    let (skipped, listed) = (number(head, "skipped"), number(head, "listed"))
    if skipped != "0" || listed != number(counted, "collectors") {
      lines.append("listed    \(listed) of them, after \(skipped)")
    }
    if listed != "0" {
      lines += ["", "WEIGHT  COUNTED SINCE         UNTIL                 COLLECTOR"]
    }
    return lines.joined(separator: "\n")
  }

  private static func state(_ head: JSONValue) -> String {
    switch head["state"]?.string {
    case "open": "being counted"
    case "last": "as last kept; serve does not run"
    case "closing": "over, its record is being made"
    default: "closed"
    }
  }

  private static func gaps(_ head: JSONValue) -> [String] {
    guard case .array(let gaps)? = head["gaps"], !gaps.isEmpty else {
      return ["gaps      none"]
    }
    var lines = gaps.map { gap in
      let (from, to) = (text(gap["from"] ?? .null, "local"), text(gap["to"] ?? .null, "local"))
      if let shared = gap["shared"]?.integer {
        return "gap       \(from): the clock was set back, \(shared) seconds had this name"
      }
      return "gap       \(from) to \(to), \(number(gap, "seconds")) s: \(text(gap, "reason"))"
    }
    if let merged = head["gaps_merged"]?.integer {
      lines.append("          \(merged) times two gaps were joined, with the seconds between them")
    }
    return lines
  }

  private static func line(_ element: JSONValue) -> String {
    let kind = text(element, "kind")
    let name =
      element["text"]?.string ?? element["bytes"]?.string.map { "(bytes) \($0)" }
      ?? "(name lost) \(text(element, "digest"))"
    let weight = number(element, "weight")
    let padding = String(repeating: " ", count: max(0, 6 - weight.count))
    let until = element["to"]?.integer.map { UTC.text($0) } ?? "it still counts     "
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
