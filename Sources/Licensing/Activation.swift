package import Sealing

/// The gateway's answer to an enrolment: this installation may use this line.
///
/// It holds for the line, so a renewal needs no new one.
package struct Activation: VendorPayload {
  package static let kind = DocumentKind.activation
  package static let use = KeyUse.gateway

  /// The end of the chain whose place was taken.
  package struct Replaced: Sendable, Equatable {
    package var installation: Thumbprint
    /// The last record of the old chain, 0 where it had none.
    package var seq: Int64
    /// The hash of that record, nil exactly where there is none.
    package var head: Digest?

    package init(installation: Thumbprint, seq: Int64, head: Digest?) {
      self.installation = installation
      self.seq = seq
      self.head = head
    }
  }

  package var iss: String
  package var iat: Int64
  package var line: LineID
  package var revision: Int64
  /// The installation's key: `cnf` (RFC 7800) with `jkt`, its thumbprint (RFC 9449 section 6.1).
  package var installation: Thumbprint
  package var replaces: Replaced?

  package init(
    iss: String, iat: Int64, line: LineID, revision: Int64, installation: Thumbprint,
    replaces: Replaced? = nil
  ) {
    self.iss = iss
    self.iat = iat
    self.line = line
    self.revision = revision
    self.installation = installation
    self.replaces = replaces
  }

  package init(reading reader: inout ObjectReader) throws(Refusal) {
    iss = try reader.string("iss")
    iat = try reader.instant("iat")
    line = try reader.identifier("line")
    revision = try reader.integer("revision", in: LicenseLimits.revisions)
    var confirmation = try reader.object("cnf")
    installation = try confirmation.thumbprint("jkt")
    try confirmation.end()
    replaces = try reader.optionalObject("replaces").map { object throws(Refusal) in
      try Replaced(object)
    }
  }

  package var members: [JSONMember] {
    var members = [
      JSONMember("iss", .string(iss)),
      JSONMember("iat", .integer(iat)),
      JSONMember("line", line.json),
      JSONMember("revision", .integer(revision)),
      JSONMember("cnf", ["jkt": installation.json]),
    ]
    members.add("replaces", replaces?.json)
    return members
  }
}

extension Activation.Replaced {
  init(_ reader: ObjectReader) throws(Refusal) {
    var reader = reader
    installation = try reader.thumbprint("installation")
    (seq, head) = try reader.headOfChain()
    try reader.end()
  }

  var json: JSONValue {
    var members = [
      JSONMember("installation", installation.json), JSONMember("seq", .integer(seq)),
    ]
    members.add("head", head?.json)
    return .object(members)
  }
}

extension ObjectReader {
  /// `seq` and `head` of a chain: the head is absent exactly where `seq` is 0.
  mutating func headOfChain() throws(Refusal) -> (seq: Int64, head: Digest?) {
    let seq = try integer("seq", in: SealedLimits.counts)
    let head = try optionalDigest("head")
    guard (seq == 0) == (head == nil) else {
      throw .malformed("\(name("head")) must stand, unless seq is 0")
    }
    return (seq, head)
  }
}
