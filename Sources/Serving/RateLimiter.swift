internal import Synchronization

/// Lets each key through so many times a minute, of which all may come at once (a token bucket, kept as
/// the instant at which it is full again: GCRA).
///
/// Keys that have not been heard of for a minute are forgotten. Where more are remembered than fit,
/// further ones share one allowance, so that no flood of keys takes memory.
package final class RateLimiter<Key: Hashable & Sendable>: Sendable {
  private struct State {
    /// For each key the instant, in microseconds, at which its whole allowance is there again.
    var full: [Key: Int64] = [:]
    var shared: Int64 = 0
    var swept: Int64 = .min
  }

  private static var minute: Int64 { 60_000_000 }
  /// How long apart keys are looked through for those to forget.
  private static var pause: Int64 { 1_000_000 }

  private let state = Mutex(State())
  private let interval: Int64
  private let most: Int

  /// - Parameters:
  ///   - perMinute: from 1 to 60 million.
  ///   - most: how many keys are remembered at a time.
  package init(perMinute: Int64, most: Int = 65_536) {
    interval = max(1, Self.minute / min(max(perMinute, 1), Self.minute))
    self.most = most
  }

  /// - Parameter now: microseconds of a clock that never goes back.
  /// - Returns: nil where it is let through; else the seconds after which it will be, at least 1.
  package func wait(of key: Key, at now: Int64) -> Int64? {
    state.withLock { state in
      let isKnown = state.full[key] != nil
      if !isKnown { sweep(&state, now) }
      let shares = !isKnown && state.full.count >= most
      let full = max(now, (shares ? state.shared : state.full[key]) ?? now)
      let early = full + interval - Self.minute - now
      guard early <= 0 else { return (early + 999_999) / 1_000_000 }
      if shares {
        state.shared = full + interval
      } else {
        state.full[key] = full + interval
      }
      return nil
    }
  }

  private func sweep(_ state: inout State, _ now: Int64) {
    guard state.full.count >= most, now >= state.swept &+ Self.pause || state.swept == .min else {
      return
    }
    state.swept = now
    state.full = state.full.filter { $0.value > now }
  }
}
