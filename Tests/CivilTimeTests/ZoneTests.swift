import CivilTime
import Testing

@Suite struct ZoneTests {
  @Test func `offsets and days agree with zoneinfo`() throws {
    let cases = try ZoneOracle.load()
    #expect(cases.count == 38)
    var offsets = 0
    var days = 0
    for one in cases {
      for (instant, offset) in one.offsets {
        #expect(one.zone.offset(at: instant) == offset, "\(one.zone.name) at \(instant)")
        offsets += 1
      }
      for (date, range) in one.days {
        #expect(one.zone.day(of: date) == range, "\(one.zone.name) on \(date)")
        days += 1
      }
    }
    #expect(offsets == 2328)
    #expect(days == 1875)
  }

  /// As many zones as the system has, and 80,000 questions about their offsets, dates and days.
  @Test func `every zone of this system agrees with zoneinfo from 1970 to 2200`() throws {
    let seed = 20_261_121
    let cases = try ZoneOracle.everyZone(seed: seed)
    #expect(Set(cases.map(\.zone.name)).count > 450)
    #expect(Set(cases.map(\.zone.name)).isSuperset(of: try SystemZones.names()))
    var (offsets, dates, days, skipped) = (0, 0, 0, 0)
    for one in cases {
      for (instant, offset) in one.offsets where one.zone.offset(at: instant) != offset {
        Issue.record("seed \(seed): \(one.zone.name) at \(instant) is not \(offset)")
      }
      for (instant, date) in one.dates where one.zone.date(at: instant) != date {
        Issue.record("seed \(seed): \(one.zone.name) at \(instant) is not on \(date)")
      }
      for (date, range) in one.days where one.zone.day(of: date) != range {
        Issue.record("seed \(seed): \(one.zone.name) on \(date) is not \(range)")
      }
      offsets += one.offsets.count
      dates += one.dates.count
      days += one.days.count
      skipped += one.days.filter(\.range.isEmpty).count
    }
    #expect(offsets > 25_000 && dates > 25_000 && days > 25_000)
    #expect(skipped > 0, "a date that some zone skipped")
  }

  @Test func `every zone of this system reads, and its days join without a hole`() throws {
    let names = try SystemZones.names()
    #expect(names.count > 400)
    for name in names {
      let zone = try Zone(name: name, tzif: try SystemZones.bytes(name))
      for number: Int64 in [0, 4000, 9000, 15_337, 20_700, 26_000, 60_000, 2_932_800] {
        var end: Int64?
        for step in 0..<4 {
          guard let date = CivilDate(daysSinceEpoch: number + Int64(step)) else { continue }
          let day = zone.day(of: date)
          #expect(end == nil || day.lowerBound == end, "\(name) on \(date)")
          end = day.upperBound
          guard !day.isEmpty, number > 0 else { continue }
          #expect(zone.date(at: day.lowerBound) == date, "\(name) on \(date)")
          #expect(zone.date(at: day.upperBound) > date, "\(name) on \(date)")
          #expect(zone.date(at: day.lowerBound - 1) < date, "\(name) on \(date)")
        }
      }
    }
  }

  @Test func `the system's zones agree with the table where rules are settled`() throws {
    let system = try Zone(name: "Asia/Shanghai", tzif: try SystemZones.bytes("Asia/Shanghai"))
    let table = try #require(try ZoneOracle.load().first { $0.zone.name == "Asia/Shanghai" })
    #expect(table.offsets.count > 40)
    for (instant, offset) in table.offsets { #expect(system.offset(at: instant) == offset) }
    #expect(system.localText(at: 1_795_240_987) == "2026-11-21 14:03:07 +08:00")
  }

  @Test func `a skipped date is empty, a long one is whole`() throws {
    let apia = try Zone(name: "Pacific/Apia", tzif: try SystemZones.bytes("Pacific/Apia"))
    let skipped = try #require(CivilDate("2011-12-30"))
    #expect(apia.day(of: skipped).isEmpty)
    let berlin = try Zone(name: "Europe/Berlin", tzif: try SystemZones.bytes("Europe/Berlin"))
    let spring = try #require(CivilDate("2026-03-29"))
    let autumn = try #require(CivilDate("2026-10-25"))
    #expect(berlin.day(of: spring).count == 23 * 3600)
    #expect(berlin.day(of: autumn).count == 25 * 3600)
  }

  @Test func `UTC needs no data`() {
    #expect(Zone.utc.name == "UTC")
    #expect(Zone.utc.offset(at: 1_795_240_987) == 0)
    #expect(Zone.utc.date(at: 1_795_240_987).description == "2026-11-21")
    #expect(Zone.utc.localText(at: 1_795_240_987) == "2026-11-21 06:03:07 +00:00")
    #expect(UTC.text(1_795_240_987) == "2026-11-21T06:03:07Z")
    #expect(UTC.text(Int64.min) == "1970-01-01T00:00:00Z")
    #expect(UTC.text(Int64.max) == "9999-12-31T23:59:59Z")
  }

  @Test func `no instant traps`() throws {
    for one in try ZoneOracle.load() {
      for instant in [Int64.min, Int64.min + 1, -1, 0, 1, Int64.max - 1, Int64.max] {
        let date = one.zone.date(at: instant)
        #expect(date == .first || date == .last || (instant <= 1 && instant >= -1))
        #expect(!one.zone.localText(at: instant).isEmpty)
      }
      #expect(one.zone.day(of: .first).count >= 79_200)
      #expect(one.zone.day(of: .last).count >= 79_200)
    }
  }

  @Test(arguments: [
    ("UTC", true), ("Asia/Shanghai", true), ("America/Argentina/Buenos_Aires", true),
    ("Etc/GMT+12", true), ("", false), ("/etc/passwd", false), ("../passwd", false),
    ("Asia/../UTC", false), ("Asia//Shanghai", false), ("Asia/", false), ("Asia/Shang hai", false),
    ("localtime", false), ("posixrules", false), ("posix/Asia/Shanghai", false),
    ("right/Asia/Shanghai", false), ("Asia/Shanghai\0", false), ("Asia\\Shanghai", false),
    ("亚洲/上海", false),
    (String(repeating: "a", count: 64), true), (String(repeating: "a", count: 65), false),
  ])
  func `a name never leads out of the folder`(_ name: String, _ valid: Bool) {
    #expect(Zone.isValidName(name) == valid)
  }
}
