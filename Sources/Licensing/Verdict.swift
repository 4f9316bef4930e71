package import Sealing

/// One thing that a rule found.
package struct Finding: Sendable, Equatable {
  package let code: FindingCode
  package let severity: Severity
  package let facts: Facts

  /// - Parameter edition: that of the license judged, nil where there is none.
  package init(_ code: FindingCode, _ facts: Facts = Facts(), in edition: Edition? = nil) {
    self.code = code
    self.severity = code.severity(in: edition)
    self.facts = facts
  }

  /// What happened, since when, and what to do next, in English.
  package var message: String { message(in: .english) }

  /// The same in a language; JSON holds the English one always.
  package func message(in language: Language) -> String {
    switch language {
    case .english: English.message(code, facts)
    case .chinese: Chinese.message(code, facts)
    }
  }

  package var json: JSONValue {
    [
      "code": .string(code.rawValue), "severity": .string(severity.rawValue),
      "message": .string(message), "facts": facts.json,
    ]
  }
}

/// The answer of all rules: may the platform run?
package struct Verdict: Sendable, Equatable {
  package enum Outcome: String, Sendable, CaseIterable {
    case allow
    case warn
    case deny
  }

  package let outcome: Outcome
  /// The code of the first finding.
  package let code: FindingCode
  /// By severity, then in the order of ``FindingCode``; never empty.
  package let findings: [Finding]
  /// The license that was judged, nil where there is none.
  package let license: LicenseID?

  /// - Parameter findings: in any order; none at all denies, for nothing then speaks for a license.
  package init(_ findings: [Finding], license: LicenseID? = nil) {
    self.license = license
    let order = FindingCode.allCases
    let ranked = findings.enumerated().map { offset, finding in
      (finding, order.firstIndex(of: finding.code) ?? order.count, offset)
    }
    let sorted = ranked.sorted { left, right in
      if left.0.severity != right.0.severity { return left.0.severity < right.0.severity }
      return (left.1, left.2) < (right.1, right.2)
    }
    let all = sorted.isEmpty ? [Finding(.noLicense)] : sorted.map(\.0)
    self.findings = all
    self.code = all[0].code
    switch all[0].severity {
    case .deny: outcome = .deny
    case .warn: outcome = .warn
    case .note: outcome = .allow
    }
  }

  package var json: JSONValue {
    [
      "verdict": .string(outcome.rawValue), "code": .string(code.rawValue),
      "findings": .array(findings.map(\.json)),
    ]
  }

  /// 1 when it denies, else 0.
  package var exitCode: Int32 { outcome == .deny ? 1 : 0 }

  /// The findings of that code.
  package func findings(_ code: FindingCode) -> [Finding] {
    findings.filter { $0.code == code }
  }
}

/// A verdict, or why there can be none: "no" and "cannot tell" are different answers.
package enum Judgement: Sendable, Equatable {
  case verdict(Verdict)
  case cannotTell(CannotTell)

  /// 0 and 1 as the verdict has it, 2 where there is none.
  package var exitCode: Int32 {
    switch self {
    case .verdict(let verdict): verdict.exitCode
    case .cannotTell: 2
    }
  }
}

/// What is missing for a verdict.
package enum CannotTell: Sendable, Equatable, CustomStringConvertible {
  /// The clock cannot be read, and the edition needs it.
  case clock(Edition)
  /// The time zone in which the license's dates are meant is not known here.
  case zone(String)

  /// Stable text for machines.
  package var code: String {
    switch self {
    case .clock: "CLOCK_UNREADABLE"
    case .zone: "ZONE_UNKNOWN"
    }
  }

  /// What happened and what to do.
  package var description: String { message(in: .english) }

  /// The same in a language.
  package func message(in language: Language) -> String {
    switch language {
    case .english: English.message(self)
    case .chinese: Chinese.message(self)
    }
  }
}
