package import CivilTime
package import Licensing
package import Platform
internal import Sealing

/// Where time zones come from: ``ZoneFiles/load(_:)``, or a table in tests.
package typealias ZoneSource = @Sendable (String) throws(PlatformError) -> Zone

extension Dossier {
  /// Judges whether the platform may run.
  /// - Parameters:
  ///   - running: what runs, as the platform says itself.
  ///   - product: the platform's product, as it says itself; nil takes the release document's word.
  ///   - clock: read once. One that cannot be read leaves the decision to the edition.
  ///   - zones: asked for the zones of the licenses; one that is not known matters only if needed.
  package func judge(
    running: RunningRelease?, product: String? = nil, clock: some WallClock,
    zones: ZoneSource = ZoneFiles.load
  ) -> Judgement {
    verdict(of: situation(running: running, product: product, wall: try? clock.now(), zones: zones))
  }

  /// The situation that the rules look at.
  package func situation(
    running: RunningRelease?, product: String? = nil, wall: Int64?, zones: ZoneSource
  ) -> Situation {
    var situation = Situation(
      licenses: licenses, refused: refused, release: release, knownReleases: knownReleases,
      running: running, product: product, keyset: trust?.keyset, revocations: revocations,
      standing: standing, wall: wall)
    for name in situation.zoneNames {
      if let zone = try? zones(name) { situation.zones[name] = zone }
    }
    return situation
  }
}
