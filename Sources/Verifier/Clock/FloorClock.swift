package import Licensing
internal import Sealing

/// The floor below which no decision is made, and what the verifier sees of its clocks.
///
/// Rules:
/// 1. The floor is the newest instant that the vendor signed, plus the seconds in which the verifier
///    was seen running since, by the clock that nobody sets.
/// 2. The wall clock never raises it: a jump of years forward locks nobody out once it is set right.
/// 3. The floor never falls.
/// 4. A wall clock that has moved by more than a day against the boot-time clock since the start is not
///    trusted, until it is back.
/// 5. Where it stood at the start is known only of a clock that could be read and was not behind the
///    floor by more than a day: one that is set right while the verifier runs has not moved.
/// 6. A new signature of the vendor within a day of the wall clock shows that it is right, wherever it
///    stood at the start.
package struct FloorClock: Sendable, Equatable {
  /// How far the wall clock may move, in seconds.
  package static let tolerance: Int64 = 24 * 3600

  /// Nil until the vendor has signed something.
  package private(set) var floor: Int64?
  private var boot: Int64
  private var wall: Int64?
  /// The newest instant signed that was heard of.
  private var signed: Int64?
  /// The wall clock when the boot-time clock was 0, as it stood when it was last known to be right;
  /// nil while no such moment is known.
  private var offset: Int64?

  /// - Parameters:
  ///   - saved: the floor as it was last saved.
  ///   - boot: seconds of the boot-time clock.
  ///   - wall: the wall clock, nil where it cannot be read.
  package init(saved: Int64?, boot: Int64, wall: Int64?) {
    floor = saved.map(Self.bounded)
    self.boot = Self.bounded(boot)
    self.wall = wall.map(Self.bounded)
    settle()
  }

  /// What a clock or a file says, bounded so that no sum or difference overflows.
  private static func bounded(_ seconds: Int64) -> Int64 {
    min(max(seconds, SealedLimits.instants.lowerBound), SealedLimits.instants.upperBound)
  }

  /// Time has passed.
  package mutating func advance(boot: Int64, wall: Int64?) {
    let boot = Self.bounded(boot)
    if let floor, boot > self.boot { self.floor = Self.bounded(floor + (boot - self.boot)) }
    self.boot = max(boot, self.boot)
    self.wall = wall.map(Self.bounded)
    settle()
  }

  /// The vendor signed something at that instant.
  package mutating func raise(to instant: Int64) {
    let instant = Self.bounded(instant)
    floor = max(floor ?? instant, instant)
    if instant > signed ?? -1 {
      signed = instant
      if let wall, abs(wall - instant) <= Self.tolerance { offset = wall - boot }
    }
    settle()
  }

  /// Takes or drops the offset by what the floor says of the wall clock.
  private mutating func settle() {
    guard let wall else { return }
    let isBehind = floor.map { wall < $0 - Self.tolerance } ?? false
    if offset == nil && !isBehind { offset = wall - boot }
    // It stood there from the start, so it was wrong from the start.
    if isBehind && abs(moved) <= Self.tolerance { offset = nil }
  }

  /// By how many seconds the wall clock has moved since the start, 0 where that is not known.
  package var moved: Int64 {
    guard let wall, let offset else { return 0 }
    return wall - boot - offset
  }

  /// What is to be said of the clock, nil if nothing.
  package var finding: StandingFinding? {
    guard abs(moved) > Self.tolerance else { return nil }
    var facts = Facts()
    facts.add(.secondsMoved, moved)
    return StandingFinding(.clockUntrusted, facts)
  }
}
