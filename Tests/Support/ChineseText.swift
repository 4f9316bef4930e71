/// What a Chinese text for people must keep.
package enum ChineseText {
  /// Latin words that are no English sentence: programs, flags, files, names of standards and of
  /// libraries.
  private static let names: Set<String> = [
    "tally", "tally-verifier", "usage", "verify", "activate", "license", "install", "keyset",
    "publish", "intent", "show", "finish", "drop", "list", "serve", "chmod", "FILE", "--replace",
    "--release", "--running", "VERSION", "COMMIT", "--registry", "--state", "--gateway", "--listen",
    "--trust-root", "--yes", "TALLY_TRUST_ROOT", "standing", "tzdata", "root.jwks", "OpenSSL",
    "PKCS", "PEM",
    "MiB", "Retry-After", "--from", "--through", "--years", "--window", "--dwell", "--grace-days",
    "--lease-hours", "--released", "--product", "--covered-as-of", "--price", "--basis",
    "from-end", "renew", "amend", "customer", "ISO", "--days", "--version", "--commit",
    "--collectors",
  ]

  /// What is wrong with a text, nil where nothing is: it must be Chinese, hold no English but names, no
  /// gap left by a missing fact, and the punctuation of Chinese.
  /// - Parameter given: what may stand in it as it is, such as facts and quoted details.
  package static func complaint(_ text: String, given: [String] = []) -> String? {
    var rest = Substring(text)
    for part in given.sorted(by: { $0.utf8.count > $1.utf8.count }) where !part.isEmpty {
      rest = Substring(
        rest.split(separator: part, omittingEmptySubsequences: false).joined(separator: " "))
    }
    guard rest.unicodeScalars.contains(where: { (0x4E00...0x9FFF).contains($0.value) }) else {
      return "no Chinese in: \(text)"
    }
    for word in words(rest) where !names.contains(word) { return "\(word) is left in: \(text)" }
    let wrong = rest.unicodeScalars.first { ",;:()?!".unicodeScalars.contains($0) }
    return wrong.map { "\($0) is left in: \(text)" }
  }

  /// Runs of Latin letters with what joins them in names.
  private static func words(_ text: Substring) -> [String] {
    let runs = text.split { character in
      !(character.isASCII
        && (character.isLetter || character.isNumber || "-_.".contains(character)))
    }
    return runs.map { run in
      var word = run
      while word.last == "." { word.removeLast() }
      return String(word)
    }.filter { $0.contains(where: \.isLetter) }
  }
}
