import Foundation
import Libcrypto
import Platform
import StartupCheck
import Testing
import Verifier

@Suite struct InstallationTests {
  static func mode(_ path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return (attributes[.posixPermissions] as? Int ?? 0) & 0o777
  }

  @Test func `a first start makes what an installation is, for its owner alone`() async throws {
    let site = try TestSite()
    let installation = try await site.open()
    #expect(try Self.mode(site.folder.path) == 0o700)
    for secret in [site.folder.installationKey, site.folder.evidenceKey, site.folder.token] {
      #expect(try Self.mode(secret) == 0o600)
    }
    #expect(installation.name == installation.keys.installation.thumbprint)
    #expect(installation.damage == nil)
    #expect(installation.ledger.begun == TestSite.noon)
  }

  @Test func `a second process is refused while the first works`() async throws {
    let site = try TestSite()
    let installation = try await site.open()
    await #expect(throws: VerifierError(.stateLocked, "")) { _ = try await site.open() }
    _ = installation.name
  }

  @Test func `it is the same installation at every start`() async throws {
    let site = try TestSite()
    let first = try await site.open().name
    site.clocks.pass(100)
    let second = try await site.open()
    #expect(second.name == first)
    #expect(second.ledger.begun == TestSite.noon)
  }

  @Test(arguments: ["gone", "empty"])
  func `a key without its ledger is never begun anew`(loss: String) async throws {
    let site = try TestSite()
    _ = try await site.open()
    for suffix in ["", "-wal", "-shm"] {
      try Files.remove(site.folder.ledger + suffix)
    }
    if loss == "empty" { try Files.create(site.folder.ledger, with: [], mode: 0o600) }
    await #expect(throws: VerifierError(.ledgerUnusable, "")) { _ = try await site.open() }
    await #expect(throws: VerifierError(.ledgerUnusable, "")) { _ = try await site.open() }
  }

  @Test func `a ledger without its key is never begun anew`() async throws {
    let site = try TestSite()
    _ = try await site.open()
    try Files.remove(site.folder.installationKey)
    await #expect(throws: VerifierError(.keyUnusable, "")) { _ = try await site.open() }
    #expect(!Files.exists(site.folder.installationKey))
  }

  @Test(arguments: ["installation.key", "evidence.key", "token"])
  func `a secret that others can read is refused`(name: String) async throws {
    let site = try TestSite()
    _ = try await site.open()
    try Files.setMode("\(site.folder.path)/\(name)", 0o640)
    await #expect(throws: VerifierError(.keyUnusable, "")) { _ = try await site.open() }
  }

  @Test(arguments: ["installation.key", "evidence.key", "token"])
  func `a secret that is cut is refused`(name: String) async throws {
    let site = try TestSite()
    _ = try await site.open()
    try Files.replace("\(site.folder.path)/\(name)", with: [], mode: 0o600)
    await #expect(throws: VerifierError(.keyUnusable, "")) { _ = try await site.open() }
  }

  @Test func `a state folder whose socket could have no name is refused`() {
    let folder = StateFolder("/tmp/" + String(repeating: "x", count: 90))
    #expect(throws: VerifierError(.stateUnusable, "")) { try folder.prepare() }
    #expect(!Files.exists(folder.path))
  }

  @Test func `no dump of the running whole shows a secret`() async throws {
    let site = try TestSite()
    let running = try await site.start(installing: try site.license())
    let keys = running.daemon.desk.installation.keys
    var dump = String(reflecting: running.daemon) + "\(running.daemon)"
    dump += String(describing: CountingService(running.daemon))
    Swift.dump(running.daemon, to: &dump)
    #expect(dump.utf8.count > 1000)
    #expect(!dump.contains(keys.token))
    let bytes = keys.evidence.bytes.map(String.init).joined(separator: ", ")
    #expect(!dump.contains(bytes))
    let seed = try keys.installation.seed()
    #expect(!dump.contains(seed.map(String.init).joined(separator: ", ")))
    #expect(String(describing: CountingService(running.daemon)) == "counting")
  }

  @Test func `a file that is made is whole, once, and follows no link`() throws {
    let site = try TestSite()
    try site.folder.prepare()
    let path = "\(site.folder.path)/made"
    let elsewhere = "\(site.folder.path)/elsewhere"
    let temporary = "\(path).\(ProcessInfo.processInfo.processIdentifier).tmp"
    try FileManager.default.createSymbolicLink(
      atPath: temporary, withDestinationPath: elsewhere)
    try Files.create(path, with: [1, 2, 3], mode: 0o600)
    #expect(try Files.read(path, secret: true) == [1, 2, 3])
    #expect(throws: PlatformError(.permissionDenied, "")) { try Files.create(path, with: [4]) }
    try FileManager.default.createSymbolicLink(
      atPath: temporary, withDestinationPath: elsewhere)
    try Files.replace(path, with: [5])
    #expect(try Files.read(path) == [5])
    #expect(!Files.exists(elsewhere) && !Files.exists(temporary))
  }
}
