internal import CivilTime
package import Licensing
internal import Sealing

/// A verdict as text for people: one line that says it, one for each finding, then the license and the
/// release that it is about.
package enum VerdictText {
  /// - Parameters:
  ///   - verdict: what the rules found.
  ///   - dossier: what they looked at.
  ///   - running: what runs, as the platform said.
  package static func text(
    _ verdict: Verdict, _ dossier: Dossier, running: RunningRelease?
  ) -> String {
    var lines = ["\(verdict.outcome.rawValue) \(verdict.code.rawValue)"]
    for finding in verdict.findings {
      lines.append("\(finding.severity.rawValue) \(finding.code.rawValue): \(finding.message)")
    }
    var rows: [(String, String)] = []
    if let license = judged(verdict, dossier.allLicenses) { rows += self.rows(license) }
    if let release = dossier.release?.payload {
      rows.append(("release", "\(release.version), released \(release.released)"))
    }
    if let running { rows.append(("running", running.description)) }
    if let keyset = dossier.trust?.keyset {
      rows.append(("keyset", "\(keyset.epoch) of \(keyset.iss), issued \(UTC.text(keyset.iat))"))
    }
    if !rows.isEmpty { lines.append("") }
    let width = rows.map(\.0.count).max() ?? 0
    for (name, value) in rows {
      lines.append(name + String(repeating: " ", count: width - name.count + 2) + value)
    }
    return lines.map(printable).joined(separator: "\n")
  }

  /// The license that the findings name.
  private static func judged(
    _ verdict: Verdict, _ licenses: [Verified<License>]
  ) -> License? {
    let names = verdict.findings.compactMap { $0.facts[.license]?.string }
    guard let name = names.first else { return licenses.count == 1 ? licenses[0].payload : nil }
    return licenses.first { $0.payload.jti.text == name }?.payload
  }

  private static func rows(_ license: License) -> [(String, String)] {
    var rows = [
      ("license", "\(license.jti), revision \(license.revision) of \(license.line)"),
      ("edition", license.edition.rawValue),
      ("customer", "\(license.customer) (\(license.sub))"),
      ("product", license.product),
    ]
    if let term = license.term {
      rows.append(("term", "\(term.from) through \(term.through) (\(license.zone))"))
    }
    if let maintenance = license.maintenance {
      let days = "\(maintenance.from) through \(maintenance.through) (\(license.zone))"
      rows.append(("maintenance", days))
    }
    if let release = license.release { rows.append(("covers", "\(release), for ever")) }
    rows.append(("collectors", collectors(license.collectors)))
    rows.append(("support", license.support))
    return rows
  }

  private static func collectors(_ collectors: Collectors) -> String {
    guard let limit = collectors.limit else { return "no limit" }
    switch collectors.overage {
    case .refuse: return "at most \(limit), others are refused"
    case .record, nil: return "at most \(limit), more are recorded"
    }
  }

  /// Texts come from files: what steers a terminal must not pass.
  private static func printable(_ line: String) -> String {
    var text = String.UnicodeScalarView()
    for scalar in line.unicodeScalars {
      let steers =
        scalar.properties.generalCategory == .control || scalar.properties.isBidiControl
        || scalar.properties.generalCategory == .lineSeparator
        || scalar.properties.generalCategory == .paragraphSeparator
      text.append(steers ? "\u{FFFD}" : scalar)
    }
    return String(text)
  }
}
