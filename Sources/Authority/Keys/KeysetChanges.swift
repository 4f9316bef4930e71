internal import CivilTime
package import Licensing
package import Sealing

/// One thing that a keyset changes of the one before, for the people who sign it and for programs.
package enum KeysetChange: Sendable, Equatable {
  case addsRoot(Thumbprint)
  case removesRoot(Thumbprint)
  /// How many roots must sign from then on, of how many, and until now; nil before the first keyset.
  case setsThreshold(Int, of: Int, was: Int?)
  case addsKey(OnlineKey, Thumbprint)
  case removesKey(OnlineKey, Thumbprint)
  case changesKey(OnlineKey, to: OnlineKey, Thumbprint)
  case revokesKey(RevokedKey)
  case forgetsRevocation(RevokedKey)
  /// No key changes: a keyset of a newer date.
  case renewsDate
  /// Numbers that no keyset can have from then on.
  case skipsEpochs(from: Int64, through: Int64)
}

/// What a keyset changes.
enum KeysetChanges {
  /// Every change, in the order in which they are told; never empty.
  static func list(
    from old: Keyset?, to new: Keyset, _ cryptography: some Cryptography
  ) -> [KeysetChange] {
    var changes = roots(from: old?.roots, to: new.roots, cryptography)
    changes += keys(from: old?.keys ?? [], to: new.keys, cryptography)
    changes += revoked(from: old?.revoked ?? [], to: new.revoked)
    if changes.isEmpty { changes.append(.renewsDate) }
    let next = (old?.epoch ?? 0) + 1
    if new.epoch > next { changes.append(.skipsEpochs(from: next, through: new.epoch - 1)) }
    return changes
  }

  private static func keys(
    from before: [OnlineKey], to after: [OnlineKey], _ cryptography: some Cryptography
  ) -> [KeysetChange] {
    var changes: [KeysetChange] = []
    for key in after where !before.contains(where: { $0.key == key.key }) {
      changes.append(.addsKey(key, key.key.thumbprint(using: cryptography)))
    }
    for key in before {
      let name = key.key.thumbprint(using: cryptography)
      guard let now = after.first(where: { $0.key == key.key }) else {
        changes.append(.removesKey(key, name))
        continue
      }
      if now != key { changes.append(.changesKey(key, to: now, name)) }
    }
    return changes
  }

  private static func revoked(
    from before: [RevokedKey], to after: [RevokedKey]
  ) -> [KeysetChange] {
    after.filter { !before.contains($0) }.map { .revokesKey($0) }
      + before.filter { old in !after.contains { $0.kid == old.kid } }
      .map { .forgetsRevocation($0) }
  }

  private static func roots(
    from old: RootKeys?, to new: RootKeys, _ cryptography: some Cryptography
  ) -> [KeysetChange] {
    guard old != new else { return [] }
    var changes: [KeysetChange] = []
    for key in new.keys where old?.keys.contains(key) != true {
      changes.append(.addsRoot(key.thumbprint(using: cryptography)))
    }
    for key in old?.keys ?? [] where !new.keys.contains(key) {
      changes.append(.removesRoot(key.thumbprint(using: cryptography)))
    }
    if old?.threshold != new.threshold || changes.isEmpty {
      changes.append(.setsThreshold(new.threshold, of: new.keys.count, was: old?.threshold))
    }
    return changes
  }
}

extension KeysetChange {
  /// One object: `op` says what happens and `what` to what, the rest names it. No text for people but
  /// the reason that the keyset itself carries.
  package var json: JSONValue {
    switch self {
    case .addsRoot(let kid): ["op": "add", "what": "root", "kid": kid.json]
    case .removesRoot(let kid): ["op": "remove", "what": "root", "kid": kid.json]
    case .setsThreshold(let threshold, let count, let was):
      [
        "op": "set", "what": "threshold", "threshold": .integer(threshold),
        "roots": .integer(count), "was": was.map { .integer($0) } ?? .null,
      ]
    case .addsKey(let key, let kid): Self.object("add", kid, Self.members(key))
    case .removesKey(let key, let kid): Self.object("remove", kid, Self.members(key))
    case .changesKey(let old, let new, let kid):
      Self.object(
        "change", kid, Self.members(new) + [JSONMember("was", .object(Self.members(old)))])
    case .revokesKey(let key): Self.object("revoke", key.kid, Self.members(key))
    case .forgetsRevocation(let key): Self.object("unrevoke", key.kid, Self.members(key))
    case .renewsDate: ["op": "renew", "what": "date"]
    case .skipsEpochs(let from, let through):
      ["op": "skip", "what": "epoch", "from": .integer(from), "through": .integer(through)]
    }
  }

  private static func object(
    _ operation: String, _ kid: Thumbprint, _ members: [JSONMember]
  ) -> JSONValue {
    .object(
      [
        JSONMember("op", .string(operation)), JSONMember("what", "key"),
        JSONMember("kid", kid.json),
      ] + members)
  }

  private static func members(_ key: OnlineKey) -> [JSONMember] {
    [
      JSONMember("use", .string(key.use.rawValue)),
      JSONMember("alg", .string(key.key.algorithm.rawValue)),
      JSONMember("from", .integer(key.from)), JSONMember("through", .integer(key.through)),
      JSONMember("constraints", key.constraints.json),
    ]
  }

  private static func members(_ key: RevokedKey) -> [JSONMember] {
    [JSONMember("at", .integer(key.at)), JSONMember("reason", .string(key.reason))]
  }

  /// One sentence, made from the change alone.
  package var words: BilingualText {
    switch self {
    case .addsRoot(let kid): BilingualText("adds root \(kid)", "新增根密钥 \(kid)")
    case .removesRoot(let kid): BilingualText("removes root \(kid)", "去掉根密钥 \(kid)")
    case .setsThreshold(let threshold, let count, let was):
      BilingualText(
        "asks for \(threshold) of \(count) roots\(was.map { ", until now \($0)" } ?? "")",
        "须由 \(count) 个根密钥中的 \(threshold) 个签名\(was.map { "，此前为 \($0) 个" } ?? "")")
    case .addsKey(let key, let kid): Self.words("adds ", "新增", key, kid)
    case .removesKey(let key, let kid): Self.words("removes ", "去掉", key, kid)
    case .changesKey(let old, let new, let kid):
      BilingualText(
        "changes \(Self.english(old, kid)) to \(Self.english(new, kid))",
        "更改\(Self.chinese(old, kid))，改为\(Self.chinese(new, kid))")
    case .revokesKey(let key):
      BilingualText(
        "revokes key \(key.kid), as of \(UTC.text(key.at)): \(key.reason)",
        "吊销密钥 \(key.kid)，自 \(UTC.text(key.at)) 起；原因：\(key.reason)")
    case .forgetsRevocation(let key):
      BilingualText(
        "no longer revokes key \(key.kid), which was revoked: \(key.reason)",
        "不再吊销密钥 \(key.kid)，当初吊销的原因：\(key.reason)")
    case .renewsDate:
      BilingualText(
        "changes no key: it renews the keyset's date", "不更改任何密钥，只更新密钥集的日期")
    case .skipsEpochs(let from, let through):
      BilingualText(
        "leaves out the number \(from == through ? "\(from)" : "\(from) to \(through)"), which no "
          + "keyset can have from then on",
        "跳过编号 \(from == through ? "\(from)" : "\(from) 至 \(through)")，此后的密钥集不能再用")
    }
  }

  private static func words(
    _ english: String, _ chinese: String, _ key: OnlineKey, _ kid: Thumbprint
  ) -> BilingualText {
    BilingualText(english + Self.english(key, kid), chinese + Self.chinese(key, kid))
  }

  private static func english(_ key: OnlineKey, _ kid: Thumbprint) -> String {
    let limits = limits(key).map { ", limited: \($0)" } ?? ""
    return "\(key.use.rawValue) key \(kid) (\(key.key.algorithm.rawValue), from "
      + "\(UTC.text(key.from)) through \(UTC.text(key.through))\(limits))"
  }

  private static func chinese(_ key: OnlineKey, _ kid: Thumbprint) -> String {
    let limits = limits(key).map { "，受限：\($0)" } ?? ""
    return " \(key.use.rawValue) 密钥 \(kid)（\(key.key.algorithm.rawValue)，\(UTC.text(key.from)) 至 "
      + "\(UTC.text(key.through))\(limits)）"
  }

  private static func limits(_ key: OnlineKey) -> String? {
    key.constraints == KeyConstraints() ? nil : key.constraints.json.text
  }
}
