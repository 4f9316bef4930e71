internal import CivilTime
internal import Licensing

// What a revision takes from the one that it was made from, or gives far beyond it.

extension License {
  /// Times that a limit may rise before it is asked about.
  private static let usualRise: Int64 = 10

  /// - Parameters:
  ///   - older: the revision that it was made from.
  ///   - today: the date in the license's zone.
  func cutQuestions(from older: License, today: CivilDate) -> [IssuingQuestion] {
    [limitQuestion(older), spanQuestion(older, today)].compactMap(\.self)
  }

  private func limitQuestion(_ older: License) -> IssuingQuestion? {
    let member = "collectors.limit"
    switch (older.collectors.limit, collectors.limit) {
    case (let before?, let now?) where now * 2 < before:
      return IssuingQuestion(
        .collectorsCut, member,
        "\(now) collectors may be online instead of \(before): less than half, and the rest are "
          + "\(collectors.overage == .refuse ? "refused" : "above the limit") from the day that this "
          + "begins")
    case (nil, let now?) where edition == older.edition:
      return IssuingQuestion(
        .collectorsCut, member, "\(now) collectors may be online, where there was no limit so far")
    case (let before?, let now?) where now > before * Self.usualRise:
      return IssuingQuestion(
        .collectorsRaised, member,
        "\(now) collectors may be online instead of \(before): more than \(Self.usualRise) times as "
          + "many")
    case (let before?, nil):
      return IssuingQuestion(
        .collectorsRaised, member, "there is no limit any more, where it was \(before) collectors")
    default: return nil
    }
  }

  private func spanQuestion(_ older: License, _ today: CivilDate) -> IssuingQuestion? {
    if older.edition == .perpetual, let term {
      return IssuingQuestion(
        .termCut, "term",
        "the use ends on \(term.through): the license before is perpetual, and was paid for without "
          + "end")
    }
    guard edition == older.edition, let before = older.span, let span,
      span.through < before.through
    else { return nil }
    let first = max(today, before.from)
    let left = first.days(until: before.through) + 1
    let kept = max(0, first.days(until: span.through) + 1)
    guard left > 0, kept * 2 < left else { return nil }
    let isTerm = term != nil
    return IssuingQuestion(
      isTerm ? .termCut : .maintenanceCut, isTerm ? "term" : "maintenance",
      "it ends on \(span.through) instead of \(before.through): \(kept) of the \(left) days that are "
        + "left remain" + (span.through < today ? ", and it is over at once" : ""))
  }
}
