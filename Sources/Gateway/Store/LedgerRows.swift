package import Billing
package import CivilTime
package import Licensing
package import Metering
package import Sealing

/// A usage record on its way into the ledger.
package struct LedgerEntry: Sendable {
  package enum Content: Sendable {
    case usage(UsageRecord, LicenseID)
    /// Attested, but not understood or in contradiction to what came before: kept, never billed.
    case quarantined
  }

  package let seq: Int64
  /// SHA-256 of the record's JWS.
  package let hash: Digest
  package let jws: String
  package let content: Content

  package init(seq: Int64, hash: Digest, jws: String, content: Content) {
    self.seq = seq
    self.hash = hash
    self.jws = jws
    self.content = content
  }
}

/// A sealed receipt and the record that it acknowledges last.
package struct StoredReceipt: Sendable, Equatable {
  package let seq: Int64
  package let position: Int64
  package let iat: Int64
  package let jws: String

  package init(seq: Int64, position: Int64, iat: Int64, jws: String) {
    self.seq = seq
    self.position = position
    self.iat = iat
    self.jws = jws
  }
}

/// An installation's newest sign of life and what it was answered with.
package struct StoredAlive: Sendable, Equatable {
  package let at: Int64
  package let jws: String
  package let receipt: StoredReceipt

  package init(at: Int64, jws: String, receipt: StoredReceipt) {
    self.at = at
    self.jws = jws
    self.receipt = receipt
  }
}

/// What an installation said last, as the vendor's staff see it.
package struct NewestUsage: Sendable, Equatable {
  package let seq: Int64
  package let position: Int64
  package let kind: UsageRecord.Stage
  package let date: CivilDate
  package let peak: Peak?
  package let online: Int64
  package let observed: Int64
  package let at: Int64
  package let receivedAt: Int64

  package init(
    seq: Int64, position: Int64, kind: UsageRecord.Stage, date: CivilDate, peak: Peak?,
    online: Int64, observed: Int64, at: Int64, receivedAt: Int64
  ) {
    self.seq = seq
    self.position = position
    self.kind = kind
    self.date = date
    self.peak = peak
    self.online = online
    self.observed = observed
    self.at = at
    self.receivedAt = receivedAt
  }
}

/// What was told of a date.
package struct DateSoFar: Sendable, Equatable {
  /// The highest peak of its samples, nil where none has one.
  package var samplePeak: Int64?
  /// Whether a day record has closed it.
  package var hasDay: Bool

  package init(samplePeak: Int64? = nil, hasDay: Bool = false) {
    self.samplePeak = samplePeak
    self.hasDay = hasDay
  }
}

/// A license as it is kept.
package struct StoredLicense: Sendable, Equatable {
  package let id: LicenseID
  package let line: LineID
  package let revision: Int64
  package let jws: String
  /// Whether the vendor published it; others were only seen at an activation.
  package let isPublished: Bool

  package init(id: LicenseID, line: LineID, revision: Int64, jws: String, isPublished: Bool) {
    self.id = id
    self.line = line
    self.revision = revision
    self.jws = jws
    self.isPublished = isPublished
  }
}

/// An entry of a date, as it is shown to whoever asks what a bill rests on.
package struct TracedEntry: Sendable, Equatable {
  package let position: Int64
  package let kind: UsageEntry.Kind
  /// Its place in the chain and the hash of its JWS; nil for what the gateway entered itself.
  package let seq: Int64?
  package let hash: Digest?
  package let at: Int64
  package let receivedAt: Int64
  package let peak: Int64?
  package let peakAt: Int64?
  package let observed: Int64
  package let jws: String
}

/// A final statement as it is kept.
package struct StoredStatement: Sendable, Equatable {
  package let month: Month
  package let jws: String

  package init(month: Month, jws: String) {
    self.month = month
    self.jws = jws
  }
}

/// A sealed decision and its place.
package struct StoredDecision: Sendable, Equatable {
  package let position: Int64
  package let jws: String

  package init(position: Int64, jws: String) {
    self.position = position
    self.jws = jws
  }
}

/// A keyset as it is kept.
package struct StoredKeyset: Sendable, Equatable {
  package let epoch: Int64
  package let text: String

  package init(epoch: Int64, text: String) {
    self.epoch = epoch
    self.text = text
  }
}

/// Two attested histories of one installation: the first conflicting records, through the one whose
/// signature attests them, and how many conflicts came.
package struct StoredConflict: Sendable, Equatable {
  package let seq: Int64
  package let records: [String]
  package let count: Int64

  package init(seq: Int64, records: [String], count: Int64) {
    self.seq = seq
    self.records = records
    self.count = count
  }
}
