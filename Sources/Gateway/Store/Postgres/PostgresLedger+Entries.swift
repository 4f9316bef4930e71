internal import CivilTime
internal import Licensing
internal import Metering
internal import Postgres
internal import Sealing

extension PostgresLedger {
  func enter(_ entries: [NewEntry], of installation: Int64, at now: Int64) throws -> Int64 {
    var list: [JSONValue] = []
    for entry in entries { list.append(Self.json(entry, at: try nextPosition())) }
    try execute(Self.insert, [JSONValue.array(list).text, installation, now])
    return try position()
  }

  /// All of a report in one turn to the server: its records are one value, an array of objects.
  private static let insert = """
    INSERT INTO entries (position, installation, kind, seq, hash, jws, received_at, license,
      revision, date, from_at, to_at, at, peak, peak_at, online, "limit", collectors, refused,
      observed, gaps, "window", dwell, identity, sample)
    SELECT position, $2::bigint, kind, seq, hash, jws, $3::bigint, license, revision, date, from_at,
      to_at, at, peak, peak_at, online, "limit", collectors, refused, observed, gaps, "window", dwell,
      identity, sample
    FROM json_to_recordset($1::json) AS record (position bigint, kind text, seq bigint, hash text,
      jws text, license text, revision bigint, date bigint, from_at bigint, to_at bigint, at bigint,
      peak bigint, peak_at bigint, online bigint, "limit" bigint, collectors bigint, refused bigint,
      observed bigint, gaps text, "window" bigint, dwell bigint, identity text, sample bigint)
    """

  /// The columns of an entry; what it does not have is NULL.
  private static func json(_ entry: NewEntry, at position: Int64) -> JSONValue {
    let columns = entry.columns
    let numbers: [(String, Int64?)] = [
      ("position", position), ("seq", entry.seq), ("revision", columns?.revision),
      ("date", columns?.date.daysSinceEpoch), ("from_at", columns?.from), ("to_at", columns?.to),
      ("at", columns?.at), ("peak", columns?.peak?.count), ("peak_at", columns?.peak?.at),
      ("online", columns?.online), ("limit", columns?.limit),
      ("collectors", columns?.collectors), ("refused", columns?.refused),
      ("observed", columns?.observed), ("window", columns?.rule?.window),
      ("dwell", columns?.rule?.dwell), ("sample", columns?.sample),
    ]
    let texts: [(String, String?)] = [
      ("kind", entry.kind.rawValue), ("hash", entry.hash?.text), ("jws", entry.jws),
      ("license", columns?.license.text), ("gaps", columns?.gaps),
      ("identity", columns?.rule?.identity),
    ]
    return .object(
      numbers.compactMap { name, number in number.map { JSONMember(name, .integer($0)) } }
        + texts.compactMap { name, text in text.map { JSONMember(name, .string($0)) } })
  }
}
