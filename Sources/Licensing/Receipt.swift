package import Sealing

/// The gateway has durably stored an installation's chain up to here.
package struct Receipt: VendorPayload {
  package static let kind = DocumentKind.receipt
  package static let use = KeyUse.gateway

  package var iss: String
  package var iat: Int64
  package var installation: Thumbprint
  /// The last record stored, 0 where there is none yet.
  package var seq: Int64
  /// The hash of that record, nil exactly where there is none.
  package var head: Digest?
  /// The gateway's ledger position at or after that record.
  package var position: Int64
  /// The instant through which the lease may reach; absent while the license is neither in force
  /// nor in grace.
  package var leaseThrough: Int64?

  package init(
    iss: String, iat: Int64, installation: Thumbprint, seq: Int64, head: Digest?,
    position: Int64, leaseThrough: Int64? = nil
  ) {
    self.iss = iss
    self.iat = iat
    self.installation = installation
    self.seq = seq
    self.head = head
    self.position = position
    self.leaseThrough = leaseThrough
  }

  package init(reading reader: inout ObjectReader) throws(Refusal) {
    iss = try reader.string("iss")
    iat = try reader.instant("iat")
    installation = try reader.thumbprint("installation")
    (seq, head) = try reader.headOfChain()
    position = try reader.integer("position", in: SealedLimits.counts)
    leaseThrough = try reader.optionalInstant("lease_through")
  }

  package var members: [JSONMember] {
    var members = [
      JSONMember("iss", .string(iss)),
      JSONMember("iat", .integer(iat)),
      JSONMember("installation", installation.json),
      JSONMember("seq", .integer(seq)),
    ]
    members.add("head", head?.json)
    members.add("position", .integer(position))
    members.add("lease_through", leaseThrough.map { .integer($0) })
    return members
  }
}
