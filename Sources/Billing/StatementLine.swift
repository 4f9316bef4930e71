package import CivilTime
package import Licensing
package import Metering
package import Sealing

/// One installation on one date.
package struct StatementLine: Sendable, Equatable {
  /// What the line rests on.
  package enum Basis: String, Sendable, CaseIterable {
    /// The installation's day record.
    case day
    /// The gateway's closing.
    case closing
    /// The newest sample: the date is not closed yet.
    case sample
    /// Nothing yet, though the date is over.
    case none

    /// What a date rests on whose telling entry is this one.
    init(_ entry: UsageEntry?) {
      switch entry?.kind {
      case .day: self = .day
      case .closing: self = .closing
      case .sample: self = .sample
      case nil: self = .none
      }
    }
  }

  package var installation: Thumbprint
  package var date: CivilDate
  /// The license that prices the date.
  package var license: LicenseID
  package var revision: Int64
  package var terms: BillingTerms
  package var basis: Basis
  /// The `seq` of the record that the line rests on.
  package var seq: Int64?
  /// The largest count observed, nil where nothing was.
  package var peak: Int64?
  package var peakAt: Int64?
  /// What a sample of the date had told of, where that is more than the peak: it is billed instead.
  package var sampledPeak: Int64?
  /// Seconds of the date; so far, on the present date.
  package var seconds: Int64
  /// How many of them were watched.
  package var observed: Int64
  /// The longest gaps, at most ``maximumGaps``, in order of time.
  package var gaps: [UsageGap]
  /// How many there are.
  package var gapCount: Int64
  /// Who was one collector, and for how long after a beat: the rule of the record that the line rests on.
  package var rule: UsageRecord.Rule?
  /// What staff decided about a date's bill, where something stands.
  package enum Decided: String, Sendable, CaseIterable {
    /// It bills nothing.
    case waive
    /// It bills a quantity that staff named.
    case correct
  }

  /// Collectors billed.
  package var quantity: Int64
  /// The earlier date whose peak is billed in place of the observed one.
  package var carriedFrom: CivilDate?
  /// The installation that bills this date in place of this one: one took the other's place.
  package var yieldsTo: Thumbprint?
  /// How staff changed what the date bills, nil where they did not; the decision is quoted.
  package var decided: Decided?
  /// The quantity that the date comes to by its records, where staff decided another.
  package var computed: Int64?
  /// What the date costs, nil under a license without a price.
  package var charge: Charge?

  package static let maximumGaps = 16

  /// Quantity times rate, exactly.
  package struct Charge: Sendable, Equatable {
    package var currency: String
    /// Minor units for one collector and date.
    package var rate: Int64
    /// Minor units.
    package var amount: Int64

    package init(currency: String, rate: Int64, amount: Int64) {
      self.currency = currency
      self.rate = rate
      self.amount = amount
    }
  }

  package var unobserved: Int64 { max(0, seconds - observed) }

  /// The quantity by records and rules alone, whatever staff decided.
  package var undecided: Int64 { computed ?? quantity }

  /// Bills what staff decided; what was computed is kept beside it.
  /// - Throws: ``BillingError`` `AMOUNT_TOO_LARGE`.
  mutating func decide(_ change: BillChange) throws(BillingError) {
    guard let (decided, quantity) = change.billed else { return }
    computed = undecided
    self.decided = decided
    self.quantity = quantity
    if let rate = charge?.rate { charge?.amount = try Amount.product(quantity, rate) }
  }

  /// Bills no collector, because the other installation bills more.
  mutating func yield(to other: Thumbprint) {
    quantity = 0
    carriedFrom = nil
    yieldsTo = other
    charge?.amount = 0
  }
}

extension [UsageGap] {
  /// The longest, in order of time; of equal ones the earlier.
  var shownOnStatement: [UsageGap] {
    guard count > StatementLine.maximumGaps else { return self }
    return sorted { ($1.to - $1.from, $0.from) < ($0.to - $0.from, $1.from) }
      .prefix(StatementLine.maximumGaps).sorted { $0.from < $1.from }
  }
}

extension BillChange {
  /// What a date is billed by it, nil for one that takes others back.
  var billed: (decided: StatementLine.Decided, quantity: Int64)? {
    switch effect {
    case .waive: (.waive, 0)
    case .correct(let quantity): (.correct, quantity)
    case .restore: nil
    }
  }
}
