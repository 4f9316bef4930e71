internal import Sealing
internal import Synchronization

/// Public keys made ready, so that whoever verifies many documents under one key loads it once.
protocol ReadyKeys: Sendable {
  /// - Returns: nil for a key that OpenSSL does not load: a point that is not on the curve.
  subscript(key: PublicKey) -> VerificationKey? { get }
}

/// The keys of a keyset and its roots.
final class FewReadyKeys: ReadyKeys {
  /// More than a keyset and its roots have.
  private static let maximum = 64
  /// So few are found sooner by looking than by a table, which a program that verifies three documents
  /// and ends would first have to make ready.
  private let ready = Mutex<[(key: PublicKey, form: VerificationKey)]>([])

  subscript(key: PublicKey) -> VerificationKey? {
    if let known = ready.withLock({ ready in ready.first { $0.key == key }?.form }) {
      return known
    }
    guard let new = VerificationKey(key) else { return nil }
    ready.withLock { ready in
      if ready.count >= Self.maximum { ready.removeAll(keepingCapacity: true) }
      ready.append((key, new))
    }
    return new
  }
}

/// The keys of a gateway's installations, those kept that were asked for of late.
///
/// There are two tables. What is asked for is in the newer one, or gets there; when that is half of what may be
/// kept, it becomes the older one, and what has not been asked for since is let go.
final class ManyReadyKeys: ReadyKeys {
  private struct State {
    var newer: [PublicKey: VerificationKey] = [:]
    var older: [PublicKey: VerificationKey] = [:]
  }

  private let half: Int
  private let state = Mutex(State())

  init(most: Int) { half = max(1, most / 2) }

  subscript(key: PublicKey) -> VerificationKey? {
    let (known, isNewer) = state.withLock { state -> (VerificationKey?, Bool) in
      if let form = state.newer[key] { return (form, true) }
      return (state.older[key], false)
    }
    if isNewer { return known }
    guard let form = known ?? VerificationKey(key) else { return nil }
    // Freed outside: thousands of keys take a while.
    _ = state.withLock { state -> [PublicKey: VerificationKey] in
      state.newer[key] = form
      guard state.newer.count >= half else { return [:] }
      let gone = state.older
      state.older = state.newer
      state.newer = [:]
      return gone
    }
    return form
  }

  /// How many are kept.
  var count: Int { state.withLock { $0.newer.count + $0.older.count } }
}
