package import CivilTime
import Sealing

/// What would happen if: another time, another release, another number of collectors, answered by the
/// function that answers at start-up, from the documents at hand.
///
/// Rules:
/// 1. Nothing but the situation changes; ``verdict(of:)`` judges it.
/// 2. Time does not go back: an instant before the floor is judged as of the floor, and says so.
/// 3. What the installation has found by itself stands as it is now, but for the load, which the number
///    of collectors replaces. No report, receipt or renewal is assumed.
package struct Simulation: Sendable {
  /// How many collectors a question may be about.
  package static let collectors: ClosedRange<Int64> = 0...LicenseLimits.collectors.upperBound

  private let situation: Situation
  private let load: Int64?

  /// - Parameters:
  ///   - situation: what is at hand; its `wall` does not matter.
  ///   - collectors: online at once, each of weight 1; nil leaves the load as it is. Brought within
  ///     ``collectors``.
  package init(_ situation: Situation, collectors: Int64? = nil) {
    self.situation = situation
    load = collectors.map {
      min(max($0, Self.collectors.lowerBound), Self.collectors.upperBound)
    }
  }

  /// The answer as of an instant.
  package func outcome(at instant: Int64) -> Outcome {
    var situation = situation
    situation.wall = instant
    var matter = Choice(situation).select().matter
    let effect = load.flatMap { load in matter?.license.map { Load(load, under: $0) } }
    if load != nil {
      situation.standing = Self.standing(situation.standing, with: effect, at: instant, matter)
      matter = Choice(situation).select().matter
    }
    return Outcome(
      asked: instant, judged: matter?.now ?? instant, zone: matter?.zone ?? .utc,
      judgement: verdict(of: situation), license: matter?.license, load: effect)
  }

  /// What the installation would find under the load.
  private static func standing(
    _ standing: Standing?, with load: Load?, at instant: Int64, _ matter: Matter?
  ) -> Standing? {
    var standing = standing
    standing?.findings.removeAll { $0.code == .overLimit }
    guard let load, load.over > 0, let matter else { return standing }
    var facts = Facts()
    facts.add(.online, load.online)
    facts.add(.limit, load.limit)
    facts.add(.since, instant: matter.now ?? instant, in: matter.zone)
    var changed = standing ?? Standing()
    changed.findings.append(StandingFinding(.overLimit, facts))
    return changed
  }
}

extension Simulation {
  /// One answer.
  package struct Outcome: Sendable, Equatable {
    /// The instant asked about, in Unix seconds.
    package let asked: Int64
    /// The instant judged: later than the one asked about where the known time is.
    package let judged: Int64
    /// The zone of the license judged; UTC where there is none.
    package let zone: Zone
    package let judgement: Judgement
    /// The license judged.
    package let license: License?
    /// What the number of collectors comes to, nil where none was named or no license is judged.
    package let load: Load?

    /// Whether the instant asked about lies before the known time.
    package var isBeforeFloor: Bool { judged > asked }

    /// Whether two answers say the same, whenever they hold.
    func saysTheSame(as other: Outcome) -> Bool { signature == other.signature }

    private var signature: [String] {
      [license?.jti.text ?? ""]
        + (verdict.map { [$0.outcome.rawValue] + $0.findings.map(\.code.rawValue) }
          ?? ["unknown"])
    }

    /// The verdict, nil where there can be none.
    package var verdict: Verdict? {
      guard case .verdict(let verdict) = judgement else { return nil }
      return verdict
    }
  }

  /// What so many collectors at once come to under a license, each of weight 1.
  package struct Load: Sendable, Equatable {
    /// How many would be there.
    package let collectors: Int64
    /// How many of them would be online.
    package let online: Int64
    /// How many would be refused.
    package let refused: Int64
    /// How many would be online above the limit.
    package let over: Int64
    package let limit: Int64?
    /// What a day with that peak costs, where the license is billed by the day.
    package let cost: Cost?

    /// An amount in minor units.
    package struct Cost: Sendable, Equatable {
      package let currency: String
      package let minor: Int64
    }

    init(_ collectors: Int64, under license: License) {
      let limit = license.collectors.limit
      let excess = limit.map { max(0, collectors - $0) } ?? 0
      let refuses = license.collectors.overage == .refuse
      self.collectors = collectors
      self.limit = limit
      refused = refuses ? excess : 0
      over = refuses ? 0 : excess
      online = collectors - refused
      let quantity = online
      cost = license.price.flatMap { price in
        let (minor, overflow) = quantity.multipliedReportingOverflow(by: price.minorPerCollectorDay)
        return overflow ? nil : Cost(currency: price.currency, minor: minor)
      }
    }
  }
}

extension Choice.Selection {
  /// What the rules look at, nil where there can be no verdict.
  fileprivate var matter: Matter? {
    switch self {
    case .none(let matter), .judge(let matter): matter
    case .cannotTell: nil
    }
  }
}

extension Situation {
  /// Supposes that what runs came out on a date, whatever its document says.
  /// - Parameters:
  ///   - released: the release day.
  ///   - version: what runs.
  /// - Returns: the situation with that release in the place of the document's.
  package func supposing(released: CivilDate, version: String) -> Situation {
    let known = release?.payload
    let license = (licenses + (standing?.held ?? [])).first?.payload
    var situation = self
    situation.supposedRelease = Release(
      iss: known?.iss ?? license?.iss ?? "", iat: known?.iat ?? 0,
      product: product ?? known?.product ?? license?.product ?? "", version: version,
      released: released)
    return situation
  }
}
