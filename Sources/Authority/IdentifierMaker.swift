internal import Licensing
internal import Sealing

/// New identifiers: the prefix and 32 hexadecimal digits, laid out as RFC 9562 lays out a UUID of
/// version 7: 48 bits of time, then 74 random ones. So they sort by time, and cannot come again
/// after a registry was restored from a backup.
struct IdentifierMaker {
  let random: @Sendable (Int) throws(AuthorityError) -> [UInt8]

  func make<ID: Identifier>(_ type: ID.Type = ID.self, at now: Int64) throws(AuthorityError) -> ID {
    var bytes = try random(10)
    guard bytes.count == 10 else {
      throw AuthorityError(.cryptographyFailed, "there is no randomness to be had")
    }
    bytes[0] = bytes[0] & 0x0F | 0x70
    bytes[2] = bytes[2] & 0x3F | 0x80
    let milliseconds = UInt64(clamping: now).multipliedReportingOverflow(by: 1000).partialValue
    let time = [40, 32, 24, 16, 8, 0].map { UInt8(truncatingIfNeeded: milliseconds >> $0) }
    guard let id = ID(ID.prefix + Hexadecimal.encode(time + bytes)) else {
      throw AuthorityError(.cryptographyFailed, "an identifier could not be made")
    }
    return id
  }
}
