import Sealing

extension Chinese {
  static func licenseRevoked(_ facts: Facts) -> String {
    let since = facts.instant(.revokedAt).map { "于 \($0) " } ?? ""
    let reason = facts[.reason].map { _ in "，原因：\(facts.text(.reason))" } ?? ""
    return "\(license(facts))已\(since)被吊销\(reason)；请向供应商索取下一修订版并安装"
  }

  static func superseded(_ facts: Facts) -> String {
    let known = facts.text(.knownRevision)
    let line = facts.text(.line)
    let from =
      switch facts.text(.knownFrom) {
      case "activation": "本安装是以许可证系列 \(line) 的修订号 \(known) 激活的"
      case "usage": "最新的用量记录属于许可证系列 \(line) 的修订号 \(known)"
      default: "许可证系列 \(line) 的修订号 \(known) 已安装并已生效"
      }
    return "\(license(facts))已被取代：\(from)；请安装该修订版（\(known)）或更高的修订版"
  }

  static func wrongProduct(_ facts: Facts) -> String {
    let product = facts.text(.releaseProduct)
    let what =
      facts[.release] == nil
      ? "正在运行的是 \(product)" : "版本 \(facts.text(.release)) 属于 \(product)"
    return "\(license(facts))用于产品 \(facts.text(.product))，而\(what)；请安装 \(product) 的许可证"
  }

  static func wrongInstallation(_ facts: Facts) -> String {
    var parts: [String] = []
    if facts[.activatedInstallation] != nil {
      parts.append(
        "激活文件属于安装 \(facts.text(.activatedInstallation))，而本安装是 "
          + facts.text(.installation))
    }
    if facts[.activatedLine] != nil {
      parts.append(
        "激活文件属于许可证系列 \(facts.text(.activatedLine))，而许可证属于系列 \(facts.text(.line))")
    }
    if facts[.countedLine] != nil {
      parts.append(
        "核验程序按系列 \(facts.text(.countedLine)) 计数，而该系列的使用已被拒绝，许可证却属于系列 "
          + "\(facts.text(.line))；请先安装\(license(facts))，"
          + "或先消除该计数系列被拒绝的原因")
    }
    if facts[.countedLine] == nil || facts[.activatedLine] != nil {
      parts.append("请用\(license(facts))激活本安装，若它接替另一安装，加上 --replace")
    }
    return parts.joined(separator: "；")
  }

  static func notActivated(_ facts: Facts) -> String {
    "\(license(facts))必须激活，而本安装尚未激活；请运行 tally-verifier activate，"
      + "或将登记文件交给供应商离线激活"
  }

  static func noLicense(_ facts: Facts) -> String {
    let what =
      (facts.number(.refused) ?? 0) > 0 ? "给出的文件中没有一份能通过验证的许可证" : "没有安装许可证"
    return "\(what)；请安装供应商发来的许可证文件"
  }

  static func notYetValid(_ facts: Facts) -> String {
    let until = facts.number(.daysUntil).map { "，还有 \($0) 天" } ?? ""
    return "\(license(facts))从 \(facts.text(.from)) 起生效\(until)，生效时刻 "
      + "\(facts.instant(.begins) ?? "?")；在此之前请同时保留正在使用的许可证"
  }

  static func expired(_ facts: Facts) -> String {
    let grace =
      facts[.graceThrough].map { _ in
        "；\(facts.text(.graceDays)) 天宽限期也已于 \(facts.text(.graceThrough)) 结束"
      } ?? ""
    return "\(ended(facts))\(grace)；请安装续订的许可证"
  }

  static func inGrace(_ facts: Facts) -> String {
    let ends = facts.instant(.graceEnds).map { "在 \($0) 之前" } ?? "在宽限期结束之前"
    return "\(ended(facts))；宽限期至 \(facts.text(.graceThrough))\(left(facts))；"
      + "请\(ends)安装续订的许可证"
  }

  private static func ended(_ facts: Facts) -> String {
    "\(license(facts))的最后一天是 \(facts.text(.through))\(ago(facts))，到期时刻 "
      + (facts.instant(.ended) ?? "?")
  }

  static func expiringSoon(_ facts: Facts) -> String {
    let ends =
      "可使用至 \(facts.text(.through))\(left(facts))，结束时刻 \(facts.instant(.ends) ?? "?")"
    if facts[.release] != nil {
      return "按社区版，版本 \(facts.text(.release)) \(ends)；请在此之前升级到较新的版本"
    }
    guard facts[.renewalRevision] != nil else {
      return "\(license(facts))\(ends)；请在此之前续订"
    }
    let from = facts[.renewalFrom].map { _ in "，自 \(facts.text(.renewalFrom)) 起" } ?? ""
    return "\(license(facts))\(ends)；随后由修订号 \(facts.text(.renewalRevision)) 接续\(from)，"
      + "该许可证已经备好"
  }

  static func valid(_ facts: Facts) -> String {
    guard facts[.through] != nil else { return "\(license(facts))有效，没有截止日期" }
    let subject = facts[.release].map { _ in "对版本 \(facts.text(.release)) " } ?? ""
    return "\(license(facts))\(subject)有效，至 \(facts.text(.through))\(left(facts))，结束时刻 "
      + "\(facts.instant(.ends) ?? "?")"
  }
}
