internal import Glibc

/// The time of day, in whole Unix seconds.
package protocol WallClock: Sendable {
  /// - Throws: ``PlatformError`` `CLOCK_UNREADABLE`.
  func now() throws(PlatformError) -> Int64
}

/// Time since the machine started, sleep included; nobody can set it.
package protocol BootClock: Sendable {
  /// Whole seconds.
  func seconds() throws(PlatformError) -> Int64
  /// Nanoseconds.
  func nanoseconds() throws(PlatformError) -> Int64
}

/// The clocks of the machine.
package struct SystemClock: WallClock, BootClock {
  package init() {}

  package func now() throws(PlatformError) -> Int64 {
    try Self.read(CLOCK_REALTIME).seconds
  }

  package func seconds() throws(PlatformError) -> Int64 {
    try Self.read(CLOCK_BOOTTIME).seconds
  }

  package func nanoseconds() throws(PlatformError) -> Int64 {
    let (seconds, nanoseconds) = try Self.read(CLOCK_BOOTTIME)
    return seconds * 1_000_000_000 + nanoseconds
  }

  private static func read(
    _ clock: clockid_t
  ) throws(PlatformError) -> (seconds: Int64, nanoseconds: Int64) {
    var time = timespec()
    guard unsafe clock_gettime(clock, &time) == 0, time.tv_sec >= 0 else {
      throw PlatformError(.clockUnreadable, "the machine's clock cannot be read: check it")
    }
    return (Int64(time.tv_sec), Int64(time.tv_nsec))
  }
}
