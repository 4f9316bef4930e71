extension SecondNaming {
  /// Whether the names of the seconds before `end` are settled: whether none is shared with a second
  /// that may still come.
  func isSettled(end: Int64, current: Int64) -> Bool {
    let index = index(of: current)
    return !pieces[index].isHeld || end <= pieces[index].boot
  }

  /// Whether seconds share a name.
  var isSharing: Bool { pieces.contains { $0.isHeld } }

  /// The names of the seconds [from, to). Of seconds that share a name only the one with the largest
  /// count is told, so that whoever adds up segments finds that count.
  /// - Returns: nil if none is told.
  func names(from: Int64, to: Int64) -> Range<Int64>? {
    let first = firstName(at: from)
    let end = lastName(at: to - 1) + 1
    return first < end ? first..<end : nil
  }

  private func firstName(at boot: Int64) -> Int64 {
    let index = index(of: boot)
    let piece = pieces[index]
    guard piece.isHeld else { return piece.name + (boot - piece.boot) }
    if boot <= piece.best ?? piece.boot { return piece.name }
    return index + 1 < pieces.count ? pieces[index + 1].name : piece.name + 1
  }

  private func lastName(at boot: Int64) -> Int64 {
    let index = index(of: boot)
    let piece = pieces[index]
    guard piece.isHeld else { return piece.name + (boot - piece.boot) }
    if boot >= piece.best ?? piece.boot { return piece.name }
    guard index > 0 else { return piece.name - 1 }
    let before = pieces[index - 1]
    return before.isHeld ? before.name : before.name + (piece.boot - 1 - before.boot)
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
