internal import Libcrypto
internal import Metering
internal import Platform
package import Sealing

extension ControlDesk {
  /// A page of who is there: what `GET /v1/collectors` answers.
  ///
  /// Where no daemon counts, nobody is online.
  /// - Throws: ``VerifierError`` `NO_LICENSE` where nothing was ever counted.
  package func collectors(_ query: InventoryQuery) async throws(VerifierError) -> JSONValue {
    if let counting {
      let page = try await counting.collectors(query)
      return Self.json(page, suspects: counting.keeper?.suspects ?? [])
    }
    guard Files.exists(installation.folder.journal) else {
      throw VerifierError(.noLicense, "nothing was counted here yet: run serve with a license")
    }
    let journal = try Journal(
      path: installation.folder.journal, evidenceKey: installation.keys.evidence,
      using: LibcryptoProvider())
    return Self.json(try await journal.page(query) { _ in nil }, suspects: [])
  }

  private static func json(
    _ page: InventoryPage, suspects: [RunPairs.Suspect]
  ) -> JSONValue {
    let returns = Dictionary(
      suspects.map { ($0.id, $0.returns) }, uniquingKeysWith: { first, _ in first })
    var members = [
      JSONMember(
        "collectors", .array(page.entries.map { json($0, returns: returns[$0.row.id]) }))
    ]
    if let next = page.next { members.append(JSONMember("next", .string(next.cursor))) }
    return .object(members)
  }

  private static func json(_ entry: InventoryPage.Entry, returns: Int64?) -> JSONValue {
    let row = entry.row
    var members = [
      JSONMember("kind", .string(row.identity.kind)),
      JSONMember("identity", .string(row.identity.text)),
    ]
    if let version = row.version { members.append(JSONMember("version", .string(version))) }
    if let host = row.host { members.append(JSONMember("host", .string(host))) }
    members += [
      JSONMember("weight", .integer(row.weight)), JSONMember("online", .bool(entry.isOnline)),
      JSONMember("first_seen", .integer(row.first)), JSONMember("last_seen", .integer(row.last)),
    ]
    if let refused = row.refused { members.append(JSONMember("refused_at", .integer(refused))) }
    if let returns {
      members.append(JSONMember("suspected_pair", ["returns": .integer(returns)]))
    }
    return .object(members)
  }
}

extension CollectorIdentity {
  /// Where a page goes on: opaque to whoever asks.
  var cursor: String { Base64.encode(encoded, .url) }

  /// - Returns: nil for any other text than a ``cursor``.
  init?(cursor: String) {
    guard let bytes = Base64.decode(cursor.utf8, .url), let size = bytes.first,
      size > 0, bytes.count > Int(size) + 1,
      let kind = String(validating: bytes[1...Int(size)], as: UTF8.self)
    else { return nil }
    self.init(kind: kind, bytes: bytes[(Int(size) + 1)...])
  }
}
