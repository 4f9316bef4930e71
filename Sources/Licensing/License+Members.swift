import CivilTime
package import Sealing

extension License {
  package init(reading reader: inout ObjectReader) throws(Refusal) {
    iss = try reader.string("iss")
    jti = try reader.identifier("jti")
    line = try reader.identifier("line")
    revision = try reader.integer("revision", in: LicenseLimits.revisions)
    leastEpoch = try reader.integer("epoch", in: 1...SealedLimits.counts.upperBound)
    sub = try reader.identifier("sub")
    customer = try reader.string("customer")
    product = try reader.word("product")
    iat = try reader.instant("iat")
    let edition = try reader.choice("edition", Edition.self)
    self.edition = edition
    zone = try reader.string("zone")
    term = try reader.optionalTerm("term")
    maintenance = try reader.optionalTerm("maintenance")
    release = try reader.optionalWord("release")
    collectors = try Collectors(try reader.object("collectors"))
    gaps = try reader.optionalChoice("gaps") ?? edition.defaultGaps
    support = try reader.string("support", maximum: 64)
    installations = try reader.integer("installations", in: LicenseLimits.installations)
    let grace = try reader.optionalInteger("grace_days", in: LicenseLimits.graceDays)
    graceDays = grace ?? 0
    let reporting = try reader.optionalObject("reporting")
    self.reporting =
      try reporting.map { object throws(Refusal) in try Reporting(object) } ?? Reporting()
    price = try reader.optionalObject("price").map { object throws(Refusal) in try Price(object) }
    activation = try reader.optionalChoice("activation") ?? edition.defaultActivation
    enforce = try reader.optionalChoice("enforce") ?? .start
    try require(.graceDays, grace != nil)
    try require(.reporting, reporting != nil)
    try check()
  }

  /// Members with the edition's usual value are left out: `activation`, `enforce`, and what
  /// ``Edition/requirement(of:)`` forbids.
  package var members: [JSONMember] {
    var members = [
      JSONMember("iss", .string(iss)),
      JSONMember("jti", jti.json),
      JSONMember("line", line.json),
      JSONMember("revision", .integer(revision)),
      JSONMember("epoch", .integer(leastEpoch)),
      JSONMember("sub", sub.json),
      JSONMember("customer", .string(customer)),
      JSONMember("product", .string(product)),
      JSONMember("iat", .integer(iat)),
      JSONMember("edition", .string(edition.rawValue)),
      JSONMember("zone", .string(zone)),
    ]
    members.add("term", term?.json)
    members.add("maintenance", maintenance?.json)
    members.add("release", release.map { .string($0) })
    members.add("collectors", collectors.json)
    members.add("gaps", .string(gaps.rawValue))
    members.add("support", .string(support))
    members.add("installations", .integer(installations))
    if edition.requirement(of: .graceDays) == .required || graceDays != 0 {
      members.add("grace_days", .integer(graceDays))
    }
    if edition != .community || reporting != Reporting() {
      members.add("reporting", reporting.json)
    }
    members.add("price", price?.json)
    if activation != edition.defaultActivation {
      members.add("activation", .string(activation.rawValue))
    }
    if enforce != .start { members.add("enforce", .string(enforce.rawValue)) }
    return members
  }
}

extension Collectors {
  init(_ reader: ObjectReader) throws(Refusal) {
    var reader = reader
    limit = try reader.optionalInteger("limit", in: LicenseLimits.collectors)
    overage = try reader.optionalChoice("overage")
    window = try reader.optionalInteger("window", in: LicenseLimits.window) ?? Self.defaultWindow
    dwell = try reader.optionalInteger("dwell", in: LicenseLimits.dwell) ?? 0
    try reader.end()
  }

  package var json: JSONValue {
    var members: [JSONMember] = []
    members.add("limit", limit.map { .integer($0) })
    members.add("overage", overage.map { .string($0.rawValue) })
    members.add("window", .integer(window))
    members.add("dwell", .integer(dwell))
    return .object(members)
  }
}

extension Reporting {
  init(_ reader: ObjectReader) throws(Refusal) {
    var reader = reader
    mode = try reader.choice("mode")
    gateway = try reader.optionalString("gateway")
    leaseHours = try reader.optionalInteger("lease_hours", in: LicenseLimits.leaseHours)
    try reader.end()
  }

  package var json: JSONValue {
    var members = [JSONMember("mode", .string(mode.rawValue))]
    members.add("gateway", gateway.map { .string($0) })
    members.add("lease_hours", leaseHours.map { .integer($0) })
    return .object(members)
  }
}

extension Price {
  init(_ reader: ObjectReader) throws(Refusal) {
    var reader = reader
    currency = try reader.string("currency")
    minorPerCollectorDay = try reader.integer("minor_per_collector_day", in: LicenseLimits.price)
    try reader.end()
  }

  package var json: JSONValue {
    [
      "currency": .string(currency),
      "minor_per_collector_day": .integer(minorPerCollectorDay),
    ]
  }
}
