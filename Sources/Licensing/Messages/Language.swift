/// The languages of texts for people. What programs read, JSON above all, has none.
package enum Language: String, Sendable, CaseIterable {
  case english = "en"
  /// Simplified Chinese, the only Chinese here: readers of the traditional script get it as well.
  case chinese = "zh"

  /// The language of a tag or locale: `zh`, `zh-Hans`, `zh_CN.UTF-8`, `en_GB@euro`.
  /// - Returns: nil for every other language, and for what names none, as `C` and `POSIX`.
  package init?(tag: String) {
    let name = tag.utf8.prefix { $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "@") }
    let subtags = name.split(omittingEmptySubsequences: false) {
      $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
    }
    let isWhole = subtags.allSatisfy { subtag in
      !subtag.isEmpty && subtag.allSatisfy { Self.isLetterOrDigit($0) }
    }
    guard isWhole, let first = subtags.first,
      let language = Self(rawValue: String(decoding: first, as: UTF8.self).lowercased())
    else { return nil }
    self = language
  }

  /// The language of an environment by the rule of POSIX: the first of `LC_ALL`, `LC_MESSAGES` and
  /// `LANG` that is set and not empty decides. What it does not name here reads English.
  package init(environment: [String: String]) {
    let values = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { environment[$0] }
    let locale = values.first { !$0.isEmpty }
    self = locale.flatMap { Language(tag: $0) } ?? .english
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"):
      true
    default: false
    }
  }
}

extension Language {
  /// What a fault comes to in this language: in English what was said, in Chinese the meaning of its
  /// code, with what was said in brackets, for that names files and numbers.
  package func explained(_ chinese: @autoclosure () -> String, _ english: String) -> String {
    switch self {
    case .english: english
    case .chinese: Chinese.quoting(english, after: chinese())
    }
  }
}
