internal import CivilTime
internal import Sealing

/// What a keyset changes, for the people who sign it.
enum KeysetChanges {
  /// One sentence for each change; never empty.
  static func inWords(
    from old: Keyset?, to new: Keyset, _ cryptography: some Cryptography
  ) -> [String] {
    var words = roots(from: old?.roots, to: new.roots, cryptography)
    let before = old?.keys ?? []
    for key in new.keys where !before.contains(where: { $0.key == key.key }) {
      words.append("adds \(describe(key, cryptography))")
    }
    for key in before {
      guard let now = new.keys.first(where: { $0.key == key.key }) else {
        words.append("removes \(describe(key, cryptography))")
        continue
      }
      if now != key { words.append("changes a key to \(describe(now, cryptography))") }
    }
    for key in new.revoked where old?.revoked.contains(key) != true {
      words.append("revokes key \(key.kid): \(key.reason)")
    }
    if words.isEmpty { words.append("changes no key: it renews the keyset's date") }
    return words
  }

  private static func roots(
    from old: RootKeys?, to new: RootKeys, _ cryptography: some Cryptography
  ) -> [String] {
    guard old != new else { return [] }
    var words: [String] = []
    for key in new.keys where old?.keys.contains(key) != true {
      words.append("adds root \(key.thumbprint(using: cryptography))")
    }
    for key in old?.keys ?? [] where !new.keys.contains(key) {
      words.append("removes root \(key.thumbprint(using: cryptography))")
    }
    if old?.threshold != new.threshold || words.isEmpty {
      let was = old.map { ", until now \($0.threshold)" } ?? ""
      words.append("asks for \(new.threshold) of \(new.keys.count) roots\(was)")
    }
    return words
  }

  private static func describe(_ key: OnlineKey, _ cryptography: some Cryptography) -> String {
    let name = key.key.thumbprint(using: cryptography)
    let limits =
      key.constraints == KeyConstraints() ? "" : ", limited: \(key.constraints.json.text)"
    return "\(key.use.rawValue) key \(name) (\(key.key.algorithm.rawValue), from "
      + "\(UTC.text(key.from)) through \(UTC.text(key.through))\(limits))"
  }
}
