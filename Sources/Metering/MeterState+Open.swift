extension MeterState {
  /// The segment in which a collector of the journal counts at this moment, as far as it has come.
  /// - Returns: nil for one that does not count, or not yet in a second that is over.
  package func openSegment(of row: CollectorRow) -> Segment? {
    guard row.isCounting else { return nil }
    // A row of an earlier date tells where counting began then.
    let mark = row.written < dayStart ? max(row.mark, dayStart) : row.mark
    // No segment ends among seconds that nobody watched.
    guard mark < unwatched else { return nil }
    return named(CountedSegment(id: row.id, from: mark, to: unwatched, weight: row.weight))
  }

  /// Segments among seconds whose shared name is still open, as far as they have come.
  package var heldSegments: [NamedSegment] {
    held.compactMap { segment in
      named(segment).map { NamedSegment(id: segment.id, date: day.date, segment: $0) }
    }
  }

  private func named(_ segment: CountedSegment) -> Segment? {
    let naming = SecondNaming(pieces: pieces, candidate: candidate)
    guard let names = naming.names(from: segment.from, to: segment.to) else { return nil }
    return Segment(from: names.lowerBound, to: names.upperBound, weight: segment.weight)
  }
}
