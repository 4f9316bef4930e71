package import CivilTime
package import Licensing
package import Sealing

/// What one installation knows by itself of its line: enough to compute its own lines of a statement.
package struct OwnUsage: Sendable {
  package var installation: BilledInstallation
  package var zone: Zone
  /// The revisions of the line that are installed.
  package var licenses: [License]
  /// When each revoked license was, in Unix seconds.
  package var revoked: [LicenseID: Int64]
  /// Its day records and samples, whoever knows them.
  package var entries: [UsageEntry]
  /// Dates of which the bytes of samples are not kept any more.
  package var thinned: Set<CivilDate>
  /// The last record that a receipt shows to lie in the gateway's ledger at the statement's position.
  package var receipted: Int64

  package init(
    installation: BilledInstallation, zone: Zone, licenses: [License],
    revoked: [LicenseID: Int64] = [:], entries: [UsageEntry], thinned: Set<CivilDate> = [],
    receipted: Int64
  ) {
    self.installation = installation
    self.zone = zone
    self.licenses = licenses
    self.revoked = revoked
    self.entries = entries
    self.thinned = thinned
    self.receipted = receipted
  }
}

/// A statement held against an installation's own records.
package struct StatementRecount: Sendable, Equatable {
  /// The first thing that the statement says otherwise than the records do.
  package struct Difference: Sendable, Equatable {
    package enum Entry: String, Sendable {
      case line
      case correction
    }

    package var entry: Entry
    package var installation: Thumbprint
    package var date: CivilDate
    /// The member that differs; nil where one of both has no such entry.
    package var member: String?
    /// What each says, nil where it says nothing.
    package var statement: JSONValue?
    package var records: JSONValue?
  }

  /// What the installation cannot tell.
  package enum Unseen: Sendable, Equatable {
    /// Lines of other installations: each checks its own.
    case others(installations: Int, entries: Int)
    /// The bytes of the samples on which the date rests are not kept any more.
    case samples(CivilDate)
    /// Another installation bills the date in place of this one.
    case yielded(CivilDate, Thumbprint)
    /// The quantity is carried from the installation whose place this one took.
    case inherited(CivilDate)
    /// The license that prices the date is not installed.
    case license(CivilDate, LicenseID)
    /// What was billed before is in final statements of earlier months.
    case billedBefore(corrections: Int)
    /// What a correction charges rests on an earlier price.
    case earlierPrice(CivilDate)
  }

  /// Lines and corrections of the installation that were computed anew.
  package var entries = 0
  package var difference: Difference?
  package var unseen: [Unseen] = []
}

extension Statement {
  /// Computes an installation's own lines and corrections anew and compares them, to the byte.
  ///
  /// Rules:
  /// 1. A record counts if a receipt shows that the gateway had it at the statement's position, or if the
  ///    statement itself names it or a later one.
  /// 2. That a date was closed without a day record is the gateway's word; what was closed is computed from
  ///    the sample that the line names.
  /// 3. What staff decided about bills is taken from the decisions that the statement quotes, the newest of a
  ///    date; whose seals are on them is not looked at here, see ``Statement/requireSealedDecisions(under:)``.
  /// 4. What cannot be known here is named, and nothing is concluded from it.
  /// - Throws: ``BillingError`` `NO_LICENSE` where no license of the line is installed.
  package func recounted(by own: OwnUsage) throws(BillingError) -> StatementRecount {
    var recounter = try StatementRecounter(self, own)
    try recounter.compareLines()
    try recounter.compareCorrections()
    recounter.nameOthers()
    return recounter.recount
  }
}

/// The comparison in the making.
private struct StatementRecounter {
  private let statement: Statement
  private let own: OwnUsage
  private let name: Thumbprint
  private let lines: [StatementLine]
  private let corrections: [StatementCorrection]
  /// The entries that the gateway had.
  private let known: [UsageEntry]
  private let installed: Set<LicenseID>
  private let decisions: [QuotedDecision]
  private(set) var recount = StatementRecount()

  init(_ statement: Statement, _ own: OwnUsage) throws(BillingError) {
    self.statement = statement
    var own = own
    name = own.installation.thumbprint
    let name = name
    lines = statement.lines.filter { $0.installation == name }
    corrections = statement.corrections.filter { $0.installation == name }
    let named = (lines.compactMap(\.seq) + corrections.compactMap(\.seq)).max() ?? 0
    let through = max(own.receipted, named)
    known = own.entries.filter { ($0.seq ?? 0) <= through }
    installed = Set(own.licenses.map(\.jti))
    // A statement that was parsed has none that cannot be read.
    decisions = statement.decisions.compactMap { try? QuotedDecision($0) }
    own.installation.releasedAt = Self.release(of: name, in: decisions)
    self.own = own
  }

  /// When staff freed the installation's seat, as far as the statement quotes it.
  private static func release(of name: Thumbprint, in decisions: [QuotedDecision]) -> Int64? {
    decisions.map(\.decision).first { $0.installation == name && $0.matter == .release }?.iat
  }

  mutating func compareLines() throws(BillingError) {
    let told = lines.map {
      Told(
        date: $0.date, basis: $0.basis, seq: $0.seq, license: $0.license, revision: $0.revision,
        sampledPeak: $0.sampledPeak)
    }
    let computed = try self.lines(of: statement.month, told)
    let dates = Set(lines.map(\.date)).union(computed.keys).sorted()
    let stated = Dictionary(lines.map { ($0.date, $0) }, uniquingKeysWith: { first, _ in first })
    for date in dates where recount.difference == nil {
      recount.entries += 1
      switch (stated[date], computed[date]) {
      case (let stated?, let computed?): compare(stated, computed)
      case (let stated?, nil):
        guard !isThinned(date, stated.basis, stated.seq) else { continue }
        differ(.line, date, nil, stated.json, nil)
      case (nil, let computed?): differ(.line, date, nil, nil, computed.json)
      case (nil, nil): break
      }
    }
  }

  private mutating func compare(_ stated: StatementLine, _ computed: StatementLine) {
    let passed = passedOver(stated, computed)
    guard stated != computed else { return }
    guard let (left, right) = Self.members(stated.json, computed.json) else { return }
    let rights = Dictionary(
      right.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    let lefts = Dictionary(
      left.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    for member in left where !passed.contains(member.name) && rights[member.name] != member.value {
      return differ(.line, stated.date, member.name, member.value, rights[member.name])
    }
    for member in right where !passed.contains(member.name) && lefts[member.name] == nil {
      return differ(.line, stated.date, member.name, nil, member.value)
    }
  }

  private static let billing: Set<String> = [
    "quantity", "carried_from", "yields_to", "computed", "currency", "rate", "amount",
  ]

  /// The members that cannot be held against the records, and why.
  private mutating func passedOver(
    _ stated: StatementLine, _ computed: StatementLine
  ) -> Set<String> {
    if !installed.contains(stated.license) {
      recount.unseen.append(.license(stated.date, stated.license))
      let unknown = Self.billing.union(["license", "revision", "terms"])
      return stated.decided == nil ? unknown : unknown.subtracting(["quantity"])
    }
    // Where staff decided, what is billed is known all the same.
    let replaceable: Set<String> = stated.decided == nil ? ["quantity", "amount"] : ["computed"]
    if let other = stated.yieldsTo {
      let line = statement.lines.first { $0.installation == other && $0.date == stated.date }
      guard let line, line.undecided >= computed.undecided else { return [] }
      recount.unseen.append(.yielded(stated.date, other))
      return replaceable.union(["carried_from", "yields_to"])
    }
    if inherits(stated.date), stated.unobserved > CarryHistory.tolerance || stated.peak == nil,
      stated.carriedFrom != computed.carriedFrom || stated.undecided != computed.undecided
    {
      recount.unseen.append(.inherited(stated.date))
      return replaceable.union(["carried_from"])
    }
    if isThinned(stated.date, stated.basis, stated.seq) {
      guard let (left, right) = Self.members(stated.json, computed.json) else { return [] }
      return Set((left + right).map(\.name))
    }
    return []
  }

  mutating func compareCorrections() throws(BillingError) {
    guard recount.difference == nil, !corrections.isEmpty else { return }
    for month in Set(corrections.map { Month(of: $0.date) }).sorted(by: { $0.first < $1.first }) {
      let of = corrections.filter { month.contains($0.date) }
      let told = of.map {
        Told(
          date: $0.date, basis: $0.basis, seq: $0.seq, license: $0.license,
          revision: $0.revision, sampledPeak: nil)
      }
      let computed = try lines(of: month, told)
      for correction in of where recount.difference == nil {
        recount.entries += 1
        compare(correction, computed[correction.date])
      }
    }
    recount.unseen.append(.billedBefore(corrections: corrections.count))
  }

  private mutating func compare(_ stated: StatementCorrection, _ computed: StatementLine?) {
    guard let computed else {
      if stated.now != 0 { differ(.correction, stated.date, "now", .integer(stated.now), nil) }
      return
    }
    // What the date costs now, in another currency or nothing, is an entry of its own.
    if stated.isGivenBack, stated.charge?.currency != computed.charge?.currency { return }
    guard compareDecided(stated, computed) else { return }
    guard !isThinned(stated.date, stated.basis, stated.seq) else { return }
    let members: [(String, JSONValue?, JSONValue?)] = [
      ("basis", .string(stated.basis.rawValue), .string(computed.basis.rawValue)),
      ("seq", stated.seq.map { .integer($0) }, computed.seq.map { .integer($0) }),
    ]
    for (member, left, right) in members where left != right {
      return differ(.correction, stated.date, member, left, right)
    }
    guard installed.contains(stated.license) else {
      recount.unseen.append(.license(stated.date, stated.license))
      return
    }
    if let other = stated.yieldsTo, stated.decided == nil {
      return recount.unseen.append(.yielded(stated.date, other))
    }
    guard !inherits(stated.date) || stated.now == computed.quantity else {
      recount.unseen.append(.inherited(stated.date))
      return
    }
    comparePrice(stated, computed)
  }

  /// - Returns: false where staff decided otherwise than the correction says.
  private mutating func compareDecided(
    _ stated: StatementCorrection, _ computed: StatementLine
  ) -> Bool {
    guard stated.decided == computed.decided else {
      differ(
        .correction, stated.date, "decided", stated.decided.map { .string($0.rawValue) },
        computed.decided.map { .string($0.rawValue) })
      return false
    }
    guard stated.decided == nil || stated.now == computed.quantity else {
      differ(.correction, stated.date, "now", .integer(stated.now), .integer(computed.quantity))
      return false
    }
    return true
  }

  private mutating func comparePrice(_ stated: StatementCorrection, _ computed: StatementLine) {
    let members: [(String, JSONValue, JSONValue)] = [
      ("license", stated.license.json, computed.license.json),
      ("revision", .integer(stated.revision), .integer(computed.revision)),
      ("now", .integer(stated.now), .integer(computed.quantity)),
    ]
    for (member, left, right) in members where left != right {
      return differ(.correction, stated.date, member, left, right)
    }
    guard let charge = stated.charge else { return }
    let (amount, overflow) = stated.quantity.multipliedReportingOverflow(
      by: computed.charge?.rate ?? 0)
    guard !overflow, amount == charge.amount, computed.charge?.currency == charge.currency else {
      return recount.unseen.append(.earlierPrice(stated.date))
    }
  }

  /// Whether what is carried to a date may come from the installation whose place this one took: it has
  /// fewer well observed dates of its own than are looked at.
  private func inherits(_ date: CivilDate) -> Bool {
    guard own.installation.replaces != nil else { return false }
    let well = known.filter { entry in
      entry.kind == .day && entry.date < date && entry.peak != nil
        && entry.to - entry.from - entry.observed <= CarryHistory.tolerance
    }
    return well.count < CarryHistory.reach
  }

  mutating func nameOthers() {
    let others =
      statement.lines.map(\.installation).filter { $0 != name }
      + statement.corrections.map(\.installation).filter { $0 != name }
    guard !others.isEmpty else { return }
    recount.unseen.append(
      .others(installations: Set(others).count, entries: others.count))
  }

  private mutating func differ(
    _ entry: StatementRecount.Difference.Entry, _ date: CivilDate, _ member: String?,
    _ statement: JSONValue?, _ records: JSONValue?
  ) {
    recount.difference = StatementRecount.Difference(
      entry: entry, installation: name, date: date, member: member, statement: statement,
      records: records)
  }

  private static func members(
    _ left: JSONValue, _ right: JSONValue
  ) -> ([JSONMember], [JSONMember])? {
    guard case .object(let left) = left, case .object(let right) = right else { return nil }
    return (left, right)
  }
}

// Computing the installation's own lines.
extension StatementRecounter {
  /// What the statement says that a date rests on.
  private struct Told {
    let date: CivilDate
    let basis: StatementLine.Basis
    let seq: Int64?
    let license: LicenseID
    let revision: Int64
    let sampledPeak: Int64?
  }

  private func lines(
    of month: Month, _ told: [Told]
  ) throws(BillingError) -> [CivilDate: StatementLine] {
    var entries = known.map { entry in
      var entry = entry
      let told = told.first { $0.date == entry.date }
      if own.thinned.contains(entry.date), let peak = told?.sampledPeak {
        entry.sampledPeak = max(entry.sampledPeak ?? 0, peak)
      }
      return entry
    }
    entries += told.filter { $0.basis == .closing }.map { closing(of: $0) }
    let draft = try Statement.draft(
      from: StatementBasis(
        month: month, zone: own.zone, asOf: statement.asOf, position: statement.position,
        licenses: own.licenses, revoked: own.revoked, installations: [own.installation],
        entries: entries, decisions: decisions))
    return Dictionary(draft.lines.map { ($0.date, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The date as the gateway closed it from the sample that the statement names.
  private func closing(of told: Told) -> UsageEntry {
    let sample = known.first {
      $0.date == told.date && $0.kind == .sample && $0.seq == told.seq && told.seq != nil
    }
    let whole = own.zone.day(of: told.date)
    let from = sample?.from ?? whole.lowerBound
    let to = from + Int64(whole.count)
    var gaps = sample?.gaps ?? []
    let since = min(sample?.to ?? from, to)
    if since < to { gaps.append(UsageGap(from: since, to: to, reason: DateClosing.unreported)) }
    return UsageEntry(
      installation: name, seq: told.seq, kind: .closing, date: told.date, from: from, to: to,
      peak: sample?.peak, peakAt: sample?.peakAt, observed: sample?.observed ?? 0, gaps: gaps,
      rule: sample?.rule,
      license: sample?.license ?? told.license,
      revision: sample?.revision ?? told.revision)
  }

  /// Whether a date rests on a sample whose bytes are gone.
  private mutating func isThinned(
    _ date: CivilDate, _ basis: StatementLine.Basis, _ seq: Int64?
  ) -> Bool {
    guard own.thinned.contains(date), basis == .closing || basis == .sample, let seq,
      !known.contains(where: { $0.date == date && $0.seq == seq })
    else { return false }
    recount.unseen.append(.samples(date))
    return true
  }
}
