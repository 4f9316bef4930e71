import Metering
import Testing

@Suite struct SecondNamingTests {
  /// Names of seconds 100..., the wall clock read in each.
  private func names(_ walls: [Int64], dayEnd: Int64 = 1_000_000) -> [Int64] {
    var naming = SecondNaming(boot: 100, wall: walls[0])
    var names: [Int64] = []
    for (index, wall) in walls.enumerated() {
      let boot = 100 + Int64(index)
      names.append(naming.name(of: boot))
      naming.observe(wall: wall, at: boot, dayEnd: dayEnd)
    }
    return names
  }

  @Test func `names run on while the wall clock is within five seconds`() {
    #expect(names([1000, 1001, 1007, 998, 1004]) == [1000, 1001, 1002, 1003, 1004])
  }

  @Test func `set forward by six, names are skipped from the next second on`() {
    #expect(names([1000, 1007, 1008, 1009]) == [1000, 1001, 1008, 1009])
  }

  @Test func `set back, seconds share the last name until the wall clock has passed it`() {
    #expect(
      names([1000, 1001, 994, 995, 996, 997, 998, 999, 1000, 1001, 1002, 1003])
        == [1000, 1001, 1002, 1002, 1002, 1002, 1002, 1002, 1002, 1002, 1002, 1003])
  }

  @Test func `set back and put right, the wait ends`() {
    #expect(names([1000, 900, 901, 1003, 1004]) == [1000, 1001, 1001, 1001, 1004])
  }

  @Test func `set back twice, the wait is longer`() {
    let walls: [Int64] = [1000, 991, 982] + (983...1003)
    let names = names(walls)
    #expect(names.filter { $0 == 1001 }.count == 21)
    #expect(names.last == 1003)
  }

  @Test func `into a later date only after 15 minutes at a steady offset`() {
    var naming = SecondNaming(boot: 0, wall: 0)
    for boot: Int64 in 0...899 { naming.observe(wall: boot + 90_000, at: boot, dayEnd: 86_400) }
    #expect(naming.isDeferring)
    #expect(naming.name(of: 900) == 900)
    naming.observe(wall: 90_900, at: 900, dayEnd: 86_400)
    #expect(!naming.isDeferring)
    #expect(naming.name(of: 901) == 90_901)
  }

  @Test
  func `an offset that moves begins its 15 minutes anew, and one that goes away is forgotten`() {
    var naming = SecondNaming(boot: 0, wall: 0)
    naming.observe(wall: 90_000, at: 0, dayEnd: 86_400)
    naming.observe(wall: 95_000, at: 600, dayEnd: 86_400)
    naming.observe(wall: 95_000 + 899, at: 1499, dayEnd: 86_400)
    #expect(naming.name(of: 1500) == 1500)
    naming.observe(wall: 1500, at: 1500, dayEnd: 86_400)
    #expect(!naming.isDeferring)
    naming.observe(wall: 95_901, at: 1501, dayEnd: 86_400)
    #expect(naming.name(of: 1502) == 1502)
  }

  @Test(arguments: [(90_010, true), (90_910, true), (90_911, false), (10, false), (200_000, false)])
  func `a receipt bears out an offset within 15 minutes of its instant`(
    _ instant: Int64, _ isFollowed: Bool
  ) {
    var naming = SecondNaming(boot: 0, wall: 0)
    naming.observe(wall: 90_010, at: 10, dayEnd: 86_400)
    naming.confirm(by: instant, at: 10)
    #expect(naming.name(of: 11) == (isFollowed ? 90_011 : 11))
  }

  @Test func `a receipt alone moves nothing`() {
    var naming = SecondNaming(boot: 0, wall: 0)
    naming.confirm(by: 90_010, at: 10)
    #expect(naming.name(of: 11) == 11)
  }

  @Test func `the second of a name is found through steps and waits`() {
    var naming = SecondNaming(boot: 0, wall: 0)
    naming.observe(wall: 1010, at: 10, dayEnd: 86_400)
    naming.observe(wall: 1000, at: 20, dayEnd: 86_400)
    #expect(naming.name(of: 10) == 10)
    #expect(naming.name(of: 11) == 1011)
    #expect(naming.name(of: 20) == 1020)
    #expect(naming.name(of: 40) == 1020)
    #expect(naming.name(of: 41) == 1021)
    #expect(naming.boot(ofName: 10, from: 0) == 10)
    #expect(naming.boot(ofName: 500, from: 0) == 11)
    #expect(naming.boot(ofName: 1020, from: 0) == 20)
    #expect(naming.boot(ofName: 1021, from: 0) == 41)
    #expect(naming.sharing(at: 19) == nil)
    #expect(naming.sharing(at: 40) == 21)
  }
}
