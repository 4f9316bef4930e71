internal import Billing
internal import CivilTime
internal import Gateway
internal import Licensing
internal import Platform
internal import Sealing
internal import Terminal

/// What a line rests on, as people read it.
enum ExplanationText {
  private static let width = 14

  static func text(_ explanation: StatementExplanation) -> String {
    let row = TextRow(width: width)
    let line = explanation.line
    var lines = [
      row.text("date", "日期", "\(line.date) (\(explanation.zone))"),
      row.text("installation", "安装", line.installation.text),
      row.text("billed", "计费", billed(line)),
      row.text(
        "priced by", "定价依据", "\(line.license), revision \(line.revision), \(line.terms.rawValue)",
        "\(line.license)，第 \(line.revision) 版，\(line.terms.rawValue)"),
      row.text(
        "watched", "观测", "\(line.observed) s of \(line.seconds) s, \(line.gapCount) gaps",
        "\(line.seconds) 秒中的 \(line.observed) 秒，\(line.gapCount) 个缺口"),
      row.text("because", "原因", reason(explanation).spoken),
    ]
    if explanation.status == .final {
      lines.append(
        row.text(
          "final", "终稿", "at ledger position \(explanation.position); it never changes",
          "账本位置 \(explanation.position)；不再变更"))
    }
    lines += explanation.decisions.map { decided($0, row) }
    lines += explanation.corrections.map { corrected($0, row) }
    lines += sources(explanation.own, row, explanation)
    if let carried = explanation.carried {
      lines.append(
        row.text("carried from", "沿用自", "\(carried.date), \(carried.installation)"))
      lines += sources(carried, row, explanation)
    }
    return lines.map(Printable.line).joined(separator: "\n")
  }

  /// What staff decided about the date's bill: the last one stands.
  private static func decided(_ stored: OpenedDecision, _ row: TextRow) -> String {
    let decision = stored.decision.json
    let subject = DecisionText.subject(decision)
    let word = DecisionText.text(decision)
    return row.text(
      "decided", "决定", "\(subject.english), at position \(stored.position), by \(word)",
      "\(subject.chinese)，位置 \(stored.position)，\(word)")
  }

  /// What was made good of a final line.
  private static func corrected(
    _ made: StatementExplanation.Correction, _ row: TextRow
  ) -> String {
    let correction = made.correction
    let charge = correction.charge.map {
      " (\($0.currency) \(MinorUnits.text($0.amount, $0.currency)))"
    }
    let change = "\(correction.was) -> \(correction.now)\(charge ?? "")"
    return row.text(
      "corrected", "更正", change + (made.isFinal ? ", in \(made.month)" : ", not yet final"),
      change + (made.isFinal ? "，计入 \(made.month)" : "，尚未定稿"))
  }

  private static func billed(_ line: StatementLine) -> String {
    guard let charge = line.charge else { return String(line.quantity) }
    let rate = MinorUnits.text(charge.rate, charge.currency)
    let amount = MinorUnits.text(charge.amount, charge.currency)
    return "\(line.quantity) x \(charge.currency) \(rate) = \(charge.currency) \(amount)"
  }

  /// Why it is this quantity and no other.
  private static func reason(_ explanation: StatementExplanation) -> BilingualText {
    let line = explanation.line
    if let decided = line.decided { return self.decided(decided, line) }
    if let other = line.yieldsTo {
      let quantity = explanation.other?.undecided ?? 0
      return BilingualText(
        "the place changed hands on this date: \(other) bills the larger count, \(quantity)",
        "该日席位易主：由 \(other) 按较大的数目 \(quantity) 计费")
    }
    if let date = line.carriedFrom {
      return BilingualText(
        "more than an hour was not watched: the peak of \(date) is carried, observed was "
          + (line.peak.map { String($0) } ?? "nothing"),
        "超过一小时未观测：沿用 \(date) 的峰值，实际观测为 " + (line.peak.map { String($0) } ?? "无"))
    }
    if let sampled = line.sampledPeak {
      return BilingualText(
        "a sample told of \(sampled), which is more than the peak of the record",
        "某个采样记录为 \(sampled)，高于该记录的峰值")
    }
    return basis(line)
  }

  private static func decided(
    _ decided: StatementLine.Decided, _ line: StatementLine
  ) -> BilingualText {
    switch decided {
    case .waive:
      BilingualText(
        "staff waived it: by its records it comes to \(line.undecided)",
        "工作人员已免计该日：按记录应为 \(line.undecided)")
    case .correct:
      BilingualText(
        "staff corrected it: by its records it comes to \(line.undecided)",
        "工作人员已更正该日：按记录应为 \(line.undecided)")
    }
  }

  private static func basis(_ line: StatementLine) -> BilingualText {
    switch line.basis {
    case .day:
      BilingualText("it is the peak of the day record", "即日记录的峰值")
    case .closing:
      BilingualText(
        "no day record came: the gateway closed the date", "没有收到日记录：网关已关闭该日期")
    case .sample:
      BilingualText(
        "it is the peak of the newest sample: the date is still open", "即最新采样的峰值：该日期尚未关闭")
    case .none:
      BilingualText(
        "nothing was reported of the date yet: it is still open", "该日期尚无上报：仍未关闭")
    }
  }

  private static func sources(
    _ origin: StatementExplanation.Origin, _ row: TextRow, _ explanation: StatementExplanation
  ) -> [String] {
    guard !origin.sources.isEmpty else { return [row.more("no record", "没有记录")] }
    let zone = try? ZoneFiles.load(explanation.zone)
    func time(_ instant: Int64) -> String { zone?.localText(at: instant) ?? UTC.text(instant) }
    return origin.sources.map { source in
      let entry = source.entry
      let place = entry.seq.map { "\(entry.kind.rawValue) \($0)" } ?? entry.kind.rawValue
      let peak = entry.peak.map { String($0) } ?? "-"
      let receipt = source.receipt.map { "\($0.seq), \(time($0.iat))" }
      return row.more(
        "\(place) at position \(entry.position), received \(time(entry.receivedAt)): peak \(peak)"
          + (receipt.map { "; receipt through record \($0)" } ?? ""),
        "位置 \(entry.position) 的 \(place)，\(time(entry.receivedAt)) 收到：峰值 \(peak)"
          + (receipt.map { "；回执至记录 \($0)" } ?? ""))
    }
  }
}
