internal import CivilTime
internal import Licensing
internal import Terminal

/// The answer of `simulate` for people.
struct SimulateText {
  let language: Language

  /// - Parameter verdict: the text of the verdict at the time asked about.
  func text(_ answer: SimulateAnswer, _ verdict: String) -> String {
    let outcome = answer.outcome
    var parts = [heading(outcome), verdict]
    if let load = outcome.load { parts.append(self.load(load)) }
    if let changes = answer.changes { parts.append(table(changes)) }
    return parts.joined(separator: "\n\n")
  }

  private func heading(_ outcome: Simulation.Outcome) -> String {
    let at = time(outcome.asked, outcome)
    var lines = [language == .chinese ? "时间：\(at)" : "at \(at)"]
    if outcome.isBeforeFloor {
      let judged = time(outcome.judged, outcome)
      switch language {
      case .english:
        lines.append(
          "the known time does not go back: judged as of \(judged), the newest time that the vendor "
            + "has signed or the verifier has seen")
      case .chinese:
        lines.append("已知时间不会倒退：按 \(judged) 判断，即供应商签发或校验程序见到的最新时间")
      }
    }
    return lines.joined(separator: "\n")
  }

  private func time(_ instant: Int64, _ outcome: Simulation.Outcome) -> String {
    "\(outcome.zone.localText(at: instant)) (\(UTC.text(instant)))"
  }

  private func load(_ load: Simulation.Load) -> String {
    switch language {
    case .english: [limit(load), cost(load)].joined(separator: "\n")
    case .chinese: [chineseLimit(load), chineseCost(load)].joined(separator: "\n")
    }
  }

  private func limit(_ load: Simulation.Load) -> String {
    guard let limit = load.limit else {
      return "\(load.collectors) collectors: the license has no limit"
    }
    if load.refused > 0 {
      return
        "\(load.collectors) collectors: \(limit) may be online, \(load.refused) would be refused"
    }
    if load.over > 0 {
      return "\(load.collectors) collectors: \(load.over) above the limit of \(limit), all recorded"
    }
    return "\(load.collectors) collectors: within the limit of \(limit)"
  }

  private func chineseLimit(_ load: Simulation.Load) -> String {
    guard let limit = load.limit else { return "\(load.collectors) 个采集器：许可证不限数量" }
    if load.refused > 0 {
      return "\(load.collectors) 个采集器：最多 \(limit) 个在线，\(load.refused) 个将被拒绝接入"
    }
    if load.over > 0 {
      return "\(load.collectors) 个采集器：超出上限 \(limit) 共 \(load.over) 个，全部照常记录"
    }
    return "\(load.collectors) 个采集器：未超过上限 \(limit)"
  }

  private func cost(_ load: Simulation.Load) -> String {
    guard let cost = load.cost else { return "not billed by the day" }
    return "a day with this peak costs \(amount(cost))"
  }

  private func chineseCost(_ load: Simulation.Load) -> String {
    guard let cost = load.cost else { return "不按日计费" }
    return "以此峰值计，一天的费用为 \(amount(cost))"
  }

  private func amount(_ cost: Simulation.Load.Cost) -> String {
    "\(cost.currency) \(MinorUnits.text(cost.minor, cost.currency))"
  }

  private func table(_ changes: [Simulation.Outcome]) -> String {
    var table = TextTable(
      language == .chinese
        ? ["自", "结论", "代码", "修订号"] : ["FROM", "VERDICT", "FINDINGS", "REVISION"])
    for change in changes {
      let codes = change.verdict?.findings.map(\.code.rawValue).joined(separator: " ")
      let outcome = change.verdict?.outcome
      table.add([
        change.zone.localText(at: change.asked),
        language.say(outcome?.rawValue ?? "unknown", outcome?.chinese ?? "未知"),
        codes ?? "", change.license.map { String($0.revision) } ?? "-",
      ])
    }
    return table.text
  }
}
