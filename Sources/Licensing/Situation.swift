package import CivilTime
package import Sealing

/// Everything that a verdict rests on.
package struct Situation: Sendable {
  /// Licenses given by hand. Where none are, those held in ``standing`` are judged.
  package var licenses: [Verified<License>]
  /// Documents that did not verify.
  package var refused: [RefusedDocument]
  /// The release document of the install package.
  package var release: Verified<Release>?
  /// A release that a simulation supposes; it then takes the document's place.
  package var supposedRelease: Release?
  /// Other releases known, of which a message may name the newest covered one.
  package var knownReleases: [Verified<Release>]
  /// What runs, as the platform says itself.
  package var running: RunningRelease?
  /// The product that runs, as the platform says itself; nil takes the release document's word.
  package var product: String?
  /// The newest keyset.
  package var keyset: Keyset?
  package var revocations: Verified<Revocations>?
  package var standing: Standing?
  /// The wall clock in Unix seconds, nil where it cannot be read.
  package var wall: Int64?
  /// The zones that the licenses name, see ``zoneNames``.
  package var zones: [String: Zone]

  package init(
    licenses: [Verified<License>] = [], refused: [RefusedDocument] = [],
    release: Verified<Release>? = nil, knownReleases: [Verified<Release>] = [],
    running: RunningRelease? = nil, product: String? = nil, keyset: Keyset? = nil,
    revocations: Verified<Revocations>? = nil, standing: Standing? = nil, wall: Int64?,
    zones: [String: Zone] = [:]
  ) {
    self.licenses = licenses
    self.refused = refused
    self.release = release
    self.knownReleases = knownReleases
    self.running = running
    self.product = product
    self.keyset = keyset
    self.revocations = revocations
    self.standing = standing
    self.wall = wall
    self.zones = zones
  }

  /// What the rules take for the release of the install package.
  var judgedRelease: Release? { supposedRelease ?? release?.payload }

  /// The names of the zones that a verdict needs.
  package var zoneNames: Set<String> {
    Set((licenses + (standing?.held ?? [])).map(\.payload.zone))
  }
}

/// A document that did not verify.
package struct RefusedDocument: Sendable {
  package var refusal: Refusal
  /// What it was taken for, nil where that is not known.
  package var kind: DocumentKind?
  /// Where it came from, for people: a file's name.
  package var source: String
  /// Whether it was kept from earlier, not given by hand.
  package var isHeld: Bool

  package init(_ refusal: Refusal, kind: DocumentKind?, source: String, isHeld: Bool = false) {
    self.refusal = refusal
    self.kind = kind
    self.source = source
    self.isHeld = isHeld
  }
}
