package import CivilTime

/// What `usage explain` asks.
package struct ExplainRequest: Sendable, Equatable {
  /// How many collectors one answer may leave out or list.
  package static let counts: ClosedRange<Int64> = 0...1_000_000_000

  /// Nil for the date that is being counted.
  package var date: CivilDate?
  /// How many collectors of the list to pass over.
  package var skip: Int64
  /// How many to list at most, nil for all.
  package var limit: Int64?

  package init(date: CivilDate? = nil, skip: Int64 = 0, limit: Int64? = nil) {
    self.date = date
    self.skip = skip
    self.limit = limit
  }

  /// As the query of an address.
  var query: String {
    var parts = ["skip=\(skip)"]
    if let date { parts.append("date=\(date)") }
    if let limit { parts.append("limit=\(limit)") }
    return parts.joined(separator: "&")
  }

  /// - Returns: nil for a parameter that is no such value.
  init?(date: String?, skip: String?, limit: String?) {
    func count(_ text: String?) -> Int64?? {
      guard let text else { return .some(nil) }
      guard let count = Int64(text), Self.counts.contains(count) else { return nil }
      return count
    }
    guard let skip = count(skip), let limit = count(limit) else { return nil }
    let parsed = date.flatMap { CivilDate($0) }
    guard (parsed == nil) == (date == nil) else { return nil }
    self.init(date: parsed, skip: skip ?? 0, limit: limit)
  }
}
