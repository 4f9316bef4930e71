package import CivilTime
package import Licensing
package import Sealing

/// An activated installation.
package struct Installation: Sendable, Equatable {
  package let thumbprint: Thumbprint
  package let key: PublicKey
  package let line: LineID
  /// The license that it was activated with.
  package let license: LicenseID
  package let activatedAt: Int64
  /// The installation whose place it took.
  package let replaces: Thumbprint?
  /// The one that took its place, nil while it stands; ``replacedAt`` stands beside it.
  package var replacedBy: Thumbprint?
  package var replacedAt: Int64?
  /// When the vendor's staff freed its seat, nil while they have not.
  package var releasedAt: Int64?

  package init(
    thumbprint: Thumbprint, key: PublicKey, line: LineID, license: LicenseID,
    activatedAt: Int64, replaces: Thumbprint? = nil, replacedBy: Thumbprint? = nil,
    replacedAt: Int64? = nil, releasedAt: Int64? = nil
  ) {
    self.thumbprint = thumbprint
    self.key = key
    self.line = line
    self.license = license
    self.activatedAt = activatedAt
    self.replaces = replaces
    self.replacedBy = replacedBy
    self.replacedAt = replacedAt
    self.releasedAt = releasedAt
  }

  /// Whether it holds one of the line's seats. One that does not has ended: no date is closed or carried
  /// for it any more.
  package var holdsSeat: Bool { replacedAt == nil && releasedAt == nil }
}

/// Where an installation's chain stands.
package struct ChainHead: Sendable, Equatable {
  /// The last record stored, 0 where there is none.
  package var seq: Int64
  /// The hash of that record, nil exactly where there is none.
  package var hash: Digest?
  /// `at` of the newest record or sign of life, 0 where there is none.
  package var wordAt: Int64
  /// The end of the last date that a day record closed; nil where none did, or where it is not known
  /// because a record was not understood.
  package var dayTo: Int64?
  /// The latest date that a day record closed; nothing ever clears it.
  package var closed: ClosedDate?
  /// When the newest receipt was issued: later ones are never earlier.
  package var receiptAt: Int64
  /// For how many hours a silence that goes on was told of, 0 where none was.
  package var silent: Int64

  package init(
    seq: Int64 = 0, hash: Digest? = nil, wordAt: Int64 = 0, dayTo: Int64? = nil,
    closed: ClosedDate? = nil, receiptAt: Int64 = 0, silent: Int64 = 0
  ) {
    self.seq = seq
    self.hash = hash
    self.wordAt = wordAt
    self.dayTo = dayTo
    self.closed = closed
    self.receiptAt = receiptAt
    self.silent = silent
  }
}

/// A date that a stored day record closed: no record may bill it, or what lies before its end, again.
package struct ClosedDate: Sendable, Equatable {
  package var date: CivilDate
  /// The first second after it.
  package var to: Int64

  package init(date: CivilDate, to: Int64) {
    self.date = date
    self.to = to
  }
}

/// An installation and its chain.
package struct InstallationState: Sendable, Equatable {
  package var installation: Installation
  package var head: ChainHead

  package init(_ installation: Installation, _ head: ChainHead = ChainHead()) {
    self.installation = installation
    self.head = head
  }
}
