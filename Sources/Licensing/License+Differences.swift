internal import CivilTime
package import Sealing

/// One member in which two revisions of a license differ.
package struct LicenseDifference: Sendable, Equatable {
  /// The member's path: `collectors.limit`.
  package let member: String
  /// Nil where the older license does not have the member.
  package let old: JSONValue?
  /// Nil where the newer license does not have the member.
  package let new: JSONValue?
  /// The change in words: `collectors.limit rises from 500 to 800`.
  package let text: String
  /// The same in Chinese.
  package let chinese: String

  package var json: JSONValue {
    [
      "member": .string(member), "old": old ?? .null, "new": new ?? .null, "text": .string(text),
    ]
  }
}

extension License {
  /// Every member in which this license differs from an older one, in the order of the format.
  /// Members left out because they have the edition's usual value are compared by that value.
  package func differences(from older: License) -> [LicenseDifference] {
    let (before, after) = (older.leaves, leaves)
    return Self.paths.compactMap { path in
      let (old, new) = (before[path], after[path])
      guard old != new else { return nil }
      let words = DifferenceWords(path: path, older: older, newer: self)
      return LicenseDifference(
        member: path, old: old, new: new, text: words.text(old: old, new: new),
        chinese: words.chinese(old: old, new: new))
    }
  }

  /// All members that a license can have, in the order of the format.
  package static let paths = [
    "iss", "jti", "line", "revision", "epoch", "sub", "customer", "product", "iat", "edition",
    "zone", "term.from", "term.through", "maintenance.from", "maintenance.through", "release",
    "collectors.limit", "collectors.overage", "collectors.window", "collectors.dwell", "gaps",
    "support", "installations", "grace_days", "reporting.mode", "reporting.gateway",
    "reporting.lease_hours", "price.currency", "price.minor_per_collector_day", "activation",
    "enforce",
  ]

  /// The values of all members that stand, by path.
  package var leaves: [String: JSONValue] {
    var leaves: [String: JSONValue] = [:]
    for member in members {
      if case .object(let inner) = member.value {
        for leaf in inner { leaves["\(member.name).\(leaf.name)"] = leaf.value }
      } else {
        leaves[member.name] = member.value
      }
    }
    leaves["activation"] = .string(activation.rawValue)
    leaves["enforce"] = .string(enforce.rawValue)
    leaves["reporting.mode"] = .string(reporting.mode.rawValue)
    return leaves
  }
}

/// Says in words how one member changes, in English and in Chinese.
private struct DifferenceWords {
  let path: String
  let older: License
  let newer: License

  func text(old: JSONValue?, new: JSONValue?) -> String {
    switch (old, new) {
    case (let old?, let new?): changed(old, new)
    case (nil, let new?): "\(path) is added: \(spelt(new, newer))"
    case (let old?, nil): "\(path) is removed, it was \(spelt(old, older))"
    case (nil, nil): "\(path) is unchanged"
    }
  }

  private func changed(_ old: JSONValue, _ new: JSONValue) -> String {
    let (before, after) = (spelt(old, older), spelt(new, newer))
    if let from = date(old), let to = date(new) {
      let days = from.days(until: to)
      let amount = English.count(abs(days), "day")
      return "\(path) moves from \(before) to \(after), \(amount) \(days > 0 ? "later" : "earlier")"
    }
    guard let from = old.integer, let to = new.integer else {
      return "\(path) changes from \(before) to \(after)"
    }
    if path == "iat" { return "\(path) moves from \(before) to \(after)" }
    return "\(path) \(to > from ? "rises" : "falls") from \(before) to \(after)"
  }

  func chinese(old: JSONValue?, new: JSONValue?) -> String {
    switch (old, new) {
    case (let old?, let new?):
      let (before, after) = (spelt(old, older), spelt(new, newer))
      return "\(path) 从 \(before) \(chineseVerb(old, new)) \(after)" + chineseDistance(old, new)
    case (nil, let new?): return "新增 \(path)：\(spelt(new, newer))"
    case (let old?, nil): return "去掉 \(path)，原为 \(spelt(old, older))"
    case (nil, nil): return "\(path) 不变"
    }
  }

  private func chineseVerb(_ old: JSONValue, _ new: JSONValue) -> String {
    if path == "iat" || (date(old) != nil && date(new) != nil) { return "移到" }
    guard let from = old.integer, let to = new.integer else { return "改为" }
    return to > from ? "升到" : "降到"
  }

  private func chineseDistance(_ old: JSONValue, _ new: JSONValue) -> String {
    guard let from = date(old), let to = date(new) else { return "" }
    let days = from.days(until: to)
    return "，\(days > 0 ? "推后" : "提前") \(abs(days)) 天"
  }

  private func date(_ value: JSONValue) -> CivilDate? {
    guard path.hasPrefix("term.") || path.hasPrefix("maintenance.") else { return nil }
    return value.string.flatMap { CivilDate($0) }
  }

  private func spelt(_ value: JSONValue, _ license: License) -> String {
    switch value {
    case .number(let literal): spelt(literal, value.integer, license)
    case .string(let text): text
    case .null, .bool, .array, .object: value.text
    }
  }

  private func spelt(_ literal: String, _ number: Int64?, _ license: License) -> String {
    guard let number else { return literal }
    if path == "iat" { return UTC.text(number) }
    if path == "price.minor_per_collector_day", let price = license.price {
      let amount = MinorUnits.text(price.minorPerCollectorDay, price.currency)
      return "\(literal) (\(amount) \(price.currency))"
    }
    return literal
  }
}
