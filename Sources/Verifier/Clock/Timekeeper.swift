package import Licensing
package import Platform
internal import Synchronization

/// The clocks of the process and the floor of its decisions.
package final class Timekeeper: Sendable {
  package let wallClock: any WallClock
  package let bootClock: any BootClock
  private let floorClock: Mutex<FloorClock>

  /// - Parameter saved: the floor as it was last saved.
  /// - Throws: ``VerifierError`` `CLOCK_UNREADABLE` where the boot-time clock cannot be read.
  package init(
    wall: some WallClock, boot: some BootClock, saved: Int64?
  ) throws(VerifierError) {
    wallClock = wall
    bootClock = boot
    do throws(PlatformError) {
      let clock = FloorClock(saved: saved, boot: try boot.seconds(), wall: try? wall.now())
      floorClock = Mutex(clock)
    } catch { throw VerifierError(error) }
  }

  /// The wall clock in Unix seconds, nil where it cannot be read.
  package var wall: Int64? { try? wallClock.now() }

  /// Milliseconds of the boot-time clock, for pauses.
  package var milliseconds: Int64 {
    ((try? bootClock.nanoseconds()) ?? 0) / 1_000_000
  }

  /// Time has passed; a boot-time clock that cannot be read moves nothing.
  package func advance() {
    guard let boot = try? bootClock.seconds() else { return }
    let wall = wall
    floorClock.withLock { $0.advance(boot: boot, wall: wall) }
  }

  /// The vendor signed something at that instant. What has passed before does not count on from it.
  package func raise(to signed: Int64?) {
    guard let signed else { return }
    advance()
    floorClock.withLock { $0.raise(to: signed) }
  }

  /// The floor as of now.
  package var floor: Int64? {
    advance()
    return floorClock.withLock { $0.floor }
  }

  /// What is to be said of the clock now, nil if nothing.
  package var finding: StandingFinding? {
    advance()
    return floorClock.withLock { $0.finding }
  }

  /// The instant of decisions: the later of wall clock and floor; nil without either.
  package var now: Int64? { [wall, floor].compactMap { $0 }.max() }
}
