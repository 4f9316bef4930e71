extension SecondNaming {
  /// Whether the names of the seconds before `end` are settled: whether none is shared with a second
  /// that may still come.
  func isSettled(end: Int64, current: Int64) -> Bool {
    let index = index(of: current)
    return !pieces[index].isHeld || end <= pieces[index].boot
  }

  /// The names of the seconds [from, to), of which the first and the last were watched. Of seconds that
  /// share a name only the watched one with the largest count is told, so that whoever adds up segments
  /// finds that count.
  /// - Returns: nil if none is told.
  func names(from: Int64, to: Int64) -> Range<Int64>? {
    guard let first = firstName(at: from), let last = lastName(at: to - 1), first <= last else {
      return nil
    }
    return first..<last + 1
  }

  /// The name of the first second from this one on that is told.
  private func firstName(at boot: Int64) -> Int64? {
    let piece = pieces[index(of: boot)]
    guard piece.isHeld, let best = piece.best, boot > best else { return name(of: boot) }
    return piece.after.map(name(of:))
  }

  /// The name of the last second up to this one that is told.
  private func lastName(at boot: Int64) -> Int64? {
    let piece = pieces[index(of: boot)]
    guard piece.isHeld, let best = piece.best, boot < best else { return name(of: boot) }
    return piece.before.map(name(of:))
  }
}

extension SecondNaming {
  /// The names of the seconds from `from` up to `to`, or up to where names cease to run with seconds.
  func span(from: Int64, to: Int64) -> (names: Range<Int64>, to: Int64) {
    let index = index(of: from)
    let end = index + 1 < pieces.count ? min(to, pieces[index + 1].boot) : to
    let name = name(of: from)
    return (pieces[index].isHeld ? name..<name + 1 : name..<name + (end - from), end)
  }
}
