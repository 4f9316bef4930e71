internal import Billing
internal import CivilTime
internal import Licensing
internal import Sealing

// The facts that are announced, each with what makes it the one it is.
extension GatewayEvent {
  /// - Parameters:
  ///   - license: the one in force, whose seats count.
  ///   - taken: how many seats of the line are taken with this one.
  static func activated(
    _ installation: Installation, under license: License, taken: Int64
  ) -> GatewayEvent {
    GatewayEvent(
      .installationActivated, subject: [installation.thumbprint.json], line: installation.line,
      installation: installation.thumbprint,
      data: names(installation) + seats(license, taken))
  }

  static func replaced(_ old: Installation, by installation: Installation) -> GatewayEvent {
    GatewayEvent(
      .installationReplaced, subject: [installation.thumbprint.json, old.thumbprint.json],
      line: installation.line, installation: installation.thumbprint,
      data: names(installation) + [JSONMember("replaces", old.thumbprint.json)])
  }

  static func seatsExhausted(
    by installation: Installation, under license: License, taken: Int64
  ) -> GatewayEvent {
    GatewayEvent(
      .seatsExhausted, subject: [installation.line.json, installation.thumbprint.json],
      line: installation.line, installation: installation.thumbprint,
      data: names(installation) + seats(license, taken))
  }

  static func final(_ statement: Statement) -> GatewayEvent {
    GatewayEvent(
      .statementFinal,
      subject: [statement.line.json, .string(statement.month.description)],
      line: statement.line,
      data: month(statement.line, statement.month, statement.sub) + [
        JSONMember("totals", .array(statement.totals.map(Self.total))),
        JSONMember("position", .integer(statement.position)),
      ])
  }

  static func drafted(_ line: LineID, _ month: Month, of customer: CustomerID) -> GatewayEvent {
    GatewayEvent(
      .statementDrafted, subject: [line.json, .string(month.description)], line: line,
      data: Self.month(line, month, customer))
  }

  /// - Parameters:
  ///   - last: the last date of the license.
  ///   - left: days from today to it.
  ///   - threshold: within how many days it ends.
  static func expiring(
    _ license: License, through last: CivilDate, left: Int64, threshold: Int64
  ) -> GatewayEvent {
    GatewayEvent(
      .licenseExpiring,
      subject: [license.jti.json, .integer(license.revision), .integer(threshold)],
      line: license.line,
      data: [
        JSONMember("line", license.line.json), JSONMember("license", license.jti.json),
        JSONMember("revision", .integer(license.revision)),
        JSONMember("customer_id", license.sub.json),
        JSONMember("edition", .string(license.edition.rawValue)),
        JSONMember("through", .string(last.description)), JSONMember("days_left", .integer(left)),
        JSONMember("within_days", .integer(threshold)),
      ])
  }

  /// A finding that is opened, opened again or graver than before.
  /// - Returns: nil for every other step: whoever takes it knows.
  static func step(_ event: FindingEvent, of finding: LedgerFinding) -> GatewayEvent? {
    switch event.what {
    case .opened, .reopened, .escalated: break
    case .acknowledged, .resolved: return nil
    }
    let name = finding.installation
    var data = [
      JSONMember("finding", finding.id.json), JSONMember("installation", name.json),
      JSONMember("line", finding.line.json), JSONMember("code", .string(finding.code.rawValue)),
      JSONMember("what", .string(event.what.rawValue)),
      JSONMember("first_at", .integer(finding.firstAt)),
    ]
    if let seq = finding.seq { data.append(JSONMember("seq", .integer(seq))) }
    if let level = event.level { data.append(JSONMember("level", .integer(level))) }
    return GatewayEvent(
      .findingOpened,
      subject: [
        name.json, .string(finding.code.rawValue), .string(event.what.rawValue),
        .integer(event.at),
      ], line: finding.line, installation: name, data: data)
  }

  private static func total(_ total: StatementTotal) -> JSONValue {
    [
      "currency": .string(total.currency), "quantity": .integer(total.quantity),
      "amount": .integer(total.amount),
    ]
  }

  private static func names(_ installation: Installation) -> [JSONMember] {
    [
      JSONMember("installation", installation.thumbprint.json),
      JSONMember("line", installation.line.json),
      JSONMember("license", installation.license.json),
    ]
  }

  private static func seats(_ license: License, _ taken: Int64) -> [JSONMember] {
    [
      JSONMember("revision", .integer(license.revision)),
      JSONMember("seats", .integer(license.installations)),
      JSONMember("taken", .integer(taken)),
    ]
  }

  private static func month(
    _ line: LineID, _ month: Month, _ customer: CustomerID
  ) -> [JSONMember] {
    [
      JSONMember("line", line.json), JSONMember("month", .string(month.description)),
      JSONMember("customer_id", customer.json),
    ]
  }
}
