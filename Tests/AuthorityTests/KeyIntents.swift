@testable import Authority
import LibcryptoIssuing
import Sealing

extension Authority {
  /// Begins a document with a key of the office, as a command does that then ends.
  func begin<Payload: Issuable>(
    _ payload: Payload, as action: AuditEntry.Action, with key: Thumbprint, by author: Author
  ) throws -> Intent {
    try begin(
      payload, as: action, with: try open(try registry.key(key), Office.secret()), by: author)
  }

  /// Begins a keyset with the office's first root.
  func begin(_ keyset: Keyset, by author: Author) throws -> Intent {
    let root = try registry.keys().filter { $0.role == .root }.prefix(1)
    return try begin(keyset, by: root.map { try open($0, Office.secret()) }, author)
  }
}
