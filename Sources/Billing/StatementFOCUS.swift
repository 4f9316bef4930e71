package import CivilTime
import Licensing
import Sealing

extension Statement {
  /// The statement as charges of the FinOps Open Cost and Usage Specification, version 1.2: UTF-8, a row
  /// for each priced line and each priced correction. What has no price is no charge and has no row.
  ///
  /// Rules:
  /// 1. All columns that the specification calls mandatory, and of the conditional ones those that a
  ///    statement can fill; what is not known is empty. What FOCUS has no name for stands in `x_` columns.
  /// 2. The billing period is the statement's month, a charge's period its date; both begin and end at the
  ///    instants at which the dates of the license's zone do.
  /// 3. A line is a charge of category `Usage`; a correction is one, too, of class `Correction`, and gives
  ///    no unit price.
  /// 4. The license's price is the only one known: list, contracted, effective and billed cost are one.
  /// - Parameter zone: the one that the statement names.
  package func focus(in zone: Zone) -> [UInt8] {
    let columns = Self.focusColumns
    var text = CSVText(columns.map(\.name), marked: false)
    for entry in entries {
      guard let money = entry.money else { continue }
      let charge = FOCUSCharge(statement: self, entry: entry, money: money, zone: zone)
      text.add(columns.map { $0.cell(charge) })
    }
    return text.bytes
  }

  static var focusColumns: [FOCUSColumn] {
    let columns =
      FOCUSColumn.ofAccount + FOCUSColumn.ofCharge + FOCUSColumn.ofCost + FOCUSColumn.ofService
    return columns.sorted { $0.name < $1.name } + FOCUSColumn.ofTally.sorted { $0.name < $1.name }
  }
}

/// One row, and what its cells are made from.
struct FOCUSCharge {
  let statement: Statement
  let entry: StatementEntry
  let money: (currency: String, amount: Int64)
  let zone: Zone

  var cost: CSVText.Cell { Statement.decimal(money) }

  /// The price of one collector and date; a correction has none, since it may be of two.
  var unitPrice: CSVText.Cell {
    Statement.decimal(entry.line?.charge.map { ($0.currency, $0.rate) })
  }

  func begin(of date: CivilDate) -> CSVText.Cell {
    .word(UTC.text(zone.day(of: date).lowerBound))
  }

  func end(of date: CivilDate) -> CSVText.Cell {
    .word(UTC.text(zone.day(of: date).upperBound))
  }

  /// What the charge is for, understood without the other columns.
  var description: String {
    let what = "\(statement.product), \(entry.date), installation \(entry.installation)"
    switch entry {
    case .correction(let correction):
      return "Correction of \(what): \(correction.was) collectors were billed, "
        + Self.present(correction)
    case .line(let line):
      if let decided = line.decided { return "\(what): " + Self.words(line, decided) }
      if let other = line.yieldsTo { return "\(what): billed with installation \(other)" }
      if let date = line.carriedFrom {
        return "\(what): \(line.quantity) collectors, the peak of \(date)"
      }
      return "\(what): \(line.quantity) collectors at the peak"
    }
  }

  private static func present(_ correction: StatementCorrection) -> String {
    switch correction.decided {
    case .waive: "it is waived"
    case .correct: "it is corrected to \(correction.now) by decision"
    case nil: "it comes to \(correction.now)"
    }
  }

  private static func words(_ line: StatementLine, _ decided: StatementLine.Decided) -> String {
    switch decided {
    case .waive: "waived, it would come to \(line.undecided) collectors"
    case .correct:
      "\(line.quantity) collectors by decision, it would come to \(line.undecided)"
    }
  }

  /// Tags that the vendor gives, with a prefix of their own: a JSON object of text.
  var tags: String {
    let tags: JSONValue = [
      "tally/license": .string(entry.license.id.text), "tally/line": .string(statement.line.text),
    ]
    return tags.text
  }
}

/// A column of FOCUS, or one of ours.
struct FOCUSColumn {
  let name: String
  let cell: (FOCUSCharge) -> CSVText.Cell

  init(_ name: String, _ cell: @escaping (FOCUSCharge) -> CSVText.Cell) {
    self.name = name
    self.cell = cell
  }

  static var ofAccount: [FOCUSColumn] {
    [
      FOCUSColumn("BillingAccountId") { .text($0.statement.sub.text) },
      FOCUSColumn("BillingAccountName") { .text($0.statement.customer) },
      FOCUSColumn("BillingAccountType") { _ in .word("Customer") },
      FOCUSColumn("BillingCurrency") { .text($0.money.currency) },
      FOCUSColumn("BillingPeriodEnd") { $0.end(of: $0.statement.month.last) },
      FOCUSColumn("BillingPeriodStart") { $0.begin(of: $0.statement.month.first) },
      FOCUSColumn("InvoiceId") { _ in .absent },
      FOCUSColumn("InvoiceIssuerName") { .text($0.statement.iss) },
      FOCUSColumn("ProviderName") { .text($0.statement.iss) },
      FOCUSColumn("PublisherName") { .text($0.statement.iss) },
    ]
  }

  static var ofCharge: [FOCUSColumn] {
    [
      FOCUSColumn("ChargeCategory") { _ in .word("Usage") },
      FOCUSColumn("ChargeClass") { $0.entry.line == nil ? .word("Correction") : .absent },
      FOCUSColumn("ChargeDescription") { .text($0.description) },
      FOCUSColumn("ChargeFrequency") { _ in .word("Usage-Based") },
      FOCUSColumn("ChargePeriodEnd") { $0.end(of: $0.entry.date) },
      FOCUSColumn("ChargePeriodStart") { $0.begin(of: $0.entry.date) },
      FOCUSColumn("ConsumedQuantity") { .integer($0.entry.quantity) },
      FOCUSColumn("ConsumedUnit") { _ in .word("Collector-Days") },
      FOCUSColumn("PricingCategory") { $0.entry.line == nil ? .absent : .word("Standard") },
      FOCUSColumn("PricingQuantity") { .integer($0.entry.quantity) },
      FOCUSColumn("PricingUnit") { _ in .word("Collector-Days") },
    ]
  }

  static var ofCost: [FOCUSColumn] {
    [
      FOCUSColumn("BilledCost") { $0.cost },
      FOCUSColumn("ContractedCost") { $0.cost },
      FOCUSColumn("ContractedUnitPrice") { $0.unitPrice },
      FOCUSColumn("EffectiveCost") { $0.cost },
      FOCUSColumn("ListCost") { $0.cost },
      FOCUSColumn("ListUnitPrice") { $0.unitPrice },
    ]
  }

  static var ofService: [FOCUSColumn] {
    [
      FOCUSColumn("RegionId") { _ in .absent },
      FOCUSColumn("RegionName") { _ in .absent },
      FOCUSColumn("ResourceId") { .text($0.entry.installation.text) },
      FOCUSColumn("ResourceName") { _ in .absent },
      FOCUSColumn("ResourceType") { _ in .word("Installation") },
      FOCUSColumn("ServiceCategory") { _ in .word("Management and Governance") },
      FOCUSColumn("ServiceName") { .text($0.statement.product) },
      FOCUSColumn("ServiceSubcategory") { _ in .word("Observability") },
      FOCUSColumn("SkuId") { _ in .word("collector-day") },
      FOCUSColumn("SkuMeter") { _ in .word("Daily peak of collectors") },
      FOCUSColumn("SkuPriceDetails") { _ in .absent },
      FOCUSColumn("SkuPriceId") { _ in .word("collector-day") },
      FOCUSColumn("Tags") { .text($0.tags) },
    ]
  }

  /// What FOCUS has no name for.
  static var ofTally: [FOCUSColumn] {
    [
      FOCUSColumn("x_Basis") { .word($0.entry.basis.rawValue) },
      FOCUSColumn("x_CarriedFrom") {
        $0.entry.line?.carriedFrom.map { .word($0.description) } ?? .absent
      },
      FOCUSColumn("x_ComputedQuantity") { CSVText.Cell($0.entry.line?.computed) },
      FOCUSColumn("x_CorrectedFrom") { CSVText.Cell($0.entry.correction?.was) },
      FOCUSColumn("x_CorrectedTo") { CSVText.Cell($0.entry.correction?.now) },
      FOCUSColumn("x_Decided") {
        $0.entry.decided.map { .word($0.rawValue) } ?? .absent
      },
      FOCUSColumn("x_GapCount") { CSVText.Cell($0.entry.line?.gapCount) },
      FOCUSColumn("x_LedgerPosition") { .integer($0.statement.position) },
      FOCUSColumn("x_LicenseId") { .text($0.entry.license.id.text) },
      FOCUSColumn("x_LicenseLineId") { .text($0.statement.line.text) },
      FOCUSColumn("x_LicenseRevision") { .integer($0.entry.license.revision) },
      FOCUSColumn("x_LocalDate") { .word($0.entry.date.description) },
      FOCUSColumn("x_ObservedSeconds") { CSVText.Cell($0.entry.line?.observed) },
      FOCUSColumn("x_Peak") { CSVText.Cell($0.entry.line?.peak) },
      FOCUSColumn("x_PeakTime") {
        $0.entry.line?.peakAt.map { .word(UTC.text($0)) } ?? .absent
      },
      FOCUSColumn("x_RecordSequence") { CSVText.Cell($0.entry.seq) },
      FOCUSColumn("x_SampledPeak") { CSVText.Cell($0.entry.line?.sampledPeak) },
      FOCUSColumn("x_Seconds") { CSVText.Cell($0.entry.line?.seconds) },
      FOCUSColumn("x_StatementStatus") { .word($0.statement.status.rawValue) },
      FOCUSColumn("x_Terms") { $0.entry.line.map { .word($0.terms.rawValue) } ?? .absent },
      FOCUSColumn("x_TimeZone") { .text($0.statement.zone) },
      FOCUSColumn("x_YieldsToId") { CSVText.Cell(text: $0.entry.yieldsTo?.text) },
    ]
  }
}
