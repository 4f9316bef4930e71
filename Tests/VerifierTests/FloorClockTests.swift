import Licensing
import Sealing
import Testing
import Verifier

@Suite struct FloorClockTests {
  @Test func `the floor is the newest signature and the seconds seen running since`() {
    var clock = FloorClock(saved: nil, boot: 100, wall: 5000)
    #expect(clock.floor == nil)
    clock.raise(to: 4000)
    clock.advance(boot: 160, wall: 5060)
    #expect(clock.floor == 4060)
    clock.raise(to: 4010)
    #expect(clock.floor == 4060)
    clock.raise(to: 9000)
    clock.advance(boot: 161, wall: 5061)
    #expect(clock.floor == 9001)
  }

  @Test func `the wall clock never raises the floor`() {
    var clock = FloorClock(saved: 4000, boot: 100, wall: 5000)
    clock.advance(boot: 101, wall: 2_000_000_000)
    #expect(clock.floor == 4001)
    clock.advance(boot: 102, wall: 5002)
    #expect(clock.floor == 4002)
  }

  @Test func `a boot-time clock that goes back moves nothing`() {
    var clock = FloorClock(saved: 4000, boot: 100, wall: 5000)
    clock.advance(boot: 50, wall: 5000)
    #expect(clock.floor == 4000)
    clock.advance(boot: 101, wall: 5001)
    #expect(clock.floor == 4001)
  }

  @Test(
    arguments: [
      (86_400, false), (86_401, true), (-86_400, false), (-86_401, true),
    ] as [(Int64, Bool)])
  func `a wall clock that moved by more than a day is told`(moved: Int64, told: Bool) {
    var clock = FloorClock(saved: nil, boot: 100, wall: 1_000_000)
    clock.advance(boot: 200, wall: 1_000_100 + moved)
    #expect((clock.finding != nil) == told)
    #expect(clock.moved == moved)
    if told {
      #expect(clock.finding?.code == .clockUntrusted)
      #expect(clock.finding?.facts[.secondsMoved] == .integer(moved))
    }
    clock.advance(boot: 300, wall: 1_000_200)
    #expect(clock.finding == nil)
  }
}
