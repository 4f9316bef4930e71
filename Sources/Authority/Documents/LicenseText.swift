package import CivilTime
package import Licensing

/// A license in rows for people.
///
/// What stands in documents and commands, such as an edition's name, stays as it is in every language.
package struct LicenseText: Sendable {
  /// What a row is about, and what the license says of it.
  package typealias Row = (label: String, value: String)

  private let license: License
  private let zone: Zone?
  private let isDraft: Bool
  private let language: Language

  /// - Parameters:
  ///   - zone: the license's; nil leaves the instants out.
  ///   - isDraft: it has not been issued, and its ids will be others.
  package init(_ license: License, zone: Zone?, isDraft: Bool = false, in language: Language) {
    self.license = license
    self.zone = zone
    self.isDraft = isDraft
    self.language = language
  }

  package var rows: [Row] {
    let isNew = isDraft && license.revision == 1
    let line = isNew ? say("a new one", "新的系列") : license.line.text
    let issued = instant(license.iat)
    var rows: [Row] = [
      row("license", "许可证", isDraft ? say("named when it is issued", "签发时命名") : license.jti.text),
      row(
        "line", "系列",
        say("\(line), revision \(license.revision)", "\(line)，修订号 \(license.revision)")),
      row(
        "customer", "客户",
        say("\(license.customer) (\(license.sub))", "\(license.customer)（\(license.sub)）")),
      row("product", "产品", license.product),
      row("edition", "版本类型", say(license.edition.rawValue, license.edition.chineseName)),
      row(
        "issued", "签发",
        say(
          "\(issued) by \(license.iss), keyset \(license.leastEpoch)",
          "\(issued)，\(license.iss)，密钥集 \(license.leastEpoch)")),
    ]
    rows += dates
    rows.append(row("collectors", "采集器", collectors(license.collectors)))
    return rows + terms
  }

  private var dates: [Row] {
    var rows: [Row] = []
    if let term = license.term {
      let days = license.graceDays
      let grace = days == 0 ? "" : say(", then \(days) days of grace", "，此后宽限 \(days) 天")
      rows.append(row("term", "期限", "\(span(term))\(grace)"))
    }
    if let maintenance = license.maintenance {
      rows.append(row("maintenance", "维保", span(maintenance)))
    }
    if let release = license.release {
      rows.append(row("release", "版本", say("\(release), for ever", "\(release)，永久可用")))
    }
    if let zone {
      let period = license.period(in: zone)
      if let begins = period.begins { rows.append(row("begins", "开始时刻", instant(begins))) }
      if let ends = period.ends { rows.append(row("ends", "结束时刻", instant(ends))) }
    }
    if license.edition == .community {
      let days = Edition.communityDays
      rows.append(
        row(
          "use", "使用",
          say(
            "each release for \(days) days after its release day", "每个版本自发布之日起可用 \(days) 天")))
    }
    return rows
  }

  private var terms: [Row] {
    var rows = [
      row("installations", "安装数", String(license.installations)),
      row("support", "支持级别", license.support),
    ]
    var reporting = license.reporting.mode.rawValue
    if let gateway = license.reporting.gateway {
      reporting += say(" to \(gateway)", "，上报到 \(gateway)")
    }
    if let hours = license.reporting.leaseHours {
      reporting += say(", lease of \(hours) hours", "，租期 \(hours) 小时")
    }
    rows.append(row("reporting", "上报", reporting))
    if let price = license.price {
      let text = Money.text(price)
      rows.append(row("price", "价格", say("\(text) for a collector and day", "每个采集器每天 \(text)")))
      rows.append(row("gaps", "缺口", license.gaps.rawValue))
    }
    rows.append(row("activation", "激活", license.activation.rawValue))
    if license.enforce != .start { rows.append(row("enforce", "执行", license.enforce.rawValue)) }
    return rows
  }

  private func collectors(_ collectors: Collectors) -> String {
    var text = say("no limit", "不限数量")
    if let limit = collectors.limit {
      text = say("at most \(limit)", "最多 \(limit) 个")
      switch collectors.overage {
      case .refuse: text += say(", more are refused", "，超出的拒绝接入")
      case .record: text += say(", more are recorded", "，超出的照常记录")
      case nil: break
      }
    }
    text += say("; window \(collectors.window) s", "；在线窗口 \(collectors.window) 秒")
    guard collectors.dwell != 0 else { return text }
    return text + say(", dwell \(collectors.dwell) s", "，停留 \(collectors.dwell) 秒")
  }

  private func span(_ term: Term) -> String {
    say(
      "\(term.from) through \(term.through) (\(term.days) days) in \(license.zone)",
      "\(term.from) 至 \(term.through)（\(term.days) 天），时区 \(license.zone)")
  }

  /// In UTC and, where the zone is known, in local time.
  private func instant(_ second: Int64) -> String {
    guard let zone else { return UTC.text(second) }
    let local = zone.localText(at: second)
    return say("\(UTC.text(second)) (\(local))", "\(UTC.text(second))（\(local)）")
  }

  private func row(_ english: String, _ chinese: String, _ value: String) -> Row {
    (say(english, chinese), value)
  }

  private func say(
    _ english: @autoclosure () -> String, _ chinese: @autoclosure () -> String
  ) -> String {
    language.say(english(), chinese())
  }
}
