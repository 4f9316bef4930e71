package import Licensing
package import Sealing

/// What one line of licenses used in one month, and what that costs.
///
/// A pure function of the ledger up to ``position`` and of the licenses, see ``draft(from:)``: whoever
/// has both computes the same lines and totals, to the byte.
package struct Statement: VendorPayload {
  package static let kind = DocumentKind.statement
  package static let use = KeyUse.gateway
  /// The most lines, and the most corrections.
  private static let maximumLines = 100_000
  private static let maximumTotals = 256
  private static let maximumDecisions = 10_000

  package enum Status: String, Sendable, CaseIterable {
    /// A date of the month can still change.
    case provisional
    /// The month is over and each of its dates is closed.
    case closed
    /// It is kept as it is for ever: what comes later is corrected by a later statement.
    case final
  }

  package var iss: String
  package var iat: Int64
  package var line: LineID
  package var month: Month
  package var sub: CustomerID
  /// The customer's name, for people.
  package var customer: String
  package var product: String
  /// The IANA time zone of all dates.
  package var zone: String
  /// What was known then is billed, in Unix seconds.
  package var asOf: Int64
  /// The last position of the gateway's ledger that was looked at.
  package var position: Int64
  package var status: Status
  /// By installation, then date.
  package var lines: [StatementLine]
  /// What final statements of other months billed otherwise than their dates come to now; by
  /// installation, then date.
  package var corrections: [StatementCorrection]
  /// One for each currency, in alphabetical order; corrections are in them.
  package var totals: [StatementTotal]
  /// What the vendor's staff decided about the line's installations: in the month, and whenever it was about
  /// bills of the dates of lines and corrections. Each is a sealed ``Decision``, whole, in the order of the
  /// ledger.
  package var decisions: [String]

  /// Whether each list has at most as many elements as are read.
  package var fitsOneDocument: Bool {
    max(lines.count, corrections.count) <= Self.maximumLines
      && totals.count <= Self.maximumTotals && decisions.count <= Self.maximumDecisions
  }

  package init(reading reader: inout ObjectReader) throws(Refusal) {
    iss = try reader.string("iss")
    iat = try reader.instant("iat")
    line = try reader.identifier("line")
    guard let month = Month(try reader.string("month")) else {
      throw .malformed("\(reader.name("month")) must be a month such as 2026-11")
    }
    self.month = month
    sub = try reader.identifier("sub")
    customer = try reader.string("customer")
    product = try reader.string("product")
    zone = try reader.string("zone")
    asOf = try reader.instant("as_of")
    position = try reader.integer("position", in: SealedLimits.counts)
    status = try reader.choice("status")
    lines = try reader.array("lines", maximum: Self.maximumLines).enumerated().map {
      index, value throws(Refusal) in
      try StatementLine(value, at: "lines[\(index)]")
    }
    corrections = try Self.corrections(&reader)
    totals = try reader.array("totals", maximum: Self.maximumTotals).enumerated().map {
      index, value throws(Refusal) in
      try StatementTotal(value, at: "totals[\(index)]")
    }
    decisions = try Self.decisions(&reader)
    try checkTotals()
  }

  private static func corrections(
    _ reader: inout ObjectReader
  ) throws(Refusal) -> [StatementCorrection] {
    guard let value = reader.optional("corrections") else { return [] }
    guard case .array(let elements) = value, (1...maximumLines).contains(elements.count) else {
      throw .malformed(
        "\(reader.name("corrections")) must be an array of 1 to \(maximumLines) elements")
    }
    return try elements.enumerated().map { index, value throws(Refusal) in
      try StatementCorrection(value, at: "corrections[\(index)]")
    }
  }

  private static func decisions(_ reader: inout ObjectReader) throws(Refusal) -> [String] {
    guard let value = reader.optional("decisions") else { return [] }
    guard case .array(let elements) = value, (1...maximumDecisions).contains(elements.count) else {
      throw .malformed(
        "\(reader.name("decisions")) must be an array of 1 to \(maximumDecisions) elements")
    }
    return try elements.map { element throws(Refusal) in
      guard let text = element.string else {
        throw .malformed("\(reader.name("decisions")) must hold sealed decisions")
      }
      _ = try Decision.quoted(text)
      return text
    }
  }

  private func checkTotals() throws(Refusal) {
    let recomputed: [StatementTotal]
    do throws(BillingError) {
      recomputed = try StatementTotal.of(lines, corrections)
    } catch { throw .malformed("totals: \(error.message)") }
    guard recomputed == totals else {
      throw .malformed("totals are not the sum of lines and corrections")
    }
  }

  package var members: [JSONMember] {
    var members: [JSONMember] = []
    write(to: &members)
    return members
  }

  /// The bytes of its ``json``, without a tree of it.
  package var serialized: [UInt8] {
    JSONBytes(reserving: 512 + 512 * lines.count) {
      $0.add("ver", number: Self.version)
      write(to: &$0)
    }.bytes
  }

  /// Gives its members in their order.
  private func write(to sink: inout some MemberSink) {
    sink.add("iss", text: iss)
    sink.add("iat", number: iat)
    sink.add("line", text: line.text)
    sink.add("month", text: month.description)
    sink.add("sub", text: sub.text)
    sink.add("customer", text: customer)
    sink.add("product", text: product)
    sink.add("zone", text: zone)
    sink.add("as_of", number: asOf)
    sink.add("position", number: position)
    sink.add("status", text: status.rawValue)
    sink.add("lines", lines) { $0.write(to: &$1) }
    sink.add(
      "corrections", corrections.isEmpty ? nil : .array(corrections.map(\.json)))
    sink.add("totals", .array(totals.map(\.json)))
    sink.add(
      "decisions", decisions.isEmpty ? nil : .array(decisions.map { .string($0) }))
  }

  init(
    _ basis: StatementBasis, newest license: License, status: Status, lines: [StatementLine]
  ) throws(BillingError) {
    iss = license.iss
    iat = basis.asOf
    line = license.line
    month = basis.month
    sub = license.sub
    customer = license.customer
    product = license.product
    zone = license.zone
    asOf = basis.asOf
    position = basis.position
    self.status = status
    self.lines = lines
    corrections = []
    totals = try StatementTotal.of(lines)
    decisions = basis.decisions.map(\.jws)
  }

  /// The same with corrections of other months, which go into its totals.
  /// - Throws: ``BillingError`` `AMOUNT_TOO_LARGE`.
  package func adding(
    _ corrections: [StatementCorrection]
  ) throws(BillingError) -> Statement {
    var statement = self
    statement.corrections = corrections
    statement.totals = try StatementTotal.of(lines, corrections)
    return statement
  }

  /// The same as it is kept for ever.
  /// - Returns: nil while a date can still change.
  package func finalised() -> Statement? {
    guard status != .provisional else { return nil }
    var statement = self
    statement.status = .final
    return statement
  }
}

/// The sum of lines and corrections in one currency; below zero where more is given back than charged.
/// What has no price is in none.
package struct StatementTotal: Sendable, Equatable {
  package var currency: String
  /// Collector-days billed.
  package var quantity: Int64
  /// Minor units.
  package var amount: Int64

  /// - Throws: ``BillingError`` `AMOUNT_TOO_LARGE`.
  package static func of(
    _ lines: [StatementLine], _ corrections: [StatementCorrection] = []
  ) throws(BillingError) -> [StatementTotal] {
    var totals: [String: StatementTotal] = [:]
    func add(_ name: String, _ quantity: Int64, _ amount: Int64) throws(BillingError) {
      var total = totals[name] ?? StatementTotal(currency: name, quantity: 0, amount: 0)
      total.quantity = try Amount.signedSum(total.quantity, quantity)
      total.amount = try Amount.signedSum(total.amount, amount)
      totals[name] = total
    }
    for line in lines {
      guard let charge = line.charge else { continue }
      try add(charge.currency, line.quantity, charge.amount)
    }
    for correction in corrections {
      guard let charge = correction.charge else { continue }
      try add(charge.currency, correction.quantity, charge.amount)
    }
    return totals.values.sorted { $0.currency.utf8.lexicographicallyPrecedes($1.currency.utf8) }
  }

  init(currency: String, quantity: Int64, amount: Int64) {
    self.currency = currency
    self.quantity = quantity
    self.amount = amount
  }

  init(_ value: JSONValue, at path: String) throws(Refusal) {
    var reader = try ObjectReader(value, at: path)
    currency = try reader.string("currency", maximum: 3)
    quantity = try reader.integer("quantity", in: Amount.signed)
    amount = try reader.integer("amount", in: Amount.signed)
    try reader.end()
  }

  var json: JSONValue {
    [
      "currency": .string(currency), "quantity": .integer(quantity), "amount": .integer(amount),
    ]
  }
}
