import Billing
import CivilTime
import Licensing
import Metering
import Platform
import Sealing

/// What statements of tests rest on.
enum Samples {
  struct Missing: Error {}

  static func some<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw Missing() }
    return value
  }

  static func date(_ text: String) throws -> CivilDate { try some(CivilDate(text)) }
  static func month(_ text: String) throws -> Month { try some(Month(text)) }
  static func license(_ text: String) throws -> LicenseID { try some(LicenseID("lic_\(text)")) }

  /// A made-up installation's name.
  static func installation(_ byte: UInt8) throws -> Thumbprint {
    Thumbprint(try some(Digest(Array(repeating: byte, count: 32))))
  }

  /// A pay-as-you-go license for the year 2026, 1.20 a day, revision 1 unless said otherwise.
  static func payg(
    revision: Int64 = 1, from: String = "2026-01-01", through: String = "2026-12-31",
    price: Price? = Price(currency: "CNY", minorPerCollectorDay: 120), gaps: GapRule = .carry,
    grace: Int64 = 14, zone: String = "UTC"
  ) throws -> License {
    License(
      iss: "https://license.vendor.example", jti: try license("r\(revision)"),
      line: try some(LineID("lin_1")), revision: revision, sub: try some(CustomerID("cus_1")),
      customer: "ACME Ltd", product: "observability-platform", iat: 1_767_225_600,
      edition: .payg, zone: zone, term: Term(from: try date(from), through: try date(through)),
      gaps: gaps, support: "5x8", graceDays: grace,
      reporting: Reporting(
        mode: .realtime, gateway: "https://usage.vendor.example", leaseHours: 72),
      price: price)
  }

  /// A day record: the whole date, with so many seconds unobserved at its begin.
  static func day(
    _ text: String, peak: Int64?, unobserved: Int64 = 0, of installation: Thumbprint,
    revision: Int64 = 1, kind: UsageEntry.Kind = .day, seq: Int64? = nil, zone: Zone = .utc
  ) throws -> UsageEntry {
    let date = try date(text)
    let span = zone.day(of: date)
    let gaps =
      unobserved > 0
      ? [
        UsageGap(
          from: span.lowerBound, to: span.lowerBound + unobserved, reason: "stopped")
      ] : []
    return UsageEntry(
      installation: installation, seq: kind == .closing ? nil : seq ?? date.daysSinceEpoch,
      kind: kind, date: date, from: span.lowerBound, to: span.upperBound, peak: peak,
      peakAt: peak.map { _ in span.lowerBound + unobserved },
      observed: span.upperBound - span.lowerBound - unobserved, gaps: gaps,
      rule: kind == .closing
        ? nil : UsageRecord.Rule(window: 300, dwell: 0, identity: "datakit:hostname"),
      license: try license("r\(revision)"), revision: revision)
  }

  /// A sample taken so many seconds into the date, all of them watched.
  static func sample(
    _ text: String, at second: Int64, peak: Int64, of installation: Thumbprint, seq: Int64
  ) throws -> UsageEntry {
    let date = try date(text)
    let from = Zone.utc.day(of: date).lowerBound
    return UsageEntry(
      installation: installation, seq: seq, kind: .sample, date: date, from: from,
      to: from + second, peak: peak, peakAt: from, observed: second,
      license: try license("r1"), revision: 1)
  }

  /// The first second of a date, UTC.
  static func midnight(_ text: String) throws -> Int64 {
    Zone.utc.day(of: try date(text)).lowerBound
  }

  /// A statement of November 2026 over entries of installations that were activated on 1 November.
  static func statement(
    _ entries: [UsageEntry], licenses: [License]? = nil, revoked: [LicenseID: Int64] = [:],
    asOf: String = "2026-12-05", activated: String = "2026-11-01",
    installations: [BilledInstallation]? = nil, month: String = "2026-11"
  ) throws -> Statement {
    let since = try midnight(activated)
    let standard = Set(entries.map(\.installation)).map {
      BilledInstallation(thumbprint: $0, activatedAt: since)
    }
    return try Statement.draft(
      from: StatementBasis(
        month: try Self.month(month), zone: .utc, asOf: try midnight(asOf), position: 77,
        licenses: try licenses ?? [payg()], revoked: revoked,
        installations: installations ?? standard, entries: entries))
  }

  /// Well observed day records of successive dates of November, from the 1st.
  static func november(
    _ peaks: [Int64?], of installation: Thumbprint, unobserved: [Int64] = []
  ) throws -> [UsageEntry] {
    try peaks.enumerated().map { index, peak in
      let missing = index < unobserved.count ? unobserved[index] : peak == nil ? 86_400 : 0
      return try day(
        "2026-11-\(index < 9 ? "0" : "")\(index + 1)", peak: peak, unobserved: missing,
        of: installation)
    }
  }
}
