import CivilTime
import Testing

/// Zone data written by hand, byte by byte.
struct TZifBuilder {
  var version = UInt8(ascii: "2")
  var changes: [Int64] = []
  var indices: [UInt8] = []
  var offsets: [Int32] = [0]
  var leaps = 0
  var footer = "UTC0"

  var bytes: [UInt8] {
    func big(_ value: some FixedWidthInteger) -> [UInt8] {
      (0..<value.bitWidth / 8).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }
    let start: [UInt8] = Array("TZif".utf8) + [version] + [UInt8](repeating: 0, count: 15)
    var bytes = start
    for count: UInt32 in [0, 0, 0, 0, 1, 1] { bytes += big(count) }
    bytes += big(Int32(0)) + [0, 0, 0]
    bytes += start
    for count in [0, 0, leaps, changes.count, offsets.count, 4] { bytes += big(UInt32(count)) }
    bytes += changes.flatMap { big($0) } + indices
    bytes += offsets.flatMap { big($0) + [0, 0] } + Array("LMT\0".utf8)
    bytes += [UInt8](repeating: 0, count: leaps * 12)
    return bytes + [0x0A] + Array(footer.utf8) + [0x0A]
  }

  func zone() throws(ZoneError) -> Zone { try Zone(name: "Test/Zone", tzif: bytes) }

  /// The code with which the zone is refused, nil when it is taken.
  var refusal: ZoneError.Code? {
    do {
      _ = try zone()
      return nil
    } catch {
      return error.code
    }
  }
}

@Suite struct TZifTests {
  @Test func `plain data are taken`() throws {
    #expect(TZifBuilder().refusal == nil)
    let zone = try TZifBuilder(
      changes: [100, 200], indices: [1, 0], offsets: [3600, 7200], footer: ""
    ).zone()
    let seen = [99, 100, 199, 200, 1 << 40].map { zone.offset(at: $0) }
    #expect(seen == [3600, 7200, 7200, 3600, 3600])
  }

  @Test func `data cut short anywhere are refused`() throws {
    let bytes = TZifBuilder(
      changes: [100, 200], indices: [0, 0], footer: "EST5EDT,M3.2.0,M11.1.0"
    )
    .bytes
    for count in 0..<bytes.count {
      #expect(throws: ZoneError.self) { try Zone(name: "A", tzif: Array(bytes.prefix(count))) }
    }
  }

  @Test func `no single changed byte traps`() throws {
    let bytes = TZifBuilder(
      changes: [100, 200], indices: [0, 0], footer: "EST5EDT,M3.2.0,M11.1.0"
    )
    .bytes
    var refused = 0
    for index in bytes.indices {
      for bit in 0..<8 {
        var changed = bytes
        changed[index] ^= 1 << bit
        guard let zone = try? Zone(name: "A", tzif: changed) else {
          refused += 1
          continue
        }
        _ = zone.date(at: 1_795_240_987)
        _ = zone.day(of: .first)
      }
    }
    #expect(refused > 300)
  }

  @Test func `what RFC 9636 forbids is refused`() {
    #expect(TZifBuilder(version: 0).refusal == .data)
    #expect(TZifBuilder(changes: [200, 100], indices: [0, 0]).refusal == .data)
    #expect(TZifBuilder(changes: [100, 100], indices: [0, 0]).refusal == .data)
    #expect(TZifBuilder(changes: [100], indices: [1]).refusal == .data)
    #expect(TZifBuilder(offsets: []).refusal == .data)
    #expect(TZifBuilder(offsets: [93_600]).refusal == .data)
    #expect(TZifBuilder(offsets: [Int32.min]).refusal == .data)
    #expect(TZifBuilder(leaps: 1).refusal == .data)
  }

  @Test(arguments: [
    "UTC", "UTC25", "U0", "UTC0UTC", "EST5EDT", "EST5EDT,M3.2.0", "EST5EDT,M3.2.0,",
    "EST5EDT,M13.2.0,M11.1.0", "EST5EDT,M3.6.0,M11.1.0", "EST5EDT,M3.0.0,M11.1.0",
    "EST5EDT,M3.2.7,M11.1.0", "EST5EDT,J0,J365", "EST5EDT,J366,J1", "EST5EDT,366,1",
    "EST5EDT,M3.2.0/168,M11.1.0", "EST5EDT,M3.2.0/2:60,M11.1.0", "EST5EDT,M3.2.0,M11.1.0 ",
    "<+3>-3,x", "<03-3", "EST5:5", "-5", "EST5EDT,M3.2.0,M11.1.0\nEST5",
  ])
  func `a rule that cannot be read is refused`(_ footer: String) {
    #expect(TZifBuilder(footer: footer).refusal == .footer)
  }
}

@Suite struct ZoneRuleTests {
  /// Footers with instants and the offsets that they must have.
  static let rules: [(footer: String, offsets: [(Int64, Int32)])] = [
    // 2026-03-08T07:00Z and 2026-11-01T06:00Z.
    (
      "EST5EDT,M3.2.0,M11.1.0",
      [
        (1_772_953_199, -18_000), (1_772_953_200, -14_400), (1_793_512_799, -14_400),
        (1_793_512_800, -18_000),
      ]
    ),
    // Negative saving: winter is the exception. 2026-03-29T01:00Z, 2026-10-25T01:00Z.
    (
      "IST-1GMT0,M10.5.0,M3.5.0/1",
      [(1_774_745_999, 0), (1_774_746_000, 3600), (1_792_889_999, 3600), (1_792_890_000, 0)]
    ),
    // Hours below zero: the evening before the last Sunday of March.
    (
      "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
      [(1_774_745_999, -7200), (1_774_746_000, -3600), (1_792_890_000, -7200)]
    ),
    // Saving all year, in both of its spellings.
    ("EST5EDT,0/0,J365/25", [(1_767_225_600, -14_400), (1_767_243_600, -14_400)]),
    ("XXX3EDT4,0/0,J365/23", [(1_767_225_600, -14_400), (1_783_000_000, -14_400)]),
    // Day numbers without and with 29 February: 1 March 2028 is J60, and day 60.
    ("AAA0BBB,J60/0,J300/0", [(1_835_481_599, 0), (1_835_481_600, 3600)]),
    ("AAA0BBB,60/0,300/0", [(1_835_481_599, 0), (1_835_481_600, 3600)]),
    // A change 167 hours after its day.
    ("AAA0BBB,J60/167,J300", [(1_836_082_799, 0), (1_836_082_800, 3600)]),
    // Minutes and seconds, and offsets to the east.
    ("<+1245>-12:45:30", [(0, 45_930), (1 << 40, 45_930)]),
  ]

  @Test func `a rule of every form gives the offsets it must`() throws {
    #expect(Self.rules.count == 9)
    for (footer, offsets) in Self.rules {
      let zone = try TZifBuilder(footer: footer).zone()
      for (instant, offset) in offsets {
        #expect(zone.offset(at: instant) == offset, "\(footer) at \(instant)")
      }
    }
  }
}
