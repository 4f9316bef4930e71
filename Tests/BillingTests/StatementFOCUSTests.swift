import Billing
import CivilTime
import Foundation
import Licensing
import Platform
import Sealing
import Testing

/// A statement as charges of FOCUS 1.2 (https://focus.finops.org/focus-specification/v1-2/, and the
/// same by column in https://github.com/FinOps-Open-Cost-and-Usage-Spec/FOCUS_Spec, specification/columns).
@Suite struct StatementFOCUSTests {
  enum Kind {
    /// Any text that is not empty.
    case text
    /// A decimal number.
    case decimal
    /// `2026-11-01T00:00:00Z`.
    case instant
    /// A JSON object of text.
    case tags
    /// One of these.
    case one(Set<String>)
  }

  /// A column as "Content Constraints" of the specification has it.
  struct Demand {
    let name: String
    let kind: Kind
    let isMandatory: Bool
    /// Whether a row that is no correction may leave it empty.
    let allowsNull: Bool
    /// Whether a correction may.
    let correctionAllowsNull: Bool

    init(
      _ name: String, _ kind: Kind, mandatory: Bool = true, null: Bool = false,
      correction: Bool? = nil
    ) {
      self.name = name
      self.kind = kind
      isMandatory = mandatory
      allowsNull = null
      correctionAllowsNull = correction ?? null
    }
  }

  static let demands: [Demand] = [
    Demand("BilledCost", .decimal),
    Demand("BillingAccountId", .text),
    Demand("BillingAccountName", .text, null: true),
    Demand("BillingAccountType", .text, mandatory: false),
    Demand("BillingCurrency", .text),
    Demand("BillingPeriodEnd", .instant),
    Demand("BillingPeriodStart", .instant),
    Demand(
      "ChargeCategory", .one(["Usage", "Purchase", "Tax", "Credit", "Adjustment"])),
    Demand("ChargeClass", .one(["Correction"]), null: true, correction: false),
    Demand("ChargeDescription", .text, null: true),
    Demand(
      "ChargeFrequency", .one(["One-Time", "Recurring", "Usage-Based"]), mandatory: false),
    Demand("ChargePeriodEnd", .instant),
    Demand("ChargePeriodStart", .instant),
    Demand("ConsumedQuantity", .decimal, mandatory: false, correction: true),
    Demand("ConsumedUnit", .text, mandatory: false, correction: true),
    Demand("ContractedCost", .decimal),
    Demand("ContractedUnitPrice", .decimal, mandatory: false, correction: true),
    Demand("EffectiveCost", .decimal),
    Demand("InvoiceId", .text, mandatory: false, null: true),
    Demand("InvoiceIssuerName", .text),
    Demand("ListCost", .decimal),
    Demand("ListUnitPrice", .decimal, mandatory: false, correction: true),
    Demand(
      "PricingCategory", .one(["Standard", "Dynamic", "Committed", "Other"]), mandatory: false,
      correction: true),
    Demand("PricingQuantity", .decimal, correction: true),
    Demand("PricingUnit", .text, correction: true),
    Demand("ProviderName", .text),
    Demand("PublisherName", .text),
    Demand("RegionId", .text, mandatory: false, null: true),
    Demand("RegionName", .text, mandatory: false, null: true),
    Demand("ResourceId", .text, mandatory: false, null: true),
    Demand("ResourceName", .text, mandatory: false, null: true),
    Demand("ResourceType", .text, mandatory: false, null: true),
    Demand(
      "ServiceCategory",
      .one([
        "AI and Machine Learning", "Analytics", "Business Applications", "Compute", "Databases",
        "Developer Tools", "Multicloud", "Identity", "Integration", "Internet of Things",
        "Management and Governance", "Media", "Migration", "Mobile", "Networking", "Security",
        "Storage", "Web", "Other",
      ])),
    Demand("ServiceName", .text),
    Demand(
      "ServiceSubcategory",
      .one([
        "Administration", "Architecture", "Compliance", "Cost Management", "Data Governance",
        "Disaster Recovery", "Endpoint Management", "Observability", "Support",
        "Other (Management and Governance)",
      ]), mandatory: false),
    Demand("SkuId", .text, mandatory: false, correction: true),
    Demand("SkuMeter", .text, mandatory: false, null: true),
    Demand("SkuPriceDetails", .tags, mandatory: false, null: true),
    Demand("SkuPriceId", .text, mandatory: false, correction: true),
    Demand("Tags", .tags, mandatory: false, null: true),
  ]

  /// All that the specification calls mandatory, so that none is forgotten in the table above.
  static let mandatory: Set<String> = [
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd",
    "BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargePeriodEnd",
    "ChargePeriodStart", "ContractedCost", "EffectiveCost", "InvoiceIssuerName", "ListCost",
    "PricingQuantity", "PricingUnit", "ProviderName", "PublisherName", "ServiceCategory",
    "ServiceName",
  ]

  static func text(_ statement: Statement, _ zone: Zone = .utc) throws -> String {
    try Samples.some(String(validating: statement.focus(in: zone), as: UTF8.self))
  }

  @Test func `the table of demands has every mandatory column of the specification`() {
    #expect(Set(Self.demands.filter(\.isMandatory).map(\.name)) == Self.mandatory)
    #expect(Self.mandatory.count == 21)
  }

  @Test func `columns are those of the specification in order, then ours with their prefix`() throws
  {
    let names = try CSVReader.records(try Self.text(try StatementCSVTests.november()))[0]
    let focus = names.filter { !$0.hasPrefix("x_") }
    #expect(focus == Self.demands.map(\.name))
    let own = names.filter { $0.hasPrefix("x_") }
    #expect(names == focus + own && own == own.sorted() && own.count == 22)
    for name in own {
      #expect(name.count <= 50 && name.dropFirst(2).first?.isUppercase == true)
      #expect(name.dropFirst(2).allSatisfy { $0.isLetter && $0.isASCII })
    }
  }

  @Test func `every cell is what the specification allows in its column`() throws {
    var corrections = 0
    for statement in [try StatementCSVTests.november(), try StatementCSVTests.corrected()] {
      let rows = try CSVReader.rows(try Self.text(statement))
      #expect(!rows.isEmpty)
      for row in rows {
        let isCorrection = row["ChargeClass"] == "Correction"
        corrections += isCorrection ? 1 : 0
        for demand in Self.demands {
          let cell = try #require(row[demand.name])
          guard cell.isEmpty else {
            #expect(Self.isValid(cell, demand.kind), "\(demand.name): \(cell)")
            continue
          }
          let allows = isCorrection ? demand.correctionAllowsNull : demand.allowsNull
          #expect(allows, "\(demand.name) is empty")
        }
      }
    }
    #expect(corrections == (try StatementCSVTests.corrected().corrections.count))
    #expect(corrections > 2)
  }

  private static func isValid(_ cell: String, _ kind: Kind) -> Bool {
    switch kind {
    case .text: return !cell.allSatisfy(\.isWhitespace)
    case .decimal: return cell.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?/) != nil
    case .instant:
      return cell.wholeMatch(of: /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z/) != nil
    case .one(let allowed): return allowed.contains(cell)
    case .tags:
      guard let value = try? JSONScanner.scan(Array(cell.utf8), maximumDepth: 1),
        case .object(let members) = value
      else { return false }
      return members.allSatisfy { $0.value.string != nil }
    }
  }

  @Test func `costs are quantity times price to the digit, and their sum is the statement's total`()
    throws
  {
    for statement in [try StatementCSVTests.november(), try StatementCSVTests.corrected()] {
      let rows = try CSVReader.rows(try Self.text(statement))
      var sum = Foundation.Decimal(0)
      for row in rows {
        let cost = try Self.number(row["BilledCost"])
        sum += cost
        for name in ["EffectiveCost", "ListCost", "ContractedCost"] {
          #expect(row[name] == row["BilledCost"])
        }
        guard row["ChargeClass"] == "" else { continue }
        let quantity = try Self.number(row["PricingQuantity"])
        #expect(try quantity * Self.number(row["ContractedUnitPrice"]) == cost)
        #expect(try quantity * Self.number(row["ListUnitPrice"]) == cost)
      }
      let total = try #require(statement.totals.first)
      #expect(sum == Foundation.Decimal(total.amount) / 100)
    }
  }

  private static func number(_ text: String?) throws -> Foundation.Decimal {
    try Samples.some(Foundation.Decimal(string: try Samples.some(text)))
  }

  @Test func `a correction is charged in this period for the date that it makes good`() throws {
    let rows = try CSVReader.rows(try Self.text(try StatementCSVTests.corrected()))
    let row = try #require(
      rows.first { $0["ChargeClass"] == "Correction" && $0["x_LocalDate"] == "2026-11-02" })
    #expect(row["BillingPeriodStart"] == "2027-01-01T00:00:00Z")
    #expect(row["BillingPeriodEnd"] == "2027-02-01T00:00:00Z")
    #expect(row["ChargePeriodStart"] == "2026-11-02T00:00:00Z")
    #expect(row["ChargePeriodEnd"] == "2026-11-03T00:00:00Z")
    #expect(row["BilledCost"] == "-3.60" && row["PricingQuantity"] == "-3")
    #expect(row["ContractedUnitPrice"] == "" && row["ChargeCategory"] == "Usage")
    #expect(row["x_CorrectedFrom"] == "5" && row["x_CorrectedTo"] == "2")
  }

  @Test func `periods begin and end where the dates of the license's zone do`() throws {
    let zone = try ZoneFiles.load("America/New_York")
    let installation = try Samples.installation(1)
    let entry = try Samples.day("2026-11-01", peak: 3, of: installation, zone: zone)
    let basis = StatementBasis(
      month: try Samples.month("2026-11"), zone: zone,
      asOf: zone.day(of: try Samples.date("2026-11-02")).lowerBound, position: 1,
      licenses: [try Samples.payg(zone: "America/New_York")],
      installations: [
        BilledInstallation(thumbprint: installation, activatedAt: entry.from)
      ], entries: [entry])
    let row = try #require(
      try CSVReader.rows(try Self.text(try Statement.draft(from: basis), zone)).first)
    // 25 hours long: clocks go back on 1 November 2026.
    #expect(row["ChargePeriodStart"] == "2026-11-01T04:00:00Z")
    #expect(row["ChargePeriodEnd"] == "2026-11-02T05:00:00Z")
    #expect(row["BillingPeriodEnd"] == "2026-12-01T05:00:00Z")
    #expect(row["x_TimeZone"] == "America/New_York" && row["x_Seconds"] == "90000")
  }

  @Test func `what has no price is no charge`() throws {
    let statement = try Samples.statement(
      try Samples.november([4], of: Samples.installation(1)),
      licenses: [try Samples.payg(price: nil)], asOf: "2026-11-02")
    #expect(try CSVReader.records(try Self.text(statement)).count == 1)
  }
}
