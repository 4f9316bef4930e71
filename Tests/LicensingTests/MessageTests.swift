import CivilTime
import Licensing
import Sealing
import TestSupport
import Testing

/// The texts of findings in both languages.
struct MessageTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let code: FindingCode
    let name: String
    let facts: Facts
    var testDescription: String { "\(code.rawValue): \(name)" }
  }

  /// Facts by name; texts as they are, numbers as numbers, `@` and seconds as an instant of Shanghai.
  private static func facts(_ entries: [(FactName, String)]) throws -> Facts {
    let zone = try Shared.zone("Asia/Shanghai")
    var facts = Facts()
    for (name, value) in entries {
      if value.hasPrefix("@") {
        facts.add(name, instant: Int64(value.dropFirst()), in: zone)
      } else if let number = Int64(value) {
        facts.add(name, number)
      } else {
        facts.add(name, value)
      }
    }
    return facts
  }

  private static let license: [(FactName, String)] = [
    (.license, "lic_0192-7"), (.line, "lin_0192"), (.revision, "3"), (.edition, "payg"),
  ]

  private static let ended: [(FactName, String)] =
    license + [(.through, "2027-11-20"), (.ended, "@1826726400")]

  /// Facts that the one situation of each code in ``CodeTests`` does not bring.
  private static let rich: [(FindingCode, String, [(FactName, String)])] = [
    (.licenseRevoked, "without a reason's date", license + [(.reason, "refunded on 2027-01-02")]),
    (
      .wrongInstallation, "another installation and line",
      license + [
        (.activatedInstallation, "q1w2e3"), (.installation, "z9y8x7"), (.activatedLine, "lin_77"),
      ]
    ),
    (.wrongInstallation, "another line is counted", license + [(.countedLine, "lin_77")]),
    (.noLicense, "all refused", [(.refused, "2")]),
    (
      .notYetValid, "in 9 days",
      license + [(.from, "2026-12-01"), (.begins, "@1796054400"), (.daysUntil, "9")]
    ),
    (
      .releaseUnknown, "nothing is known", license + [(.missing, "release running")]
    ),
    (
      .releaseMismatch, "with commits",
      [(.running, "1.98.190@abc1"), (.release, "1.98.190"), (.releaseCommit, "def2")]
    ),
    (
      .releaseNotCovered, "maintenance, a fix, and where to go back to",
      license + [
        (.release, "1.99.1"), (.released, "2027-12-09"), (.coveredAsOf, "2027-12-01"),
        (.basis, "maintenance"), (.through, "2027-11-20"), (.newestCovered, "1.98.190"),
      ]
    ),
    (
      .releaseExpired, "some days ago",
      license + [
        (.release, "1.98.190"), (.released, "2026-11-20"), (.through, "2027-05-19"),
        (.ended, "@1810742400"), (.daysAgo, "12"),
      ]
    ),
    (.expired, "without grace", ended + [(.daysAgo, "1"), (.graceDays, "0")]),
    (
      .expired, "with grace",
      ended + [
        (.daysAgo, "21"), (.graceDays, "14"), (.graceThrough, "2027-12-04"),
        (.graceEnds, "@1827936000"),
      ]
    ),
    (
      .inGrace, "the last day",
      ended + [
        (.daysAgo, "14"), (.graceDays, "14"), (.graceThrough, "2027-12-04"),
        (.graceEnds, "@1827936000"), (.daysLeft, "1"),
      ]
    ),
    (
      .clockUntrusted, "moved back", [(.secondsMoved, "-90000")]
    ),
    (
      .clockUntrusted, "behind",
      [(.wall, "@1795190400"), (.floor, "@1795490400"), (.secondsBehind, "300000")]
    ),
    (.clockUntrusted, "unreadable", [(.reason, "unreadable")]),
    (.ledgerDamaged, "nothing known of it", []),
    (
      .overLimit, "since a moment", [(.online, "1040"), (.limit, "1000"), (.since, "@1795190400")]
    ),
  ]

  private static let leases: [(FindingCode, String, [(FactName, String)])] =
    ["license", "activation", "begin", "receipt"].flatMap { evidence in
      let lease: [(FactName, String)] =
        license + [
          (.evidence, evidence), (.since, "@1795190400"), (.leaseHours, "72"),
          (.leaseEnds, "@1795449600"),
        ]
      return [
        (FindingCode.reportLate, evidence, lease + [(.hoursLeft, "17")]),
        (FindingCode.reportOverdue, evidence, lease + [(.hoursAgo, "5")]),
      ]
    }

  private static let ends: [(FindingCode, String, [(FactName, String)])] = {
    let end: [(FactName, String)] =
      license + [(.through, "2027-11-20"), (.ends, "@1826726400"), (.daysLeft, "41")]
    return [
      (.expiringSoon, "a term", end),
      (.expiringSoon, "a release", end + [(.release, "1.98.190")]),
      (.expiringSoon, "renewed", end + [(.renewalRevision, "4"), (.renewalFrom, "2027-11-21")]),
      (.expiringSoon, "renewed for ever", end + [(.renewalRevision, "4")]),
      (.valid, "a term", end),
      (.valid, "a release", end + [(.release, "1.98.190")]),
      (.valid, "no end", license),
    ]
  }()

  /// Every finding that the situations of ``CodeTests`` bring, and what those do not bring.
  static func cases() throws -> [Case] {
    let scenes = try CodeTests.cases.flatMap { test in
      try test.scene().judged().findings.map {
        Case(code: $0.code, name: "in \(test.testDescription)", facts: $0.facts)
      }
    }
    return try scenes
      + (rich + leases + ends).map { Case(code: $0.0, name: $0.1, facts: try facts($0.2)) }
  }

  /// Everything that facts say, as it stands in texts.
  private static func values(_ facts: Facts) -> [String] {
    guard case .object(let members) = facts.json else { return [] }
    // A commit stands behind its version as in --running.
    let build = "\(facts[.release]?.string ?? "")@\(facts[.releaseCommit]?.string ?? "")"
    return [build]
      + members.flatMap { member -> [String] in
        switch member.value {
        case .string(let text): [text]
        case .number(let literal): [literal]
        case .object:
          [member.value["local"]?.string, member.value["utc"]?.string].compactMap(\.self)
            + ["\(member.value["local"]?.string ?? "") (\(member.value["utc"]?.string ?? ""))"]
        case .null, .bool, .array: []
        }
      }
  }

  /// The words of a text that have a digit: numbers, dates, versions, names.
  private static func figures(_ text: String) -> [String] {
    text.split { character in
      !(character.isASCII
        && (character.isLetter || character.isNumber || "-_.:+@".contains(character)))
    }.map { run in
      var word = run
      while let last = word.last, ".:-".contains(last) { word.removeLast() }
      return String(word)
    }.filter { $0.contains(where: \.isNumber) }.sorted()
  }

  @Test func `every code has facts to be written of`() throws {
    let cases = try Self.cases()
    #expect(Set(cases.map(\.code)) == Set(FindingCode.allCases))
    #expect(cases.count >= 40 + Self.rich.count + 8 + 7)
  }

  @Test func `no text has a gap where its facts are given`() throws {
    for test in try Self.cases() {
      for language in Language.allCases {
        let text = Finding(test.code, test.facts).message(in: language)
        #expect(!text.contains("?"), "\(test.testDescription): \(text)")
        #expect(!text.isEmpty && !text.contains("  "), "\(test.testDescription): \(text)")
      }
    }
  }

  @Test func `Chinese holds no English but names, commands and what it quotes`() throws {
    for test in try Self.cases() {
      let text = Finding(test.code, test.facts).message(in: .chinese)
      let complaint = ChineseText.complaint(text, given: Self.values(test.facts))
      #expect(complaint == nil, "\(test.testDescription)")
    }
  }

  @Test func `both languages say the same numbers, dates and names`() throws {
    for test in try Self.cases() {
      let finding = Finding(test.code, test.facts)
      let (english, chinese) = (finding.message(in: .english), finding.message(in: .chinese))
      #expect(
        Self.figures(english) == Self.figures(chinese),
        "\(test.testDescription)\n\(english)\n\(chinese)")
    }
  }

  @Test func `every fact that the English says is in the Chinese`() throws {
    // Words that the texts choose by, and translate.
    let chosen: [FactName] = [.evidence, .knownFrom, .basis, .missing]
    for test in try Self.cases() {
      let finding = Finding(test.code, test.facts)
      let (english, chinese) = (finding.message(in: .english), finding.message(in: .chinese))
      for name in FactName.allCases where !chosen.contains(name) {
        guard let value = test.facts[name]?.string, english.contains(value) else { continue }
        if test.code == .clockUntrusted, name == .reason { continue }
        #expect(chinese.contains(value), "\(test.testDescription): \(value)\n\(chinese)")
      }
    }
  }

  @Test func `texts without any facts are written all the same`() {
    for code in FindingCode.allCases {
      for language in Language.allCases {
        #expect(Finding(code).message(in: language).count > 3)
      }
    }
  }

  @Test func `English is what JSON holds`() throws {
    for test in try Self.cases() {
      let finding = Finding(test.code, test.facts)
      #expect(finding.message == finding.message(in: .english))
      #expect(finding.json["message"]?.string == finding.message(in: .english))
    }
  }

  @Test func `why there is no verdict is said in both languages`() {
    let zone = CannotTell.zone("Mars/Base1")
    #expect(ChineseText.complaint(zone.message(in: .chinese), given: ["Mars/Base1"]) == nil)
    #expect(zone.message(in: .chinese).contains("Mars/Base1"))
    #expect(zone.description == zone.message(in: .english))
    for edition in Edition.allCases {
      let clock = CannotTell.clock(edition)
      let text = clock.message(in: .chinese)
      #expect(ChineseText.complaint(text, given: [edition.rawValue]) == nil)
      #expect(text.contains(edition.rawValue))
    }
  }
}
