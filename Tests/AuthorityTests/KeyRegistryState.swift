@testable import Authority
import Licensing
import Sealing

/// Everything that a registry holds, for tests that nothing has changed.
struct RegistryState: Equatable {
  let keys: [KeyRecord]
  let keysets: [String]
  let customers: [Customer]
  let licenses: [IssuedLicense]
  let releases: [IssuedRelease]
  let revocations: IssuedRevocations?
  let audit: [AuditEntry]
  let pending: Intent?

  init(_ office: Office) throws {
    let registry = office.authority.registry
    keys = try registry.keys()
    keysets = try registry.keysets().map(\.document)
    customers = try registry.customers()
    licenses = try registry.licenses()
    releases = try registry.releases()
    revocations = try registry.newestRevocations()
    audit = try registry.audit()
    pending = try registry.pendingIntent()
  }
}
