import CivilTime
import Licensing
import Sealing
import Testing
import Verifier

/// The floor and the verdict over 400 simulated days, against someone who sets the clock and against
/// clocks that go wrong by themselves.
@Suite struct ClockSimulationTests {
  static let day: Int64 = 86_400

  @Test(arguments: [Edition.subscription, .payg, .community])
  func `a clock set back by 400 days revives nothing`(_ edition: Edition) throws {
    let machine = try SimulatedMachine(edition)
    try machine.run(days: 400)
    #expect(try machine.verdict().outcome == .deny)
    machine.set(.off(by: -400 * Self.day))
    for way in ["at work", "killed", "after a boot"] {
      if way == "killed" { try machine.restart() }
      if way == "after a boot" { try machine.reboot(off: 3600) }
      for _ in 0..<3 {
        let verdict = try machine.verdict()
        #expect(verdict.outcome == .deny, "\(way)")
        #expect(verdict.findings(.clockUntrusted).count == 1, "\(way)")
        try machine.run(days: 1)
      }
    }
  }

  /// How far the clock is set back each day: less than a day, a day, more.
  @Test(arguments: [3600, 82_800, 86_400, 90_000] as [Int64])
  func `a clock set back a little each day does not stretch the term`(_ back: Int64) throws {
    for restarts in [false, true] {
      let machine = try SimulatedMachine(.subscription)
      var used: Int64 = 0
      for _ in 0..<400 {
        used += try machine.run(days: 1)
        machine.set(.off(by: machine.wallError - back))
        if restarts { try machine.restart() }
      }
      #expect(used <= SimulatedMachine.term, "set back by \(back), restarts: \(restarts)")
      #expect(try machine.verdict().findings(.expired).count == 1)
      #expect(try machine.verdict().findings(.clockUntrusted).count == 1)
    }
  }

  @Test func `a frozen clock does not stretch the term, and is told after a day`() throws {
    let machine = try SimulatedMachine(.subscription)
    try machine.run(days: 1)
    machine.set(.frozen)
    var used = try machine.run(days: 1)
    #expect(try machine.verdict().findings(.clockUntrusted).isEmpty)
    used += try machine.run(days: 1)
    #expect(try machine.verdict().findings(.clockUntrusted).count == 1)
    used += try machine.run(days: 397)
    #expect(used <= SimulatedMachine.term)
    #expect(try machine.verdict().findings(.expired).count == 1)
  }

  @Test(arguments: Edition.allCases)
  func `a clock that jumps to 2036 and is corrected locks nobody out`(_ edition: Edition) throws {
    #expect(Edition.allCases.count == 4)
    for restarts in [false, true] {
      let machine = try SimulatedMachine(edition)
      try machine.run(days: 10)
      machine.set(.off(by: 2_082_758_400 - machine.now))
      if restarts { try machine.restart() }
      try machine.run(days: 2)
      let wrong = try machine.verdict()
      #expect((wrong.outcome == .deny) == (edition != .perpetual))
      // A verifier that started with the wrong clock has seen nothing move.
      #expect(wrong.findings(.clockUntrusted).count == (restarts ? 0 : 1))
      machine.set(.right)
      machine.receive()
      for _ in 0..<3 {
        let verdict = try machine.verdict()
        #expect(verdict.outcome == .allow, "\(verdict.findings.map(\.code))")
        try machine.restart()
        try machine.run(days: 1)
      }
    }
  }

  @Test(arguments: Edition.allCases)
  func `a clock that cannot be read stops only who needs it`(_ edition: Edition) throws {
    let machine = try SimulatedMachine(edition)
    try machine.run(days: 10)
    for restarts in [false, true] {
      machine.set(.unreadable)
      if restarts { try machine.restart() }
      try machine.run(days: 1)
      let judgement = machine.judgement()
      if edition == .perpetual {
        #expect(judgement.exitCode == 0)
        #expect(try machine.verdict().code == .clockUntrusted)
      } else {
        #expect(judgement == .cannotTell(.clock(edition)))
        #expect(judgement.exitCode == 2)
      }
      machine.set(.right)
      try machine.run(days: 1)
      #expect(try machine.verdict().outcome == .allow)
    }
  }

  @Test func `a perpetual license runs through everything that a clock can do`() throws {
    let machine = try SimulatedMachine(.perpetual)
    var random = SplitMix(state: 23)
    for step in 0..<400 {
      machine.set(SimulatedMachine.Fault.any(using: &random))
      if step % 7 == 0 { try machine.reboot(off: Int64.random(in: 0...90_000, using: &random)) }
      try machine.run(days: 1)
      #expect(try machine.verdict().outcome != .deny)
    }
  }

  @Test(arguments: [-86_401, 86_401, -40_000_000, 400_000_000] as [Int64])
  func `a jump while it runs is told, and heals when the clock is right`(_ jump: Int64) throws {
    let machine = try SimulatedMachine(.perpetual)
    try machine.run(days: 30)
    machine.set(.off(by: jump < 0 ? jump + 1 : jump - 1))
    let told = try machine.verdict().findings(.clockUntrusted).count
    #expect(told == (abs(jump) == 86_401 ? 0 : 1))
    machine.set(.off(by: jump))
    #expect(try machine.verdict().findings(.clockUntrusted).count == 1)
    machine.set(.right)
    #expect(try machine.verdict().findings(.clockUntrusted).isEmpty)
  }

  @Test func `a machine that starts in 1970 is warned until its clock is set, no longer`() throws {
    let machine = try SimulatedMachine(.subscription, wallError: .off(by: -1_700_000_000))
    #expect(try machine.verdict().findings(.clockUntrusted).count == 1)
    #expect(try machine.verdict().outcome == .warn, "and it may run")
    try machine.run(days: 1)
    machine.set(.right)
    #expect(try machine.verdict().outcome == .allow)
    try machine.run(days: 30)
    #expect(try machine.verdict().outcome == .allow)
    machine.set(.off(by: -5 * Self.day))
    #expect(try machine.verdict().findings(.clockUntrusted).count == 1, "it is watched again")
  }

  @Test func `a machine that starts in 2036 is believed after the vendor's next word`() throws {
    let machine = try SimulatedMachine(.perpetual)
    machine.set(.off(by: 2_082_758_400 - machine.now))
    try machine.restart()
    machine.set(.right)
    try machine.run(days: 1)
    #expect(try machine.verdict().findings(.clockUntrusted).count == 1)
    machine.receive()
    try machine.run(days: 1)
    #expect(try machine.verdict().findings(.clockUntrusted).isEmpty)
    #expect(try machine.verdict().outcome == .allow)
  }

  @Test func `an old word of the vendor makes no wrong clock right`() throws {
    let machine = try SimulatedMachine(.subscription)
    try machine.run(days: 100)
    let kept = machine.now
    try machine.run(days: 100)
    // The clock goes back to where a receipt that was kept back fits it.
    machine.set(.off(by: kept - machine.now))
    machine.time.raise(to: kept)
    #expect(try machine.verdict().findings(.clockUntrusted).count == 1)
    try machine.run(days: 300)
    #expect(try machine.verdict().findings(.expired).count == 1)
  }

  // MARK: Properties of random lives

  /// Against a naive model: the floor is what the vendor signed and the seconds that the verifier ran
  /// since, at most the true time, and never falls while the state stands.
  @Test func `the floor is never above what the vendor knows, and never falls`() throws {
    let seed: UInt64 = 20_261_121
    var random = SplitMix(state: seed)
    var checked = 0
    for life in 0..<120 {
      let machine = try SimulatedMachine(.subscription)
      var highest = try #require(machine.time.floor)
      for step in 0..<50 {
        try machine.live(.any(faulty: true, using: &random), using: &random)
        let floor = try #require(machine.time.floor)
        let place: Comment = "seed \(seed), life \(life), step \(step)"
        #expect(floor <= machine.now, place)
        #expect(floor == machine.modelFloor, place)
        #expect(floor >= highest, place)
        #expect((machine.time.now ?? floor) >= floor, place)
        highest = max(highest, machine.saved)
        checked += 1
      }
      machine.set(.right)
      machine.work(1)
      machine.receive()
      let untrusted = try machine.verdict().findings(.clockUntrusted)
      #expect(untrusted.isEmpty, "seed \(seed), life \(life)")
    }
    #expect(checked == 6000)
  }

  @Test func `an honest clock is never untrusted, and its time never goes back`() throws {
    let seed: UInt64 = 77
    var random = SplitMix(state: seed)
    var checked = 0
    for life in 0..<40 {
      let machine = try SimulatedMachine(Edition.allCases[life % 4])
      var effective = try #require(machine.time.now)
      for step in 0..<50 {
        try machine.live(.any(faulty: false, using: &random), using: &random)
        let place: Comment = "seed \(seed), life \(life), step \(step)"
        #expect(try machine.verdict().findings(.clockUntrusted).isEmpty, place)
        let now = try #require(machine.time.now)
        #expect(now >= effective, place)
        #expect(now == machine.now, place)
        effective = now
        checked += 1
      }
    }
    #expect(checked == 2000)
  }
}
