import Sealing

extension Chinese {
  static func clockUntrusted(_ facts: Facts) -> String {
    if facts.text(.reason) == "unreadable" { return "读不到系统时钟；请校准本机时钟" }
    if let behind = facts.number(.secondsBehind) {
      return "系统时钟显示 \(facts.instant(.wall) ?? "?")，比已知经过的时刻 "
        + "\(facts.instant(.floor) ?? "?") 落后 \(behind / 3600) 小时；判断以后者为准，"
        + "请校准本机时钟"
    }
    let moved = facts.number(.secondsMoved).map { " \($0) 秒" } ?? ""
    return "与开机以来的计时相比，系统时钟变动了\(moved)；请校准本机时钟，校准后警告自动消失"
  }

  static func ledgerDamaged(_ facts: Facts) -> String {
    let from = facts.number(.seq).map { "从第 \($0) 条记录起" } ?? ""
    let reason = facts[.reason].map { _ in facts.text(.reason) } ?? ""
    return quoting(reason, after: "本安装的用量账本\(from)已损坏")
      + "；请运行 tally-verifier usage verify，无法恢复时运行 activate --replace"
  }

  static func overLimit(_ facts: Facts) -> String {
    let since = facts.instant(.since).map { "，自 \($0) 起" } ?? ""
    return "在线采集器 \(facts.text(.online)) 个，许可证涵盖 \(facts.text(.limit)) 个\(since)；"
      + "已在线的不会被中断，请扩容许可证或停用部分采集器"
  }

  static func reportLate(_ facts: Facts) -> String {
    let left = facts.number(.hoursLeft).map { "，还剩 \($0) 小时" } ?? ""
    return "\(acknowledged(facts))；必须在 \(facts.instant(.leaseEnds) ?? "?") 之前上报用量\(left)；"
      + "请确认能连通网关，或用离线数据包上报"
  }

  static func reportOverdue(_ facts: Facts) -> String {
    let ago = facts.number(.hoursAgo).map { "，已过 \($0) 小时" } ?? ""
    return "\(acknowledged(facts))；\(facts.text(.leaseHours)) 小时的租期已于 "
      + "\(facts.instant(.leaseEnds) ?? "?") 结束\(ago)；请确认能连通网关，或用离线数据包上报"
  }

  private static func acknowledged(_ facts: Facts) -> String {
    let since = facts.instant(.since) ?? "?"
    return switch facts.text(.evidence) {
    case "receipt": "网关最近一次确认用量是在 \(since)"
    case "activation": "自 \(since) 激活以来，网关没有确认过用量"
    case "begin": "自 \(since) 开始使用以来，网关没有确认过用量"
    default: "自 \(since) 许可证签发以来，网关没有确认过用量"
    }
  }
}
