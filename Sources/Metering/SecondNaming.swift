/// Which wall-clock second each second of the boot-time clock is called.
///
/// Rules:
/// 1. A name is the boot-time second plus an offset, and names never go backwards.
/// 2. The offset stays while the wall clock is within 5 s of it. Beyond that the wall clock was set.
/// 3. Set forward within the date: the next second has the new name; names are skipped.
/// 4. Set forward into a later date: the old offset names the seconds until the new one has been
///    steady for 15 minutes, or a receipt bears it out.
/// 5. Set back: all seconds share the last name until the wall clock passes it.
///
/// A second has its name from its beginning; what is learned in it names the next one.
package struct SecondNaming: Sendable, Hashable {
  /// The wall clock may differ so many seconds from the names before it is taken as set.
  package static let tolerance: Int64 = 5
  /// How long a new offset must be steady before it leads into a later date.
  package static let probation: Int64 = 900

  /// Successive boot-time seconds whose names run with them, or are one.
  struct Piece: Sendable, Hashable {
    var boot: Int64
    var name: Int64
    var isHeld: Bool
    /// Of watched seconds that share their name, the first with the largest count: the one that is told.
    var best: Int64?
    var bestCount: Int64 = -1
    /// The last watched second before seconds that share their name, and the first one after them.
    var before: Int64?
    var after: Int64?
  }

  struct Candidate: Sendable, Hashable {
    var offset: Int64
    var since: Int64
  }

  /// In order. After one that is held always stands the one that follows it, even while it lies ahead.
  private(set) var pieces: [Piece]
  /// An offset that would lead into a later date.
  private(set) var candidate: Candidate?
  /// Wall minus boot-time seconds when both were last read, whatever the names make of it.
  private(set) var measured: Int64
  /// The last second of which it is known that it was watched.
  private(set) var watched: Int64?

  package init(boot: Int64, wall: Int64) {
    pieces = [Piece(boot: boot, name: wall, isHeld: false)]
    measured = wall - boot
  }

  /// - Parameters:
  ///   - measured: nil where no clock will be compared.
  ///   - watched: nil where none will, or where there was none.
  init(
    pieces: [Piece], candidate: Candidate?, measured: Int64? = nil, watched: Int64? = nil
  ) {
    self.pieces = pieces
    self.candidate = candidate
    self.watched = watched
    self.measured = measured ?? pieces.last.map { $0.name - $0.boot } ?? 0
  }

  /// Whether the wall clock stands in a later date that is not followed yet.
  package var isDeferring: Bool { candidate != nil }

  /// Wall minus boot-time seconds.
  package var offset: Int64 {
    let last = pieces[pieces.count - 1]
    return last.name - last.boot
  }

  /// The name of a second.
  package func name(of boot: Int64) -> Int64 {
    let piece = pieces[index(of: boot)]
    return piece.isHeld ? piece.name : piece.name + (boot - piece.boot)
  }

  /// The first second at or after `boot` whose name is `name` or later.
  package func boot(ofName name: Int64, from boot: Int64) -> Int64 {
    var from = boot
    for index in index(of: boot)..<pieces.count {
      let piece = pieces[index]
      from = max(from, piece.boot)
      let found =
        piece.isHeld
        ? (piece.name >= name ? from : nil) : max(from, piece.boot + (name - piece.name))
      let end = index + 1 < pieces.count ? pieces[index + 1].boot : Int64.max
      if let found, found < end { return found }
    }
    return Int64.max
  }

  /// How many seconds share the name that `boot` has, up to and with `boot`; nil if it has its own.
  package func sharing(at boot: Int64) -> Int64? {
    let piece = pieces[index(of: boot)]
    return piece.isHeld ? boot - piece.boot + 1 : nil
  }

  /// Compares the wall clock with the names.
  /// - Parameters:
  ///   - wall: the wall clock in the second `boot`, which is in progress.
  ///   - dayEnd: the first second of the next date.
  package mutating func observe(wall: Int64, at boot: Int64, dayEnd: Int64) {
    measured = wall - boot
    guard abs(measured - offset) > Self.tolerance else {
      candidate = nil
      return
    }
    guard measured > offset, wall >= dayEnd, name(of: boot) < dayEnd else {
      candidate = nil
      move(to: measured, after: boot)
      return
    }
    if let candidate, abs(candidate.offset - measured) <= Self.tolerance {
      if boot - candidate.since >= Self.probation { follow(measured, after: boot) }
    } else {
      candidate = Candidate(offset: measured, since: boot)
    }
  }

  /// Takes a receipt's instant as a witness for an offset on probation.
  package mutating func confirm(by instant: Int64, at boot: Int64) {
    guard let candidate, abs(instant - (boot + candidate.offset)) <= Self.probation else { return }
    follow(candidate.offset, after: boot)
  }

  private mutating func follow(_ offset: Int64, after boot: Int64) {
    candidate = nil
    move(to: offset, after: boot)
  }

  private mutating func move(to offset: Int64, after boot: Int64) {
    let name = self.name(of: boot)
    let current = index(of: boot)
    let isHeld = pieces[current].isHeld
    pieces.removeSubrange((current + 1)...)
    let next = boot + 1
    if next + offset > name {
      pieces.append(Piece(boot: next, name: next + offset, isHeld: false))
      return
    }
    if !isHeld {
      let before = watched.flatMap { $0 >= pieces[0].boot ? $0 : nil }
      let held = Piece(boot: boot, name: name, isHeld: true, before: before)
      if pieces[current].boot == boot { pieces[current] = held } else { pieces.append(held) }
    }
    pieces.append(Piece(boot: name + 1 - offset, name: name + 1, isHeld: false))
  }

  /// Notes the count of seconds that are over, as far as they share a name or stand beside such.
  mutating func note(_ run: CountRun) {
    guard let count = run.count else { return }
    watched = run.to - 1
    for index in pieces.indices where pieces[index].isHeld {
      let end = index + 1 < pieces.count ? pieces[index + 1].boot : Int64.max
      if pieces[index].after == nil, run.to > end { pieces[index].after = max(run.from, end) }
      let from = max(run.from, pieces[index].boot)
      guard from < min(run.to, end), count > pieces[index].bestCount else { continue }
      pieces[index].best = from
      pieces[index].bestCount = count
    }
  }

  /// Forgets what names seconds before `boot`.
  mutating func forget(before boot: Int64) {
    let first = index(of: boot)
    pieces.removeSubrange(0..<first)
  }

  func index(of boot: Int64) -> Int {
    var index = pieces.count - 1
    while index > 0, pieces[index].boot > boot { index -= 1 }
    return index
  }
}
