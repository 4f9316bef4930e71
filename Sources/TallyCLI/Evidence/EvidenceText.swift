internal import CivilTime
internal import Licensing
internal import Metering
internal import Platform
internal import Sealing

/// The text of `evidence check`, in a language.
struct EvidenceText {
  private static let width = 14

  private let language: Language

  init(_ language: Language) { self.language = language }

  func text(_ report: EvidenceReport) -> String {
    let record = report.record
    var lines = [
      row("installation", "安装", record.installation.text),
      row("date", "日期", "\(record.date), \(UTC.text(record.from)) – \(UTC.text(record.to))"),
      row("record", "记录", "\(record.seq), \(Printable.line(record.license))"),
      row("peak", "峰值", peak(record)),
    ]
    if let opening = report.opening {
      lines += proof(opening, report.weightAtPeak ?? 0)
    } else {
      lines.append(row("leaves", "叶子", String(report.leaves)))
    }
    lines.append(row("finding", "结论", conclusion(report)))
    if let remark = report.remark { lines.append(row("note", "注意", remark.text(in: language))) }
    return lines.joined(separator: "\n")
  }

  private func peak(_ record: UsageRecord) -> String {
    guard let peak = record.peak else { return say("nothing was observed", "没有观测") }
    return say(
      "\(peak.count) at \(UTC.text(peak.at)), \(record.distinct) collectors on the date",
      "\(peak.count)，\(UTC.text(peak.at))，当日计数的采集器 \(record.distinct) 个")
  }

  private func proof(_ opening: EvidenceOpening, _ weight: Int64) -> [String] {
    let name = Printable.line("\(opening.identity.kind) \(opening.identity.text)")
    var lines = [row("collector", "采集器", name)]
    for segment in opening.segments {
      let (from, to) = (UTC.text(segment.from), UTC.text(segment.to))
      lines.append(
        row(
          "counted", "计数时段",
          say("\(from) – \(to), weight \(segment.weight)", "\(from) – \(to)，权重 \(segment.weight)")))
    }
    let atPeak =
      weight > 0
      ? say("it counts \(weight) of the peak", "它在峰值中计 \(weight)")
      : say("it did not count in that second", "它在那一秒没有计数")
    return lines + [row("at the peak", "峰值那一秒", atPeak)]
  }

  private func conclusion(_ report: EvidenceReport) -> String {
    if let finding = report.finding {
      return "\(finding.code.rawValue)\(say(": \(finding.message)", "：\(finding.chinese)"))"
    }
    // What nobody was compared with holds together, and says nothing of whose it is.
    var text =
      report.remark == nil ? say("holds: ", "成立：") : say("holds in itself: ", "就文件自身而言成立：")
    switch report.form {
    case .leaves:
      text += say(
        "the leaves are those of the record, and come to its peak, minutes and collectors",
        "叶子与记录承诺的一致，由它们算得的峰值、每分钟计数和采集器数都与记录相同")
    case .proof:
      text += say("the record commits to this leaf", "记录承诺了这个叶子")
    }
    if report.comparesBounds {
      text += say("; its date is that of the license's zone", "；日期的起止与许可证的时区一致")
    }
    if report.comparesStatement {
      text += say("; the statement says the same", "；账单与之一致")
    }
    return text
  }

  private func say(
    _ english: @autoclosure () -> String, _ chinese: @autoclosure () -> String
  ) -> String {
    switch language {
    case .english: english()
    case .chinese: chinese()
    }
  }

  /// A label and what stands beside it; a Chinese character is as wide as two letters.
  private func row(_ english: String, _ chinese: String, _ value: String) -> String {
    let label = say(english, chinese)
    let columns = language == .english ? label.count : label.count * 2
    return label + String(repeating: " ", count: max(Self.width - columns, 1)) + value
  }
}
