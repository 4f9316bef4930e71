package import CivilTime
import Licensing
package import Sealing

/// What staff decide about the bill of an installation's dates.
///
/// It changes what the dates bill and nothing else: what was counted stands, what is carried to other dates
/// comes from what was counted, and a date that is open stays open.
package struct BillChange: Sendable, Hashable {
  package enum Effect: Sendable, Hashable {
    /// The dates bill nothing.
    case waive
    /// Each of the dates bills so many collectors.
    case correct(Int64)
    /// What was decided about the dates before is taken back.
    case restore
  }

  /// The most dates of one decision.
  package static let maximumDates: Int64 = 366
  /// The most bytes of ``finding``.
  package static let findingLimit = 64

  package let effect: Effect
  /// The first and the last date, both included.
  package let from: CivilDate
  package let through: CivilDate
  /// The finding for which it was decided, as staff name it: a code or an id.
  package let finding: String?

  /// - Throws: ``Refusal`` `MALFORMED` for dates out of order, more than ``maximumDates``, a quantity that no
  ///   count can be, and a finding that is empty, too long or has control characters.
  package init(
    _ effect: Effect, from: CivilDate, through: CivilDate, finding: String? = nil
  ) throws(Refusal) {
    guard from <= through, from.days(until: through) < Self.maximumDates else {
      throw .malformed(
        "through must be a date from \(from) on, and the dates at most \(Self.maximumDates)")
    }
    if case .correct(let quantity) = effect, !SealedLimits.counts.contains(quantity) {
      throw .malformed("quantity must be from 0 to \(SealedLimits.counts.upperBound)")
    }
    if let finding {
      let isClean = finding.unicodeScalars.allSatisfy {
        $0.properties.generalCategory != .control
      }
      guard isClean, (1...Self.findingLimit).contains(finding.utf8.count) else {
        throw .malformed(
          "finding must have 1 to \(Self.findingLimit) bytes and no control characters")
      }
    }
    self.effect = effect
    self.from = from
    self.through = through
    self.finding = finding
  }

  /// Reads the members but the quantity.
  init(_ effect: Effect, reading reader: inout ObjectReader) throws(Refusal) {
    try self.init(
      effect, from: try reader.date("from"), through: try reader.date("through"),
      finding: try reader.optionalString("finding", maximum: Self.findingLimit))
  }

  var members: [JSONMember] {
    var members = [
      JSONMember("from", .string(from.description)),
      JSONMember("through", .string(through.description)),
    ]
    if case .correct(let quantity) = effect {
      members.append(JSONMember("quantity", .integer(quantity)))
    }
    members.add("finding", finding.map { .string($0) })
    return members
  }

  package var subject: Decision.Subject {
    switch effect {
    case .waive: .waive
    case .correct: .correct
    case .restore: .restore
    }
  }

  package func covers(_ date: CivilDate) -> Bool { from <= date && date <= through }

  /// Whether it says something of a date between two.
  package func touches(_ first: CivilDate, _ last: CivilDate) -> Bool {
    from <= last && first <= through
  }
}

/// A decision and the sealed document that says the same.
package struct QuotedDecision: Sendable, Equatable {
  package let jws: String
  package let decision: Decision

  /// Reads a sealed decision. Its seal is not looked at: that is for whoever has the keys.
  /// - Throws: ``Refusal`` for what is no decision.
  package init(_ jws: String) throws(Refusal) {
    self.jws = jws
    decision = try Decision.quoted(jws)
  }
}

/// What stands of the decisions about bills: of each installation and date the newest, unless it takes
/// earlier ones back.
package struct DecidedBills: Sendable {
  private var changes: [Thumbprint: [BillChange]] = [:]

  /// - Parameter decisions: in the order of the ledger; those about other matters are passed over.
  package init(_ decisions: some Sequence<Decision>) {
    for decision in decisions {
      guard case .bill(let change) = decision.matter else { continue }
      changes[decision.installation, default: []].append(change)
    }
  }

  /// - Returns: nil where nothing was decided, or nothing stands any more.
  package func standing(of installation: Thumbprint, on date: CivilDate) -> BillChange? {
    guard let change = changes[installation]?.last(where: { $0.covers(date) }),
      change.effect != .restore
    else { return nil }
    return change
  }

  /// The newest of an installation that says something of the dates between two.
  package func newest(
    of installation: Thumbprint, touching first: CivilDate, _ last: CivilDate
  ) -> BillChange? {
    changes[installation]?.last { $0.touches(first, last) }
  }

  /// Bills the lines as it was decided, after everything else is computed.
  /// - Throws: ``BillingError`` `AMOUNT_TOO_LARGE`.
  func apply(to lines: inout [StatementLine]) throws(BillingError) {
    guard !changes.isEmpty else { return }
    for index in lines.indices {
      let line = lines[index]
      guard let change = standing(of: line.installation, on: line.date) else { continue }
      try lines[index].decide(change)
    }
  }
}
