internal import CivilTime

/// The dates of HTTP (RFC 9110 section 5.6.7): the preferred form and the two obsolete ones.
enum HTTPDate {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// - Parameter now: an instant near the present: a year of two digits is the one at most 50 years
  ///   ahead of it.
  /// - Returns: whole Unix seconds, nil for text that is no such date.
  static func instant(_ text: String, now: Int64) -> Int64? {
    guard text.utf8.count <= 64 else { return nil }
    let words = text.split(separator: " ").map(String.init)
    if words.count == 6, words[0].hasSuffix(","), words[5] == "GMT" {
      return instant(day: words[1], month: words[2], year: number(words[3], 4), clock: words[4])
    }
    if words.count == 4, words[0].hasSuffix(","), words[3] == "GMT" {
      let parts = words[1].split(separator: "-", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 3, let short = number(parts[2], 2) else { return nil }
      let present = Int(CivilDate(clampingDaysSinceEpoch: now / 86_400).description.prefix(4)) ?? 0
      let year = present - present % 100 + short
      return instant(
        day: parts[0], month: parts[1], year: year > present + 50 ? year - 100 : year,
        clock: words[2])
    }
    guard words.count == 5 else { return nil }
    return instant(day: words[2], month: words[1], year: number(words[4], 4), clock: words[3])
  }

  private static func instant(
    day: String, month: String, year: Int?, clock: String
  ) -> Int64? {
    let parts = clock.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard let year, let month = months.firstIndex(of: month), day.utf8.count <= 2,
      let day = number(day, day.utf8.count),
      let date = CivilDate(year: year, month: month + 1, day: day), parts.count == 3,
      let hour = number(parts[0], 2), let minute = number(parts[1], 2),
      let second = number(parts[2], 2), hour < 24, minute < 60, second <= 60
    else { return nil }
    return date.daysSinceEpoch * 86_400 + Int64(hour * 3600 + minute * 60 + second)
  }

  /// A number of exactly so many digits.
  private static func number(_ text: String, _ digits: Int) -> Int? {
    guard text.utf8.count == digits, text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    return Int(text)
  }
}

/// When to come back, as `Retry-After` says it (RFC 9110 section 10.2.3): seconds, or a date.
package enum RetryAfter {
  /// More seconds than anyone waits.
  private static let most: Int64 = 1_000_000_000

  /// - Parameters:
  ///   - date: the header `Date` of the same answer; the two differ by what the server means, whatever
  ///     the clock here says.
  ///   - now: the clock here, for an answer without a date of its own.
  /// - Returns: seconds from now, 0 at least; nil for text that is neither.
  package static func seconds(_ text: String, date: String?, now: Int64?) -> Int64? {
    let text = text.split(separator: " ").joined(separator: " ")
    if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
      return min(Int64(text) ?? most, most)
    }
    let present = date.flatMap { HTTPDate.instant($0, now: now ?? 0) } ?? now
    guard let present, let instant = HTTPDate.instant(text, now: present) else { return nil }
    return min(max(0, instant - present), most)
  }
}
