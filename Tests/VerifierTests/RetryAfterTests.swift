import Serving
import Testing

/// `Retry-After` in every form that RFC 9110 knows.
@Suite struct RetryAfterTests {
  /// 1994-11-06T08:49:37Z, the instant of the RFC's examples.
  static let then: Int64 = 784_111_777

  @Test(arguments: [
    ("0", 0), ("30", 30), (" 120 ", 120), ("999999999999999999999999", 1_000_000_000),
    ("Sun, 06 Nov 1994 08:49:37 GMT", 60), ("Sunday, 06-Nov-94 08:49:37 GMT", 60),
    ("Sun Nov  6 08:49:37 1994", 60), ("Sun, 06 Nov 1994 08:48:36 GMT", 0),
    ("Tue, 06 Nov 2094 08:49:37 GMT", 1_000_000_000),
  ])
  func `seconds and dates are read`(text: String, seconds: Int64) {
    #expect(RetryAfter.seconds(text, date: nil, now: Self.then - 60) == seconds)
  }

  @Test(arguments: [
    "", "-5", "+5", "5.0", "soon", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET",
    "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 6 Nov 94 08:49:37 GMT",
    "Sun, 06 Nov 1994 8:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT",
  ])
  func `what is neither says nothing`(text: String) {
    #expect(RetryAfter.seconds(text, date: nil, now: Self.then) == nil)
  }

  @Test func `the answer's own date counts, whatever the clock here says`() {
    let date = "Sun, 06 Nov 1994 08:48:37 GMT"
    for now in [Self.then, 0, nil] {
      #expect(
        RetryAfter.seconds("Sun, 06 Nov 1994 08:49:37 GMT", date: date, now: now) == 60)
    }
    #expect(RetryAfter.seconds("Sun, 06 Nov 1994 08:49:37 GMT", date: nil, now: nil) == nil)
  }

  @Test func `a year of two digits is the nearest one`() {
    let now: Int64 = 1_795_233_600
    #expect(RetryAfter.seconds("Friday, 20-Nov-26 16:01:00 GMT", date: nil, now: now) == 0)
    #expect(
      RetryAfter.seconds("Saturday, 21-Nov-26 04:01:00 GMT", date: nil, now: now) == 60)
    #expect(RetryAfter.seconds("Sunday, 06-Nov-94 08:49:37 GMT", date: nil, now: now) == 0)
  }
}
