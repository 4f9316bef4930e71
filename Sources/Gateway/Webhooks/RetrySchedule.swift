/// When a delivery that failed is tried again.
///
/// Rules:
/// 1. The first pause is 5 s, each further one twice as long, an hour at most; a random share makes it half
///    as long to half as long again, so that what failed together does not come back together.
/// 2. What `Retry-After` asks for is waited at least, a day at most.
/// 3. From 24 h after the beginning on the next try is the last.
package enum RetrySchedule {
  package static let horizon: Int64 = 86_400
  private static let first: Int64 = 5
  private static let longest: Int64 = 3600

  /// - Parameters:
  ///   - attempts: how often it was tried, at least once.
  ///   - retryAfter: what the answer asked for, in seconds.
  ///   - share: 0 to 999, random.
  /// - Returns: the instant of the next try, nil where it is given up.
  package static func next(
    after attempts: Int64, begunAt: Int64, now: Int64, retryAfter: Int64?, share: Int64
  ) -> Int64? {
    let end = begunAt + horizon
    guard now < end else { return nil }
    let pause = min(first << min(max(attempts - 1, 0), 16), longest)
    let spread = max(1, pause / 2 + pause * share / 1000)
    let asked = min(max(retryAfter ?? 0, 0), horizon)
    return max(min(now + spread, end), now + asked)
  }
}
