import Platform
import Synchronization

/// A wall clock and a boot-time clock that stand still until a test moves them.
final class TestClocks: WallClock, BootClock {
  private struct State {
    var wall: Int64
    var boot: Int64
    var isBroken = false
  }

  private let state: Mutex<State>

  init(wall: Int64, boot: Int64 = 50_000) {
    state = Mutex(State(wall: wall, boot: boot))
  }

  func now() throws(PlatformError) -> Int64 { state.withLock { $0.wall } }
  func seconds() throws(PlatformError) -> Int64 {
    let (boot, isBroken) = state.withLock { ($0.boot, $0.isBroken) }
    guard !isBroken else { throw PlatformError(.clockUnreadable, "the clock is broken") }
    return boot
  }
  func nanoseconds() throws(PlatformError) -> Int64 {
    state.withLock { $0.boot * 1_000_000_000 }
  }

  /// Time passes on both clocks.
  func pass(_ seconds: Int64) {
    state.withLock {
      $0.wall += seconds
      $0.boot += seconds
    }
  }

  /// The clock that runs since the boot cannot be read any more.
  func breakDown() {
    state.withLock { $0.isBroken = true }
  }

  /// Someone sets the wall clock.
  func set(wall: Int64) {
    state.withLock { $0.wall = wall }
  }
}
