import CivilTime
import Licensing
package import Sealing

extension StatementCorrection {
  init(_ value: JSONValue, at path: String) throws(Refusal) {
    var reader = try ObjectReader(value, at: path)
    installation = try reader.thumbprint("installation")
    date = try reader.date("date")
    basis = try reader.choice("basis")
    seq = try reader.optionalInteger("seq", in: SealedLimits.counts)
    license = try reader.identifier("license")
    revision = try reader.integer("revision", in: LicenseLimits.revisions)
    was = try reader.integer("was", in: SealedLimits.counts)
    now = try reader.integer("now", in: SealedLimits.counts)
    yieldsTo = try reader.optionalDigest("yields_to").map { Thumbprint($0) }
    decided = try reader.optionalChoice("decided")
    let currency = try reader.optionalString("currency", maximum: 3)
    let amount = try reader.optionalInteger("amount", in: Amount.signed)
    if let currency, let amount {
      charge = Charge(currency: currency, amount: amount)
    } else if currency != nil || amount != nil {
      throw .malformed("\(path).currency and amount stand together")
    }
    try reader.end()
  }

  package var json: JSONValue {
    var members = [
      JSONMember("installation", installation.json),
      JSONMember("date", .string(date.description)),
      JSONMember("basis", .string(basis.rawValue)),
    ]
    members.add("seq", seq.map { .integer($0) })
    members.add("license", license.json)
    members.add("revision", .integer(revision))
    members.add("was", .integer(was))
    members.add("now", .integer(now))
    members.add("yields_to", yieldsTo?.json)
    members.add("decided", decided.map { .string($0.rawValue) })
    members.add("currency", charge.map { .string($0.currency) })
    members.add("amount", charge.map { .integer($0.amount) })
    return .object(members)
  }
}
