/// One collector's word that it is there, as it came in.
package struct Beat: Sendable, Hashable {
  package var identity: CollectorIdentity
  /// The weight if the beat says one, within ``CollectorWeight/range``.
  package var weight: Int64?
  /// Whether the collector says that it stops.
  package var isBye: Bool
  /// What the collector says of itself, for inventories.
  package var version: String?
  package var host: String?
  /// What changes at every start of the collector; never part of its identity.
  package var run: String?

  package init(
    identity: CollectorIdentity, weight: Int64? = nil, isBye: Bool = false,
    version: String? = nil, host: String? = nil, run: String? = nil
  ) {
    self.identity = identity
    self.weight = weight
    self.isBye = isBye
    self.version = version
    self.host = host
    self.run = run
  }
}

/// A beat as the counter takes it: the collector is known by its digest.
package struct KeyedBeat: Sendable, Hashable {
  package let id: CollectorID
  /// The weight that the beat says, within ``CollectorWeight/range``; 0 if it says none.
  let weight: UInt16
  /// Whether the collector says that it stops.
  package let isBye: Bool

  /// - Parameter weight: clamped to ``CollectorWeight/range``.
  package init(_ id: CollectorID, weight: Int64? = nil, isBye: Bool = false) {
    self.id = id
    self.weight = weight.map { UInt16(truncatingIfNeeded: CollectorWeight.clamped($0)) } ?? 0
    self.isBye = isBye
  }

  package init(_ beat: Beat, key: SipHash.Key) {
    self.init(CollectorID(beat.identity, key: key), weight: beat.weight, isBye: beat.isBye)
  }
}
