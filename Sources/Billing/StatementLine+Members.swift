import CivilTime
import Licensing
import Metering
package import Sealing

extension StatementLine {
  init(_ value: JSONValue, at path: String) throws(Refusal) {
    var reader = try ObjectReader(value, at: path)
    installation = try reader.thumbprint("installation")
    date = try reader.date("date")
    license = try reader.identifier("license")
    revision = try reader.integer("revision", in: LicenseLimits.revisions)
    terms = try reader.choice("terms")
    basis = try reader.choice("basis")
    seq = try reader.optionalInteger("seq", in: SealedLimits.counts)
    peak = try reader.optionalInteger("peak", in: SealedLimits.counts)
    peakAt = try reader.optionalInstant("peak_at")
    sampledPeak = try reader.optionalInteger("sampled_peak", in: SealedLimits.counts)
    seconds = try reader.integer("seconds", in: SealedLimits.counts)
    observed = try reader.integer("observed", in: SealedLimits.counts)
    let list = try reader.array("gaps", maximum: Self.maximumGaps)
    gaps = try list.enumerated().map { index, value throws(Refusal) in
      try UsageGap(value, at: "\(path).gaps[\(index)]")
    }
    gapCount = try reader.integer("gap_count", in: SealedLimits.counts)
    if var members = try reader.optionalObject("rule") {
      rule = try UsageRecord.Rule(members: &members)
    }
    quantity = try reader.integer("quantity", in: SealedLimits.counts)
    carriedFrom = try reader.optionalDate("carried_from")
    yieldsTo = try reader.optionalDigest("yields_to").map { Thumbprint($0) }
    decided = try reader.optionalChoice("decided")
    computed = try reader.optionalInteger("computed", in: SealedLimits.counts)
    charge = try Charge(reading: &reader)
    try reader.end()
    try checkDecided(at: path)
    try checkCharge(at: path)
  }

  private func checkDecided(at path: String) throws(Refusal) {
    guard (decided == nil) == (computed == nil) else {
      throw .malformed("\(path).decided and computed stand together")
    }
    guard decided != .waive || quantity == 0 else {
      throw .malformed("\(path) is waived and bills a quantity")
    }
  }

  private func checkCharge(at path: String) throws(Refusal) {
    guard let charge else { return }
    let (amount, overflow) = quantity.multipliedReportingOverflow(by: charge.rate)
    guard !overflow, amount == charge.amount else {
      throw .malformed("\(path).amount is not quantity times rate")
    }
  }

  package var json: JSONValue { JSONValue { write(to: &$0) } }

  /// Gives its members in their order.
  func write(to sink: inout some MemberSink) {
    sink.add("installation", text: installation.text)
    sink.add("date", text: date.description)
    sink.add("license", text: license.text)
    sink.add("revision", number: revision)
    sink.add("terms", text: terms.rawValue)
    sink.add("basis", text: basis.rawValue)
    sink.add("seq", number: seq)
    sink.add("peak", number: peak)
    sink.add("peak_at", number: peakAt)
    sink.add("sampled_peak", number: sampledPeak)
    sink.add("seconds", number: seconds)
    sink.add("observed", number: observed)
    sink.add("gaps", gaps) { $0.write(to: &$1) }
    sink.add("gap_count", number: gapCount)
    if let rule { sink.add("rule") { rule.write(to: &$0) } }
    sink.add("quantity", number: quantity)
    sink.add("carried_from", text: carriedFrom?.description)
    sink.add("yields_to", text: yieldsTo?.text)
    sink.add("decided", text: decided?.rawValue)
    sink.add("computed", number: computed)
    sink.add("currency", text: charge?.currency)
    sink.add("rate", number: charge?.rate)
    sink.add("amount", number: charge?.amount)
  }
}

extension StatementLine.Charge {
  /// Currency, rate and amount: all three or none.
  init?(reading reader: inout ObjectReader) throws(Refusal) {
    let currency = try reader.optionalString("currency", maximum: 3)
    let rate = try reader.optionalInteger("rate", in: LicenseLimits.price)
    let amount = try reader.optionalInteger("amount", in: SealedLimits.counts)
    if currency == nil && rate == nil && amount == nil { return nil }
    guard let currency, let rate, let amount else {
      throw .malformed("\(reader.name("currency")), rate and amount stand together")
    }
    self.init(currency: currency, rate: rate, amount: amount)
  }
}

extension UsageGap {
  init(_ value: JSONValue, at path: String) throws(Refusal) {
    var reader = try ObjectReader(value, at: path)
    from = try reader.instant("from")
    to = try reader.instant("to")
    reason = try reader.string("reason", maximum: 64)
    try reader.end()
  }

  package var json: JSONValue { JSONValue { write(to: &$0) } }

  func write(to sink: inout some MemberSink) {
    sink.add("from", number: from)
    sink.add("to", number: to)
    sink.add("reason", text: reason)
  }
}
