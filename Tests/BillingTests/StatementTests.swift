import Billing
import CivilTime
import Licensing
import Metering
import Sealing
import Testing

@Suite struct StatementTests {
  @Test func `a month of day records is closed and adds up`() throws {
    let installation = try Samples.installation(1)
    let peaks = (0..<30).map { Int64($0) }
    let statement = try Samples.statement(try Samples.november(peaks, of: installation))
    #expect(statement.status == .closed)
    #expect(statement.lines.count == 30)
    #expect(statement.lines.map(\.quantity) == peaks)
    #expect(statement.totals.map(\.currency) == ["CNY"])
    #expect(statement.totals.map(\.quantity) == [435])
    #expect(statement.totals.map(\.amount) == [435 * 120])
    #expect(statement.position == 77)
    #expect(statement.asOf == (try Samples.midnight("2026-12-05")))
  }

  @Test func `the present date is billed so far by its newest sample, provisionally`() throws {
    let installation = try Samples.installation(1)
    let entries = [
      try Samples.day("2026-11-01", peak: 50, of: installation),
      try Samples.sample("2026-11-02", at: 600, peak: 3, of: installation, seq: 100),
      try Samples.sample("2026-11-02", at: 7200, peak: 8, of: installation, seq: 102),
      try Samples.sample("2026-11-02", at: 900, peak: 5, of: installation, seq: 101),
    ]
    let statement = try Samples.statement(entries, asOf: "2026-11-02")
    #expect(statement.status == .provisional)
    #expect(statement.lines.map(\.quantity) == [50, 8])
    let today = try Samples.some(statement.lines.last)
    #expect(today.basis == .sample)
    #expect(today.seq == 102)
    #expect(today.seconds == 7200)
    #expect(today.observed == 7200)
  }

  @Test func `a date that is over with a sample only counts the rest as unobserved`() throws {
    let installation = try Samples.installation(1)
    let entries = [
      try Samples.day("2026-11-01", peak: 50, of: installation),
      try Samples.sample("2026-11-02", at: 7200, peak: 8, of: installation, seq: 100),
    ]
    let statement = try Samples.statement(entries, asOf: "2026-11-03")
    #expect(statement.lines.map(\.seconds) == [86_400, 86_400])
    #expect(statement.lines.map(\.quantity) == [50, 50])
    #expect(statement.status == .provisional)
  }

  @Test func `a date that is over without a record has a line, the present one has none`() throws {
    let installation = try Samples.installation(1)
    let statement = try Samples.statement(
      [Samples.day("2026-11-01", peak: 50, of: installation)], asOf: "2026-11-04")
    #expect(statement.lines.map(\.basis) == [.day, .none, .none])
    #expect(statement.lines.map(\.quantity) == [50, 50, 50])
    #expect(statement.lines.map(\.observed) == [86_400, 0, 0])
    #expect(statement.status == .provisional)
  }

  @Test func `lines begin on the date of activation, or of an earlier record`() throws {
    let installation = try Samples.installation(1)
    let entries = [try Samples.day("2026-11-20", peak: 5, of: installation)]
    for (activated, first) in [("2026-11-20", 20), ("2026-11-18", 18), ("2026-11-25", 20)] {
      let statement = try Samples.statement(entries, asOf: "2026-11-26", activated: activated)
      #expect(statement.lines.first?.date.day == first)
      #expect(statement.lines.last?.date.day == 25)
    }
  }

  @Test func `a day record takes the place of a closing`() throws {
    let installation = try Samples.installation(1)
    let closing = try Samples.day(
      "2026-11-01", peak: 7, unobserved: 40_000, of: installation, kind: .closing)
    let day = try Samples.day("2026-11-01", peak: 9, of: installation)
    for entries in [[closing], [closing, day], [day, closing]] {
      let statement = try Samples.statement(entries, asOf: "2026-11-02")
      let line = try Samples.some(statement.lines.first)
      #expect(line.basis == (entries.count == 1 ? .closing : .day))
      #expect(line.quantity == (entries.count == 1 ? 7 : 9))
    }
  }

  @Test func `several installations add up, each with lines of its own`() throws {
    let first = try Samples.installation(1)
    let second = try Samples.installation(2)
    let statement = try Samples.statement(
      try Samples.november([4, 5], of: second) + Samples.november([1, 2], of: first),
      asOf: "2026-11-03")
    #expect(statement.lines.map(\.installation) == [first, first, second, second])
    #expect(statement.lines.map(\.quantity) == [1, 2, 4, 5])
    #expect(statement.totals.map(\.quantity) == [12])
  }

  @Test func `gaps are shown, at most sixteen of them, the longest in order of time`() throws {
    let installation = try Samples.installation(1)
    var entry = try Samples.day("2026-11-01", peak: 4, of: installation)
    entry.gaps = (0..<40).map { index in
      let from = entry.from + Int64(index) * 100
      return UsageGap(from: from, to: from + Int64(1 + index % 20), reason: "stopped")
    }
    let line = try Samples.some(
      try Samples.statement([entry], asOf: "2026-11-02").lines.first)
    #expect(line.gapCount == 40)
    #expect(line.gaps.count == 16)
    #expect(line.gaps == line.gaps.sorted { $0.from < $1.from })
    #expect(line.gaps.map { $0.to - $0.from }.min() == 13)
  }

  @Test func `a line quotes the rule by which its record was counted, no other line does`() throws {
    let installation = try Samples.installation(1)
    var entries = try Samples.november([4, 5, 6], of: installation)
    entries[1].rule = UsageRecord.Rule(window: 600, dwell: 900, identity: "datakit:hostname+ip")
    entries[2].kind = .closing
    entries[2].seq = nil
    entries[2].rule = nil
    let statement = try Samples.statement(entries, asOf: "2026-11-04")
    #expect(
      statement.lines.map { $0.rule?.identity } == [
        "datakit:hostname", "datakit:hostname+ip", nil,
      ])
    let back = try Statement.parse(statement.json.serialized)
    #expect(back == statement)
    let members = statement.json.text
    #expect(
      members.contains(#""rule":{"window":600,"dwell":900,"identity":"datakit:hostname+ip"}"#))
  }

  @Test func `a date of 25 hours counts all its seconds`() throws {
    let installation = try Samples.installation(1)
    let whole = try Samples.day("2026-11-01", peak: 4, unobserved: 3601, of: installation)
    var long = whole
    long.to += 3600
    long.observed += 3600
    let line = try Samples.some(try Samples.statement([long], asOf: "2026-11-02").lines.first)
    #expect(line.seconds == 90_000)
    #expect(line.unobserved == 3601)
  }

  @Test func `an amount that JSON cannot hold exactly is refused, not rounded`() throws {
    let installation = try Samples.installation(1)
    let price = Price(currency: "CNY", minorPerCollectorDay: 1_000_000_000)
    let entry = try Samples.day("2026-11-01", peak: 9_007_200, of: installation)
    #expect(throws: BillingError.self) {
      _ = try Samples.statement([entry], licenses: [Samples.payg(price: price)])
    }
    let largest = try Samples.day("2026-11-01", peak: 9_007_199, of: installation)
    let statement = try Samples.statement(
      [largest], licenses: [Samples.payg(price: price)], asOf: "2026-11-02")
    #expect(statement.totals.map(\.amount) == [9_007_199_000_000_000])
    let twice = try Samples.november([9_007_199, 9_007_199], of: installation)
    #expect(throws: BillingError.self) {
      _ = try Samples.statement(twice, licenses: [Samples.payg(price: price)])
    }
  }

  @Test func `without any license there is no statement`() throws {
    #expect(throws: BillingError.self) { _ = try Samples.statement([], licenses: []) }
  }

  @Test func `months are read strictly`() throws {
    #expect(Month("2026-02")?.last.description == "2026-02-28")
    #expect(Month("2028-02")?.last.description == "2028-02-29")
    #expect(Month("2026-11")?.dates.count == 30)
    for text in ["2026-13", "2026-00", "2026-1", "2026-011", "1969-12", "2026/11", "", "２０２６-11"] {
      #expect(Month(text) == nil, "\(text)")
    }
  }

  @Test func `amounts are written in the currency's own digits`() {
    #expect(MinorUnits.text(39_840, "CNY") == "398.40")
    #expect(MinorUnits.text(5, "CNY") == "0.05")
    #expect(MinorUnits.text(0, "CNY") == "0.00")
    #expect(MinorUnits.text(39_840, "JPY") == "39840")
    #expect(MinorUnits.text(39_840, "KWD") == "39.840")
    #expect(MinorUnits.text(-39_840, "CNY") == "-398.40")
    #expect(MinorUnits.text(Int64.min, "CNY") == "-92233720368547758.08")
  }
}
