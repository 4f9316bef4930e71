package import CivilTime
package import Licensing

/// A license in lines for people.
package enum LicenseText {
  /// - Parameters:
  ///   - zone: the license's; nil leaves the instants out.
  ///   - isDraft: it has not been issued, and its ids will be others.
  package static func lines(
    _ license: License, zone: Zone?, isDraft: Bool = false
  ) -> [String] {
    let isNew = isDraft && license.revision == 1
    var rows: [(String, String)] = [
      ("license", isDraft ? "named when it is issued" : license.jti.text),
      ("line", (isNew ? "a new one" : license.line.text) + ", revision \(license.revision)"),
      ("customer", "\(license.customer) (\(license.sub))"),
      ("product", license.product),
      ("edition", license.edition.rawValue),
      ("issued", "\(instant(license.iat, zone)) by \(license.iss), keyset \(license.leastEpoch)"),
    ]
    rows += dates(license, zone)
    rows.append(("collectors", collectors(license.collectors)))
    rows += terms(license)
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { name, value in
      name + String(repeating: " ", count: width - name.count + 2) + value
    }
  }

  private static func dates(_ license: License, _ zone: Zone?) -> [(String, String)] {
    var rows: [(String, String)] = []
    if let term = license.term {
      let grace = license.graceDays == 0 ? "" : ", then \(license.graceDays) days of grace"
      rows.append(("term", "\(span(term)) in \(license.zone)\(grace)"))
    }
    if let maintenance = license.maintenance {
      rows.append(("maintenance", "\(span(maintenance)) in \(license.zone)"))
    }
    if let release = license.release { rows.append(("release", "\(release), for ever")) }
    if let zone {
      let period = license.period(in: zone)
      if let begins = period.begins { rows.append(("begins", instant(begins, zone))) }
      if let ends = period.ends { rows.append(("ends", instant(ends, zone))) }
    }
    if license.edition == .community {
      rows.append(("use", "each release for \(Edition.communityDays) days after its release day"))
    }
    return rows
  }

  private static func terms(_ license: License) -> [(String, String)] {
    var rows = [("installations", String(license.installations)), ("support", license.support)]
    var reporting = license.reporting.mode.rawValue
    if let gateway = license.reporting.gateway { reporting += " to \(gateway)" }
    if let hours = license.reporting.leaseHours { reporting += ", lease of \(hours) hours" }
    rows.append(("reporting", reporting))
    if let price = license.price {
      rows.append(("price", "\(Money.text(price)) for a collector and day"))
      rows.append(("gaps", license.gaps.rawValue))
    }
    rows.append(("activation", license.activation.rawValue))
    if license.enforce != .start { rows.append(("enforce", license.enforce.rawValue)) }
    return rows
  }

  private static func collectors(_ collectors: Collectors) -> String {
    var text = "no limit"
    if let limit = collectors.limit {
      text = "at most \(limit)"
      switch collectors.overage {
      case .refuse: text += ", more are refused"
      case .record: text += ", more are recorded"
      case nil: break
      }
    }
    text += "; window \(collectors.window) s"
    return collectors.dwell == 0 ? text : text + ", dwell \(collectors.dwell) s"
  }

  private static func span(_ term: Term) -> String {
    "\(term.from) through \(term.through) (\(term.days) days)"
  }

  /// In UTC and, where the zone is known, in local time.
  private static func instant(_ second: Int64, _ zone: Zone?) -> String {
    guard let zone else { return UTC.text(second) }
    return "\(UTC.text(second)) (\(zone.localText(at: second)))"
  }
}
