import Sealing

/// The texts of findings in Simplified Chinese, made from code and facts alone as ``English`` is.
///
/// Names, dates, numbers and commands stay as they are. What a refused document was refused for is known
/// in English only: the code is explained, and the English is quoted in brackets.
enum Chinese {
  /// What happened, since when, and what to do next.
  static func message(_ code: FindingCode, _ facts: Facts) -> String {
    switch code {
    case .damaged: refused(.damaged, facts)
    case .malformed: refused(.malformed, facts)
    case .unsupportedVersion: refused(.unsupportedVersion, facts)
    case .wrongKind: refused(.wrongKind, facts)
    case .unknownKey: refused(.unknownKey, facts)
    case .keyNotAllowed: refused(.keyNotAllowed, facts)
    case .keyRevoked: refused(.keyRevoked, facts)
    case .keysetTooOld: refused(.keysetTooOld, facts)
    case .signatureInvalid: refused(.signatureInvalid, facts)
    case .licenseRevoked: licenseRevoked(facts)
    case .superseded: superseded(facts)
    case .wrongProduct: wrongProduct(facts)
    case .wrongInstallation: wrongInstallation(facts)
    case .notActivated: notActivated(facts)
    case .noLicense: noLicense(facts)
    case .notYetValid: notYetValid(facts)
    case .releaseUnknown: releaseUnknown(facts)
    case .releaseMismatch: releaseMismatch(facts)
    case .releaseNotCovered: releaseNotCovered(facts)
    case .releaseExpired: releaseExpired(facts)
    case .expired: expired(facts)
    case .clockUntrusted: clockUntrusted(facts)
    case .ledgerDamaged: ledgerDamaged(facts)
    case .overLimit: overLimit(facts)
    case .inGrace: inGrace(facts)
    case .reportLate: reportLate(facts)
    case .reportOverdue: reportOverdue(facts)
    case .keysetStale: keysetStale(facts)
    case .maintenanceEnded: maintenanceEnded(facts)
    case .expiringSoon: expiringSoon(facts)
    case .valid: valid(facts)
    }
  }

  /// Why there is no verdict and what to do.
  static func message(_ reason: CannotTell) -> String {
    switch reason {
    case .clock(let edition):
      "读不到系统时钟，而\(name(edition))许可证要依据日期判断；请校准本机时钟后重新检查"
    case .zone(let name):
      "本机没有许可证所用的时区 \(name)；请安装 tzdata 软件包，或指定存放时区文件的目录"
    }
  }

  /// `许可证 lic_1（按量付费 payg，修订号 3）`.
  static func license(_ facts: Facts) -> String {
    let edition =
      Edition(rawValue: facts.text(.edition)).map { name($0) } ?? facts.text(.edition)
    return "许可证 \(facts.text(.license))（\(edition)，修订号 \(facts.text(.revision))）"
  }

  /// The edition by its Chinese name and by the word that stands in documents and commands.
  static func name(_ edition: Edition) -> String {
    switch edition {
    case .subscription: "订阅版 subscription"
    case .perpetual: "永久版 perpetual"
    case .payg: "按量付费 payg"
    case .community: "社区版 community"
    }
  }

  /// A Chinese sentence with the English that it explains.
  static func quoting(_ english: String, after chinese: String) -> String {
    english.isEmpty ? chinese : "\(chinese)（\(english)）"
  }

  /// `，已过 3 天`, nothing where it is not known.
  static func ago(_ facts: Facts) -> String {
    facts.number(.daysAgo).map { "，已过 \($0) 天" } ?? ""
  }

  /// `，还剩 3 天`; the last day says so.
  static func left(_ facts: Facts) -> String {
    guard let days = facts.number(.daysLeft) else { return "" }
    return days <= 1 ? "，今天是最后一天" : "，还剩 \(days) 天"
  }
}

extension Edition {
  /// The edition's name in Chinese, with the word that stands in documents and commands.
  package var chineseName: String { Chinese.name(self) }
}

extension Verdict.Outcome {
  /// The answer in Chinese.
  package var chinese: String {
    switch self {
    case .allow: "允许"
    case .warn: "警告"
    case .deny: "拒绝"
    }
  }
}

extension Severity {
  /// The weight in Chinese.
  package var chinese: String {
    switch self {
    case .deny: "拒绝"
    case .warn: "警告"
    case .note: "提示"
    }
  }
}
