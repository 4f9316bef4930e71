internal import CivilTime
package import Sealing

/// What is asked of the next keyset.
package struct KeysetOrder: Sendable {
  /// The vendor's name; may be left out after the first keyset, and never changes.
  package var iss: String?
  /// How many roots must sign; nil keeps the number while the roots stay, else takes more than half.
  package var threshold: Int?
  /// Roots whose private halves are elsewhere.
  package var addedRoots: [PublicKey]
  package var droppedRoots: [Thumbprint]
  /// Its number; nil for the next one.
  package var epoch: Int64?

  package init(
    iss: String? = nil, threshold: Int? = nil, addedRoots: [PublicKey] = [],
    droppedRoots: [Thumbprint] = [], epoch: Int64? = nil
  ) {
    self.epoch = epoch
    self.iss = iss
    self.threshold = threshold
    self.addedRoots = addedRoots
    self.droppedRoots = droppedRoots
  }
}

extension Authority {
  /// The next keyset: what the registry's keys come to.
  func plannedKeyset(_ order: KeysetOrder, at now: Int64) throws(AuthorityError) -> Keyset {
    let previous = try registry.keysets().last?.keyset
    if let previous, now < previous.iat {
      throw AuthorityError(
        .inputInvalid,
        "the next keyset would be of \(UTC.text(now)), before keyset \(previous.epoch) of "
          + "\(UTC.text(previous.iat)): set the clock of this machine")
    }
    let keyset = Keyset(
      iss: try vendor(order.iss, previous), epoch: try epoch(order.epoch, previous), iat: now,
      roots: try plannedRoots(order), keys: try plannedKeys(), revoked: try plannedRevoked())
    guard !keyset.keys.isEmpty else {
      throw AuthorityError(
        .keyMissing,
        "the registry has no key for the keyset: make one with \"tally key new --use license\"")
    }
    return keyset
  }

  private func epoch(_ chosen: Int64?, _ previous: Keyset?) throws(AuthorityError) -> Int64 {
    let next = (previous?.epoch ?? 0) + 1
    guard let chosen else { return next }
    let last = next + ExaminedDraft.mostSkipped
    guard (next...last).contains(chosen) else {
      throw AuthorityError(
        .inputInvalid,
        "--epoch must be from \(next) to \(last): leave it out, or name the number after the highest "
          + "that enough roots have signed")
    }
    return chosen
  }

  func plannedKeys() throws(AuthorityError) -> [OnlineKey] {
    try registry.keys().filter(\.stands).compactMap(\.online)
  }

  /// What was revoked stays so for ever.
  func plannedRevoked() throws(AuthorityError) -> [RevokedKey] {
    let before = try registry.keysets().last?.keyset.revoked ?? []
    let added = try registry.keys().compactMap(\.revoked).filter { key in
      !before.contains { $0.kid == key.kid }
    }
    return before + added
  }

  private func vendor(_ iss: String?, _ previous: Keyset?) throws(AuthorityError) -> String {
    guard let previous else {
      guard let iss, (1...256).contains(iss.utf8.count) else {
        throw AuthorityError(
          .inputInvalid,
          "the first keyset needs the vendor's name: --iss https://license.vendor.example")
      }
      return iss
    }
    guard iss?.isSameBytes(as: previous.iss) ?? true else {
      throw AuthorityError(
        .inputInvalid,
        "--iss must stay \(previous.iss): every document issued so far bears that name")
    }
    return previous.iss
  }

  /// The roots of the next keyset: those of the registry that stand, and what the order adds and drops.
  func plannedRoots(_ order: KeysetOrder) throws(AuthorityError) -> RootKeys {
    let previous = try registry.keysets().last?.keyset.roots ?? compiledRoots
    let keys = try rootKeys(order, previous?.keys ?? [])
    guard !keys.isEmpty else {
      throw AuthorityError(
        .keyMissing,
        "there is no root key: make one with \"tally key new --use root\", or name the public half "
          + "of one that is kept elsewhere with --add-root")
    }
    // Fewer signatures than until now are never asked for unless somebody says so.
    let kept = previous?.threshold ?? 1
    let isSame = previous.map { Set($0.keys) == Set(keys) } ?? false
    let threshold = order.threshold ?? (isSame ? kept : max(kept, keys.count / 2 + 1))
    guard order.threshold != nil || threshold <= keys.count else {
      throw AuthorityError(
        .inputInvalid,
        "\(kept) roots must sign until now, and \(keys.count) would be left: add a root with "
          + "--add-root, or say with --threshold how many are to sign from then on")
    }
    do throws(Refusal) {
      return try RootKeys(threshold: threshold, keys: keys)
    } catch {
      throw AuthorityError(
        .inputInvalid,
        "--threshold must be from 1 to \(keys.count), the number of root keys (at most 16)")
    }
  }

  func rootKeys(
    _ order: KeysetOrder, _ previous: [PublicKey]
  ) throws(AuthorityError) -> [PublicKey] {
    let known = try registry.keys()
    let standing = known.filter { $0.role == .root && $0.stands }.map(\.key)
    let fallen = Set(known.filter { !$0.stands }.map(\.key))
    var keys = previous.filter { !fallen.contains($0) }
    keys += standing.filter { !keys.contains($0) }
    for key in order.addedRoots {
      let name = key.thumbprint(using: cryptography)
      guard !keys.contains(key) else {
        throw AuthorityError(.conflict, "key \(name) is a root already: leave out its --add-root")
      }
      guard !known.contains(where: { $0.key == key && ($0.role != .root || $0.revoked != nil) })
      else {
        throw AuthorityError(
          .conflict, "key \(name) is revoked, or signs something else: a root signs keysets alone")
      }
      keys.append(key)
    }
    for name in order.droppedRoots {
      guard let index = keys.firstIndex(where: { $0.thumbprint(using: cryptography) == name })
      else {
        throw AuthorityError(.notFound, "key \(name) is no root: leave out its --drop-root")
      }
      keys.remove(at: index)
    }
    return keys
  }
}
