import CivilTime
import Licensing
import Platform
import Sealing
import Synchronization
import TestSupport
import Verifier

/// A machine in simulated time, with the clocks that its programs see.
///
/// ``now`` is the true time, which the vendor has. The verifier's clock-keeping is the real one, and
/// so is the verdict; only the disk is a variable.
final class SimulatedMachine {
  /// What is wrong with the wall clock.
  enum Fault {
    case right
    case off(by: Int64)
    case frozen
    case unreadable

    static func any(using random: inout SplitMix) -> Fault {
      switch Int.random(in: 0..<6, using: &random) {
      case 0, 1: .right
      case 2: .off(by: Int64.random(in: -40_000_000...(-1), using: &random))
      case 3: .off(by: Int64.random(in: 1...400_000_000, using: &random))
      case 4: .frozen
      default: .unreadable
      }
    }
  }

  /// One event of a random life.
  enum Event {
    case run, restart, kill, reboot, receive, oldWord
    case fault

    static func any(faulty: Bool, using random: inout SplitMix) -> Event {
      let all: [Event] = [.run, .run, .restart, .kill, .reboot, .receive, .oldWord]
      return (all + (faulty ? [.fault, .fault] : [])).randomElement(using: &random) ?? .run
    }
  }

  /// 2026-11-21 00:00:00 in Shanghai: everything is signed then, and terms begin.
  static let start: Int64 = 1_795_190_400
  /// Seconds of a year's term.
  static let term: Int64 = 365 * 86_400
  /// How often the verifier looks and saves.
  private static let tick: Int64 = 600

  /// The true time.
  private(set) var now = start
  /// The floor on the disk.
  private(set) var saved = start
  /// What the floor must be: the newest signature, and the seconds at work since.
  private(set) var modelFloor = start
  private(set) var time: Timekeeper
  private let clocks: SimulatedClocks
  private var bootedAt = start - 5000
  private var fault: Fault
  private var frozenAt = start
  private let vendor: TestVendor
  private var situation: Situation

  init(_ edition: Edition, wallError: Fault = .right) throws {
    vendor = try Self.made.get()
    situation = try Self.situation(edition, vendor)
    fault = wallError
    clocks = SimulatedClocks()
    time = try Timekeeper(wall: clocks, boot: clocks, saved: nil)
    show()
    time = try Timekeeper(wall: clocks, boot: clocks, saved: nil)
    time.raise(to: Self.start)
  }

  private static let made = Result { try TestVendor(iat: start) }

  private static func situation(_ edition: Edition, _ vendor: TestVendor) throws -> Situation {
    guard let from = CivilDate("2026-11-21"), let jti = LicenseID("lic_1"),
      let line = LineID("lin_1"), let customer = CustomerID("cus_1"),
      let term = Term(from: from, length: .years(1)),
      let running = RunningRelease("1.0.0")
    else { throw TestSite.Missing(what: "a date or identifier") }
    var license = License(
      iss: vendor.iss, jti: jti, line: line, sub: customer, customer: "ACME Ltd",
      product: "platform", iat: start, edition: edition, zone: "Asia/Shanghai", support: "5x8")
    switch edition {
    case .subscription: license.term = term
    case .perpetual:
      // Maintenance beyond the simulation, so that a sound verdict is a plain one.
      license.maintenance = Term(from: from, length: .years(3))
      license.release = "0.9.0"
    case .payg:
      license.term = term
      license.reporting = Reporting(
        mode: .realtime, gateway: "https://usage.vendor.example", leaseHours: 720)
      license.price = Price(currency: "CNY", minorPerCollectorDay: 120)
      license.activation = .optional
    case .community: break
    }
    if edition == .subscription || edition == .perpetual {
      license.collectors = Collectors(limit: 100, overage: .refuse)
    }
    let release = Release(
      iss: vendor.iss, iat: start, product: "platform", version: "1.0.0", released: from)
    return Situation(
      release: try vendor.seal(release), running: running,
      standing: Standing(held: [try vendor.seal(license)]), wall: nil,
      zones: [license.zone: try ZoneFiles.load(license.zone)])
  }

  // MARK: Clocks

  /// By how much the wall clock differs from the true time.
  var wallError: Int64 { (clocks.wall ?? now) - now }

  func set(_ fault: Fault) {
    if case .frozen = fault { frozenAt = clocks.wall ?? now }
    self.fault = fault
    show()
    time.advance()
  }

  /// Shows the programs what the clocks say now.
  private func show() {
    let wall: Int64? =
      switch fault {
      case .right: now
      case .off(let seconds): now + seconds
      case .frozen: frozenAt
      case .unreadable: nil
      }
    clocks.set(wall: wall, boot: now - bootedAt)
  }

  // MARK: What happens to the machine

  /// Lets days pass with the verifier at work.
  /// - Returns: for how many seconds the platform was allowed to run.
  @discardableResult
  func run(days: Int64) throws -> Int64 {
    var used: Int64 = 0
    for _ in 0..<(days * 86_400 / Self.tick) {
      work(Self.tick)
      // Judging at each turn would only take longer: a verdict changes at midnight or by the clock.
      if now % 21_600 == 0, judgement().exitCode == 0 { used += 21_600 }
    }
    return used
  }

  /// The verifier works for some seconds, and saves.
  func work(_ seconds: Int64) {
    now += seconds
    modelFloor += seconds
    show()
    time.advance()
    saved = max(saved, time.floor ?? saved)
  }

  /// The verifier works on for some seconds and is killed before it saves.
  func kill(after seconds: Int64) throws {
    now += seconds
    show()
    time.advance()
    modelFloor = saved
    try restart()
  }

  /// The verifier starts anew, the machine does not.
  func restart() throws {
    show()
    time = try Timekeeper(wall: clocks, boot: clocks, saved: saved)
    // The documents that it holds are all from the start, but for what was received.
    time.raise(to: newestWord)
    modelFloor = max(modelFloor, newestWord)
  }

  /// The machine is off for some seconds and starts anew.
  func reboot(off seconds: Int64) throws {
    now += seconds
    bootedAt = now
    modelFloor = saved
    try restart()
  }

  private var newestWord = start

  /// The gateway acknowledges: a receipt of the true time.
  func receive() {
    newestWord = now
    modelFloor = max(modelFloor, now)
    time.raise(to: now)
    saved = max(saved, time.floor ?? saved)
  }

  /// One event of a random life.
  func live(_ event: Event, using random: inout SplitMix) throws {
    switch event {
    case .run:
      for _ in 0..<Int.random(in: 1...40, using: &random) {
        work(Int64.random(in: 1...3600, using: &random))
      }
    case .restart: try restart()
    case .kill: try kill(after: Int64.random(in: 0...60, using: &random))
    case .reboot: try reboot(off: Int64.random(in: 0...3_000_000, using: &random))
    case .receive: receive()
    case .oldWord: time.raise(to: Int64.random(in: 0...newestWord, using: &random))
    case .fault: set(.any(using: &random))
    }
  }

  // MARK: Judging

  func judgement() -> Judgement {
    var situation = situation
    situation.wall = time.wall
    situation.standing?.floor = time.floor
    situation.standing?.findings = time.finding.map { [$0] } ?? []
    return Licensing.verdict(of: situation)
  }

  func verdict() throws -> Verdict {
    switch judgement() {
    case .verdict(let verdict): return verdict
    case .cannotTell(let reason): throw TestSite.Missing(what: reason.description)
    }
  }
}

/// The clocks as a program of the machine reads them.
final class SimulatedClocks: WallClock, BootClock {
  private struct State {
    var wall: Int64?
    var boot: Int64 = 0
  }

  private let state = Mutex(State())

  var wall: Int64? { state.withLock { $0.wall } }

  func set(wall: Int64?, boot: Int64) {
    state.withLock { $0 = State(wall: wall, boot: boot) }
  }

  func now() throws(PlatformError) -> Int64 {
    guard let wall else { throw PlatformError(.clockUnreadable, "the clock cannot be read") }
    return wall
  }

  func seconds() throws(PlatformError) -> Int64 { state.withLock { $0.boot } }
  func nanoseconds() throws(PlatformError) -> Int64 {
    state.withLock { $0.boot * 1_000_000_000 }
  }
}

/// SplitMix64.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
