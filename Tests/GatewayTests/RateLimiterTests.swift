import Serving
import Testing

@Suite struct RateLimiterTests {
  /// A bucket that runs empty by one drop a microsecond and takes `interval` drops for each that is let
  /// through: the same rule, told the other way round.
  struct Bucket {
    var level: Int64 = 0
    var at: Int64 = 0

    mutating func admits(_ interval: Int64, at now: Int64) -> Bool {
      level = max(0, level - (now - at))
      at = now
      guard level + interval <= 60_000_000 else { return false }
      level += interval
      return true
    }
  }

  @Test(arguments: [1, 2, 60, 120, 3000, 7, 60_000_000] as [Int64])
  func `it lets through what a leaking bucket has room for`(_ rate: Int64) {
    var random = SeededRandom(state: UInt64(rate))
    let limiter = RateLimiter<Int>(perMinute: rate)
    var buckets: [Int: Bucket] = [:]
    var now: Int64 = 1_000_000
    var refused = 0
    for _ in 0..<20_000 {
      let pauses = Int.random(in: 0..<5000, using: &random) == 0
      now += Int64.random(in: 0...(pauses ? 20_000_000 : 7_500_000 / rate), using: &random)
      let key = Int.random(in: 0..<3, using: &random)
      let admits = buckets[key, default: Bucket(level: 0, at: now)].admits(
        60_000_000 / rate, at: now)
      let wait = limiter.wait(of: key, at: now)
      #expect((wait == nil) == admits)
      if wait != nil { refused += 1 }
    }
    // So many at once that 20,000 asks never come to an end are never refused.
    #expect((refused > 0) == (rate < 60_000_000))
  }

  @Test func `a whole minute's worth may come at once, and waiting as told is enough`() throws {
    let limiter = RateLimiter<String>(perMinute: 5)
    for _ in 0..<5 { #expect(limiter.wait(of: "a", at: 0) == nil) }
    #expect(limiter.wait(of: "b", at: 0) == nil)
    let seconds = try #require(limiter.wait(of: "a", at: 0))
    #expect(seconds == 12)
    #expect(limiter.wait(of: "a", at: seconds * 1_000_000 - 1) == 1)
    #expect(limiter.wait(of: "a", at: seconds * 1_000_000) == nil)
    #expect(limiter.wait(of: "a", at: seconds * 1_000_000) == 12)
  }

  @Test func `a flood of keys shares one allowance and is forgotten`() {
    let limiter = RateLimiter<Int>(perMinute: 2, most: 100)
    for key in 0..<100 { #expect(limiter.wait(of: key, at: 0) == nil) }
    // No place is left: all others have two together, and those remembered keep their own.
    #expect(limiter.wait(of: 1000, at: 1) == nil)
    #expect(limiter.wait(of: 1001, at: 1) == nil)
    #expect(limiter.wait(of: 1002, at: 1) != nil)
    #expect(limiter.wait(of: 5, at: 1) == nil)
    #expect(limiter.wait(of: 5, at: 1) != nil)
    // Half a minute later the others have their whole allowance again, and are forgotten.
    #expect(limiter.wait(of: 1002, at: 31_000_000) == nil)
    #expect(limiter.wait(of: 1003, at: 31_000_000) == nil)
    #expect(limiter.wait(of: 1003, at: 31_000_000) == nil)
    #expect(limiter.wait(of: 1003, at: 31_000_000) != nil)
  }
}
