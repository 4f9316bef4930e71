package import Licensing

/// The floor below which no decision is made, and what the verifier sees of its clocks.
///
/// Rules:
/// 1. The floor is the newest instant that the vendor signed, plus the seconds in which the verifier
///    was seen running since, by the clock that nobody sets.
/// 2. The wall clock never raises it: a jump of years forward locks nobody out once it is set right.
/// 3. The floor never falls.
/// 4. A wall clock that has moved by more than a day against the boot-time clock since the start is not
///    trusted, until it is back.
package struct FloorClock: Sendable, Equatable {
  /// How far the wall clock may move, in seconds.
  package static let tolerance: Int64 = 24 * 3600

  /// Nil until the vendor has signed something.
  package private(set) var floor: Int64?
  private var boot: Int64
  private let offset: Int64?
  private var wall: Int64?

  /// - Parameters:
  ///   - saved: the floor as it was last saved.
  ///   - boot: seconds of the boot-time clock.
  ///   - wall: the wall clock, nil where it cannot be read.
  package init(saved: Int64?, boot: Int64, wall: Int64?) {
    floor = saved
    self.boot = boot
    self.wall = wall
    offset = wall.map { $0 - boot }
  }

  /// Time has passed.
  package mutating func advance(boot: Int64, wall: Int64?) {
    if let floor, boot > self.boot { self.floor = floor + (boot - self.boot) }
    self.boot = max(boot, self.boot)
    self.wall = wall
  }

  /// The vendor signed something at that instant.
  package mutating func raise(to signed: Int64) {
    floor = max(floor ?? signed, signed)
  }

  /// By how many seconds the wall clock has moved since the start.
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
