@testable import Authority
import Licensing
import Sealing

/// Everything that a registry holds, for tests that nothing has changed.
struct RegistryState: Equatable {
  let keys: [KeyRecord]
  let keysets: [String]
  let licenses: [IssuedLicense]
  let revocations: IssuedRevocations?
  let audit: [AuditEntry]
  let pending: Intent?

  init(_ office: Office) throws {
    let registry = office.authority.registry
    keys = try registry.keys()
    keysets = try registry.keysets().map(\.document)
    licenses = try registry.licenses()
    revocations = try registry.newestRevocations()
    audit = try registry.audit()
    pending = try registry.pendingIntent()
  }
}
