package import Metering

/// Identities under which two collectors seem to run.
///
/// What a collector says of its run changes at each of its starts, and never comes back. One identity
/// that comes back to a run that it had left is two collectors that share it: half of what should be
/// billed, and a number that nobody can explain.
package struct RunPairs: Sendable {
  /// An identity that comes back again and again.
  package struct Suspect: Sendable, Equatable {
    package var id: CollectorID
    package var identity: CollectorIdentity
    /// How often it came back to a run that it had left.
    package var returns: Int64
  }

  private struct Pair {
    var identity: CollectorIdentity
    /// The run before the last one.
    var former: UInt32
    var returns: Int64 = 0
    /// The last change.
    var at: Int64
  }

  /// Returns from which on it is a suspicion: a single one may be a beat that was late.
  static let suspicion: Int64 = 2
  /// Seconds without a change after which it was a restart and nothing more.
  static let memory: Int64 = 900
  /// How many identities are followed at most.
  static let most = 65_536

  private var pairs: [CollectorID: Pair] = [:]

  init() {}

  /// What stands for a run.
  static func mark(_ run: String) -> UInt32 {
    var hasher = Hasher()
    hasher.combine(run)
    return UInt32(truncatingIfNeeded: hasher.finalize()) | 1
  }

  /// An identity says another run than it did; 0 stands for none.
  mutating func change(
    _ identity: CollectorIdentity, _ id: CollectorID, from old: UInt32, to new: UInt32,
    at now: Int64
  ) {
    guard old != 0 else { return }
    if var pair = pairs[id] {
      pair.returns = pair.former == new && now - pair.at <= Self.memory ? pair.returns + 1 : 0
      pair.former = old
      pair.at = now
      pairs[id] = pair
      return
    }
    if pairs.count >= Self.most {
      pairs = pairs.filter { now - $0.value.at <= Self.memory }
      guard pairs.count < Self.most else { return }
    }
    pairs[id] = Pair(identity: identity, former: old, at: now)
  }

  /// The identities that came back lately, in order of kind and bytes.
  func suspects(at now: Int64) -> [Suspect] {
    pairs.compactMap { id, pair in
      guard pair.returns >= Self.suspicion, now - pair.at <= Self.memory else { return nil }
      return Suspect(id: id, identity: pair.identity, returns: pair.returns)
    }.sorted { first, second in
      first.identity.kind == second.identity.kind
        ? first.identity.bytes.lexicographicallyPrecedes(second.identity.bytes)
        : first.identity.kind < second.identity.kind
    }
  }
}
