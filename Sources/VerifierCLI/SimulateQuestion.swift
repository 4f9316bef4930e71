internal import CivilTime
internal import Licensing
internal import Platform
internal import Sealing
internal import StartupCheck
internal import Terminal

/// What `simulate` was asked, checked as far as it can be without the files.
struct SimulateQuestion {
  private let at: SimulatedMoment?
  private let until: SimulatedMoment?
  private let collectors: Int64?
  private let released: CivilDate?

  /// - Throws: ``CommandError`` with status `usage` naming the option that is wrong.
  init(
    at: String?, until: String?, collectors: Int64?, released: String?
  ) throws(CommandError) {
    self.at = try Self.moment(at, "--at")
    self.until = try Self.moment(until, "--until")
    if let collectors, !Simulation.collectors.contains(collectors) {
      throw CommandError(
        .usage,
        "--collectors must be a whole number from 0 to \(Simulation.collectors.upperBound)")
    }
    self.collectors = collectors
    self.released = try released.map { text throws(CommandError) in
      guard let date = CivilDate(text) else {
        throw CommandError(
          .usage, "--released \(text.prefix(64)) is no date: write it as 2027-11-21")
      }
      return date
    }
  }

  private static func moment(
    _ text: String?, _ flag: String
  ) throws(CommandError) -> SimulatedMoment? {
    try text.map { text throws(CommandError) in
      guard let moment = SimulatedMoment(text) else {
        throw CommandError(
          .usage, "\(flag) \(text.prefix(64)) is no time: give \(SimulatedMoment.forms)")
      }
      return moment
    }
  }

  /// Judges what was opened.
  /// - Throws: ``CommandError`` for a question that these files do not allow, ``StartupCheckError``
  ///   where a date's zone, or *now*, is not known.
  func answer(
    _ opened: CheckRequest.Opened, product: String?, clock: some WallClock = SystemClock()
  ) throws -> SimulateAnswer {
    var situation = opened.dossier.situation(
      running: opened.running, product: product, wall: nil, zones: ZoneFiles.load)
    if let released {
      let version = opened.running?.version ?? opened.dossier.release?.payload.version
      guard let version else {
        throw CommandError(
          .usage, "--released says when a version came out: name it with --running")
      }
      situation = situation.supposing(released: released, version: version)
    }
    let simulation = Simulation(situation, collectors: collectors)
    let zone = try zone(of: situation)
    let start = try at?.instant(in: zone) ?? Self.now(clock)
    let outcome = simulation.outcome(at: start)
    guard let until else { return SimulateAnswer(outcome: outcome, changes: nil) }
    let end = until.lastInstant(in: zone)
    guard end >= start else {
      throw CommandError(.usage, "--until lies before --at: give a later time")
    }
    guard end - start <= Simulation.longest * 86_400 else {
      throw CommandError(
        .usage, "--until lies more than \(Simulation.longest) days after --at: give an earlier time"
      )
    }
    return SimulateAnswer(
      outcome: outcome, changes: simulation.changes(from: start, through: end))
  }

  private static func now(_ clock: some WallClock) throws(StartupCheckError) -> Int64 {
    do throws(PlatformError) { return try clock.now() } catch {
      throw StartupCheckError(.clockUnreadable, "\(error.message), or give --at")
    }
  }

  /// The zone in which dates are meant: that of the licenses, where they agree.
  private func zone(of situation: Situation) throws -> Zone {
    let names = situation.zoneNames.sorted()
    guard let name = names.first else { return .utc }
    if names.count == 1, let zone = situation.zones[name] { return zone }
    let dates = [at, until].contains { if case .date = $0 { true } else { false } }
    guard dates else { return situation.zones[name] ?? .utc }
    guard names.count > 1 else { throw StartupCheckError(.zone(name)) }
    throw CommandError(
      .usage,
      "the licenses have dates in \(names.joined(separator: ", ")): give instants, as "
        + "2027-11-21T08:00:00Z")
  }
}

/// The answer at one time, and the changes after it where they were asked for.
struct SimulateAnswer {
  let outcome: Simulation.Outcome
  /// The first is ``outcome``.
  let changes: [Simulation.Outcome]?

  var json: JSONValue {
    var members = outcome.members
    if let changes {
      members.append(JSONMember("changes", .array(changes.map(\.shortJSON))))
    }
    return .object(members)
  }
}
