import CivilTime
package import Licensing
import Sealing

/// What the final statements of a line billed for the dates of one month: the month's own, and the
/// corrections of those that were made after it.
///
/// Both sides have settled it: a price that is published later, a license that is issued anew or another
/// edition of the time zone data moves none of it. Records do.
package struct SettledMonth: Sendable, Equatable {
  struct Key: Hashable, Sendable {
    let installation: Thumbprint
    let date: CivilDate
  }

  /// What a date rested on when it was billed last, and the license that priced it.
  struct Settled: Sendable, Equatable {
    var basis: StatementLine.Basis
    var seq: Int64?
    var license: LicenseID
  }

  private(set) var dates: [Key: Settled] = [:]

  /// - Parameter finals: of one line, in the order in which they were made.
  /// - Returns: nil where none is of the month.
  package init?(_ month: Month, in finals: [Statement]) {
    guard finals.contains(where: { $0.month == month }) else { return nil }
    for final in finals {
      for line in final.lines where final.month == month {
        set(line.installation, line.date, Settled(line))
      }
      // Where a date changed its currency there are two: the one that gives back rests on nothing.
      let own = final.corrections.filter { month.contains($0.date) }
      for correction in own.filter({ $0.basis == .none }) + own.filter({ $0.basis != .none }) {
        set(correction.installation, correction.date, Settled(correction))
      }
    }
  }

  private mutating func set(_ name: Thumbprint, _ date: CivilDate, _ settled: Settled) {
    dates[Key(installation: name, date: date)] = settled
  }

  /// The licenses that priced the dates.
  package var licenses: Set<LicenseID> { Set(dates.values.map(\.license)) }

  /// The license that prices a date still: it rests on what it rested on when it was billed.
  func license(
    of installation: Thumbprint, on date: CivilDate, _ entry: UsageEntry?
  ) -> LicenseID? {
    guard let known = dates[Key(installation: installation, date: date)],
      known.basis == StatementLine.Basis(entry), known.seq == entry?.seq
    else { return nil }
    return known.license
  }
}

extension SettledMonth.Settled {
  fileprivate init(_ line: StatementLine) {
    self.init(basis: line.basis, seq: line.seq, license: line.license)
  }

  fileprivate init(_ correction: StatementCorrection) {
    self.init(basis: correction.basis, seq: correction.seq, license: correction.license)
  }
}
