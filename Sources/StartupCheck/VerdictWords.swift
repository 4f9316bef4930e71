internal import Licensing

/// The words around a verdict's findings, in a language.
struct VerdictWords: Sendable {
  let language: Language

  /// What the rows below the findings are about.
  enum Label: String, Sendable, CaseIterable {
    case license, edition, customer, product, term, maintenance, covers, collectors, support
    case release, running, keyset
  }

  func label(_ label: Label) -> String {
    switch language {
    case .english: label.rawValue
    case .chinese: Self.chinese(label)
    }
  }

  private static func chinese(_ label: Label) -> String {
    switch label {
    case .license: "许可证"
    case .edition: "版别"
    case .customer: "客户"
    case .product: "产品"
    case .term: "许可期限"
    case .maintenance: "维保期限"
    case .covers: "覆盖版本"
    case .collectors: "采集器"
    case .support: "支持级别"
    case .release: "发布文件"
    case .running: "运行版本"
    case .keyset: "密钥集"
    }
  }

  func outcome(_ outcome: Verdict.Outcome) -> String {
    language == .chinese ? outcome.chinese : outcome.rawValue
  }

  func severity(_ severity: Severity) -> String {
    language == .chinese ? severity.chinese : severity.rawValue
  }

  /// Between a code and its message.
  var colon: String { language == .chinese ? "：" : ": " }

  func license(_ license: License) -> String {
    switch language {
    case .english: "\(license.jti), revision \(license.revision) of \(license.line)"
    case .chinese: "\(license.jti)，系列 \(license.line)，修订号 \(license.revision)"
    }
  }

  func edition(_ edition: Edition) -> String {
    language == .chinese ? edition.chineseName : edition.rawValue
  }

  func customer(_ license: License) -> String {
    language == .chinese
      ? "\(license.customer)（\(license.sub)）" : "\(license.customer) (\(license.sub))"
  }

  func days(_ term: Term, _ zone: String) -> String {
    switch language {
    case .english: "\(term.from) through \(term.through) (\(zone))"
    case .chinese: "\(term.from) 至 \(term.through)（\(zone)）"
    }
  }

  func forEver(_ release: String) -> String {
    language == .chinese ? "\(release)，可永久使用" : "\(release), for ever"
  }

  func collectors(_ collectors: Collectors) -> String {
    guard let limit = collectors.limit else { return language == .chinese ? "不限" : "no limit" }
    return switch (language, collectors.overage) {
    case (.english, .refuse): "at most \(limit), others are refused"
    case (.english, .record), (.english, nil): "at most \(limit), more are recorded"
    case (.chinese, .refuse): "最多 \(limit) 个，超出的拒绝接入"
    case (.chinese, .record), (.chinese, nil): "最多 \(limit) 个，超出的照常记录"
    }
  }

  /// - Parameter released: the release day.
  func release(_ version: String, released: String) -> String {
    language == .chinese ? "\(version)，发布于 \(released)" : "\(version), released \(released)"
  }

  /// - Parameter issued: when, in UTC.
  func keyset(_ epoch: Int64, of issuer: String, issued: String) -> String {
    switch language {
    case .english: "\(epoch) of \(issuer), issued \(issued)"
    case .chinese: "\(epoch)，由 \(issuer) 签发于 \(issued)"
    }
  }

  /// How many columns of a terminal a label takes: a Chinese character is as wide as two letters.
  static func columns(_ label: String) -> Int {
    label.unicodeScalars.reduce(0) { $0 + ($1.value >= 0x2E80 ? 2 : 1) }
  }
}
