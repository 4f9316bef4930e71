internal import CivilTime
package import Licensing
internal import Platform
internal import Sealing

/// A verdict as text for people: one line that says it, one for each finding, then the license and the
/// release that it is about.
package enum VerdictText {
  /// - Parameters:
  ///   - verdict: what the rules found.
  ///   - dossier: what they looked at.
  ///   - running: what runs, as the platform said.
  package static func text(
    _ verdict: Verdict, _ dossier: Dossier, running: RunningRelease?,
    language: Language = .english
  ) -> String {
    let words = VerdictWords(language: language)
    var lines = ["\(words.outcome(verdict.outcome)) \(verdict.code.rawValue)"]
    for finding in verdict.findings {
      lines.append(
        "\(words.severity(finding.severity)) \(finding.code.rawValue)\(words.colon)"
          + finding.message(in: language))
    }
    let rows = self.rows(verdict, dossier, running, words)
    if !rows.isEmpty { lines.append("") }
    let width = rows.map { VerdictWords.columns($0.name) }.max() ?? 0
    for (name, value) in rows {
      let room = width - VerdictWords.columns(name) + 2
      lines.append(name + String(repeating: " ", count: room) + value)
    }
    return lines.map(Printable.line).joined(separator: "\n")
  }

  private typealias Row = (name: String, value: String)

  private static func rows(
    _ verdict: Verdict, _ dossier: Dossier, _ running: RunningRelease?, _ words: VerdictWords
  ) -> [Row] {
    var rows: [Row] = []
    if let license = judged(verdict, dossier.allLicenses) { rows += self.rows(license, words) }
    if let release = dossier.release?.payload {
      let text = words.release(release.version, released: release.released.description)
      rows.append((words.label(.release), text))
    }
    if let running { rows.append((words.label(.running), running.description)) }
    if let keyset = dossier.trust?.keyset {
      let text = words.keyset(keyset.epoch, of: keyset.iss, issued: UTC.text(keyset.iat))
      rows.append((words.label(.keyset), text))
    }
    return rows
  }

  /// The license that was judged; where none was, the only one at hand.
  private static func judged(
    _ verdict: Verdict, _ licenses: [Verified<License>]
  ) -> License? {
    guard let name = verdict.license else { return licenses.count == 1 ? licenses[0].payload : nil }
    return licenses.first { $0.payload.jti == name }?.payload
  }

  private static func rows(_ license: License, _ words: VerdictWords) -> [Row] {
    var rows: [Row] = [
      (words.label(.license), words.license(license)),
      (words.label(.edition), words.edition(license.edition)),
      (words.label(.customer), words.customer(license)),
      (words.label(.product), license.product),
    ]
    if let term = license.term {
      rows.append((words.label(.term), words.days(term, license.zone)))
    }
    if let maintenance = license.maintenance {
      rows.append((words.label(.maintenance), words.days(maintenance, license.zone)))
    }
    if let release = license.release {
      rows.append((words.label(.covers), words.forEver(release)))
    }
    rows.append((words.label(.collectors), words.collectors(license.collectors)))
    rows.append((words.label(.support), license.support))
    return rows
  }
}
