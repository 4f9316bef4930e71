package import Sealing

/// A sign of life: nothing changed since the record at ``head``.
///
/// Sealed with the installation's key in place of a sample, so that a receipt can be renewed.
package struct Alive: InstallationPayload {
  package static let kind = DocumentKind.alive

  package var installation: Thumbprint
  /// The last record of the chain, 0 before the first.
  package var seq: Int64
  /// The hash of that record's JWS, absent exactly at `seq` 0.
  package var head: Digest?
  /// When it was made, by the names that the counter gives to seconds.
  package var at: Int64

  package init(installation: Thumbprint, seq: Int64, head: Digest?, at: Int64) {
    self.installation = installation
    self.seq = seq
    self.head = head
    self.at = at
  }

  package init(reading reader: inout ObjectReader) throws(Refusal) {
    installation = try reader.thumbprint("installation")
    seq = try reader.integer("seq", in: SealedLimits.counts)
    head = try reader.optionalDigest("head")
    at = try reader.instant("at")
    guard (seq == 0) == (head == nil) else {
      throw .malformed("head must be absent at seq 0, and only there")
    }
  }

  package var members: [JSONMember] {
    var members = [JSONMember("installation", installation.json), JSONMember("seq", .integer(seq))]
    members.add("head", head?.json)
    members.append(JSONMember("at", .integer(at)))
    return members
  }
}
