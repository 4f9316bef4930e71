internal import CivilTime
internal import Sealing

/// What a keyset changes, for the people who sign it.
enum KeysetChanges {
  /// One sentence for each change; never empty.
  static func inWords(
    from old: Keyset?, to new: Keyset, _ cryptography: some Cryptography
  ) -> [String] {
    var words = roots(from: old?.roots, to: new.roots, cryptography)
    words += keys(from: old?.keys ?? [], to: new.keys, cryptography)
    words += revoked(from: old?.revoked ?? [], to: new.revoked)
    if words.isEmpty { words.append("changes no key: it renews the keyset's date") }
    let next = (old?.epoch ?? 0) + 1
    if new.epoch > next {
      let skipped = new.epoch - 1 == next ? "\(next)" : "\(next) to \(new.epoch - 1)"
      words.append("leaves out the number \(skipped), which no keyset can have from then on")
    }
    return words
  }

  private static func keys(
    from before: [OnlineKey], to after: [OnlineKey], _ cryptography: some Cryptography
  ) -> [String] {
    var words: [String] = []
    for key in after where !before.contains(where: { $0.key == key.key }) {
      words.append("adds \(describe(key, cryptography))")
    }
    for key in before {
      guard let now = after.first(where: { $0.key == key.key }) else {
        words.append("removes \(describe(key, cryptography))")
        continue
      }
      if now != key {
        words.append(
          "changes \(describe(key, cryptography)) to \(describe(now, cryptography))")
      }
    }
    return words
  }

  private static func revoked(from before: [RevokedKey], to after: [RevokedKey]) -> [String] {
    var words: [String] = []
    for key in after where !before.contains(key) {
      words.append("revokes key \(key.kid), as of \(UTC.text(key.at)): \(key.reason)")
    }
    for key in before where !after.contains(where: { $0.kid == key.kid }) {
      words.append("no longer revokes key \(key.kid), which was revoked: \(key.reason)")
    }
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
