import Foundation
import Gateway
import Libcrypto
import LibcryptoIssuing
import Licensing
import Platform
import Postgres
import Reporting
import Sealing
import Storage
import Testing
import TestServers
import TestSupport

/// What a gateway refuses to start with.
@Suite struct StartTests {
  /// The files of a gateway that would start.
  struct Desk {
    let folder: URL
    let vendor: TestVendor

    init() throws {
      vendor = try TestVendor()
      folder = FileManager.default.temporaryDirectory.appending(
        path: "start-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try write("root.jwks", vendor.roots.json.text)
      try write("keyset", vendor.keyset)
      try write(key: try vendor.key(.gateway))
    }

    func path(_ name: String) -> String { folder.appending(path: name).path }

    func write(_ name: String, _ text: String, mode: UInt32 = 0o600) throws {
      try Files.replace(path(name), with: Array(text.utf8), mode: mode)
    }

    func write(key: VendorKey, mode: UInt32 = 0o600) throws {
      let pem = try key.encryptedPEM(passphrase: Self.secret("opens it"))
      try Files.replace(path("key.pem"), with: pem, mode: mode)
    }

    static func secret(_ text: String) -> Secret {
      var bytes = Array(text.utf8)
      return Secret(taking: &bytes)
    }

    func settings(
      passphrase: String = "opens it", state: String = "state", store: PostgresAddress? = nil,
      takesNewRoots: Bool = false
    ) -> GatewaySettings {
      GatewaySettings(
        state: path(state), host: "127.0.0.1", port: 0, key: path("key.pem"),
        passphrase: Self.secret(passphrase), keyset: path("keyset"),
        trustRoot: path("root.jwks"), store: store, takesNewRoots: takesNewRoots)
    }

    /// Why the gateway does not start; nil if it does.
    func refusal(_ settings: GatewaySettings? = nil) async throws -> GatewayError? {
      do {
        let application = try await GatewayApplication.open(
          settings ?? self.settings(), clock: ManualClock(TestSite.noon))
        await application.gateway.store.close()
        return nil
      } catch let error as GatewayError { return error }
    }
  }

  static func play(_ body: (Desk) async throws -> Void) async throws {
    let desk = try Desk()
    try await body(desk)
    try FileManager.default.removeItem(at: desk.folder)
  }

  @Test func `it starts, and starts again on what it left`() async throws {
    try await Self.play { desk async throws in
      #expect(try await desk.refusal() == nil)
      #expect(try await desk.refusal() == nil)
    }
  }

  @Test func `a key that others can read is refused, with the cure`() async throws {
    try await Self.play { desk async throws in
      try desk.write(key: try desk.vendor.key(.gateway), mode: 0o640)
      let error = try await desk.refusal()
      #expect(error?.code == .keyUnusable)
      #expect(error?.message.contains("chmod 600") == true)
    }
  }

  @Test func `a wrong passphrase is refused and not shown`() async throws {
    try await Self.play { desk async throws in
      let error = try await desk.refusal(desk.settings(passphrase: "a wrong one"))
      #expect(error?.code == .passphraseWrong)
      #expect(error?.message.contains("a wrong one") == false)
    }
  }

  @Test func `a keyset that does not name the key for gateway is refused`() async throws {
    try await Self.play { desk async throws in
      for key in [try desk.vendor.key(.license), try VendorKey.generate(.edDSA)] {
        try desk.write(key: key)
        let error = try await desk.refusal()
        #expect(error?.code == .keyNotInKeyset)
        #expect(error?.message.contains(key.thumbprint.text) == true)
      }
    }
  }

  @Test func `a keyset of other roots, or none at all, is refused`() async throws {
    try await Self.play { desk async throws in
      for text in [try TestVendor().keyset, "no keyset", ""] {
        try desk.write("keyset", text)
        #expect(try await desk.refusal()?.code == .keysetUnusable)
      }
    }
  }

  @Test func `a folder that another gateway holds is refused`() async throws {
    try await Self.play { desk async throws in
      let first = try await GatewayApplication.open(
        desk.settings(), clock: ManualClock(TestSite.noon))
      let error = try await desk.refusal()
      #expect(error?.code == .stateInUse)
      #expect(error?.message.contains(desk.path("state")) == true)
      await first.gateway.store.close()
    }
  }

  @Test func `a folder that cannot be is refused`() async throws {
    try await Self.play { desk async throws in
      try desk.write("file", "")
      let error = try await desk.refusal(desk.settings(state: "file/state"))
      #expect(error?.code == .stateUnusable)
    }
  }

  @Test func `a ledger of a newer program is refused`() async throws {
    try await Self.play { desk async throws in
      #expect(try await desk.refusal() == nil)
      let ledger = GatewayState(desk.path("state")).ledger
      _ = try DurableDatabase(
        path: ledger, migrations: LedgerSchema.migrations + [Migration("12-newer", sql: "")])
      let error = try await desk.refusal()
      #expect(error?.code == .storeUnavailable)
      #expect(error?.message.contains("newer") == true)
    }
  }

  @Test func `a keyset published to it outlives a start with the old file`() async throws {
    try await Self.play { desk async throws in
      let clock = ManualClock(TestSite.noon)
      var first: GatewayApplication? = try await GatewayApplication.open(
        desk.settings(), clock: clock)
      let old = desk.vendor.trust.keyset
      let payload = Keyset(
        iss: old.iss, epoch: 7, iat: old.iat, roots: old.roots, keys: old.keys, revoked: []
      ).json.serialized
      let text = KeysetDocument.text(
        payload: payload, signatures: [try desk.vendor.root.signKeyset(payload)])
      _ = try await first?.gateway.publications.publish(Publication(keysets: [text]))
      await first?.gateway.store.close()
      // The folder's lock goes with it.
      first = nil
      let second = try await GatewayApplication.open(desk.settings(), clock: clock)
      #expect(second.gateway.trust.view.set.keyset.epoch == 7)
      await second.gateway.store.close()
    }
  }

  @Test func `a build with new roots takes the keysets given in place of those stored`()
    async throws
  {
    try await Self.play { desk async throws in
      let clock = ManualClock(TestSite.noon)
      let old = desk.vendor.trust.keyset
      // The stolen roots have signed a keyset far ahead.
      let payload = Keyset(
        iss: old.iss, epoch: 9, iat: old.iat, roots: old.roots, keys: old.keys, revoked: []
      ).json.serialized
      let text = KeysetDocument.text(
        payload: payload, signatures: [try desk.vendor.root.signKeyset(payload)])
      var first: GatewayApplication? = try await GatewayApplication.open(
        desk.settings(), clock: clock)
      _ = try await first?.gateway.publications.publish(Publication(keysets: [text]))
      await first?.gateway.store.close()
      first = nil
      let fresh = try TestVendor()
      try desk.write("root.jwks", fresh.roots.json.text)
      #expect(try await desk.refusal()?.code == .keysetUnusable, "the old file is of the old roots")
      try desk.write("keyset", fresh.keyset)
      try desk.write(key: try fresh.key(.gateway))
      for start in 0..<2 {
        var healed: GatewayApplication? = try await GatewayApplication.open(
          desk.settings(), clock: clock)
        #expect(healed?.gateway.trust.view.set.keyset == fresh.trust.keyset)
        #expect(healed?.announcement?.english.contains("took their place") == (start == 0))
        let stored = try await healed?.gateway.store.read { try $0.keysets().map(\.text) }
        #expect(stored == [fresh.keyset])
        if let store = healed?.gateway.store {
          #expect(try await GatewayState.trust(of: store).view.set.keyset == fresh.trust.keyset)
          await store.close()
        }
        healed = nil
      }
    }
  }

  @Test func `a shared database changes its roots only where that is meant`() async throws {
    try await Self.play { desk async throws in
      let cluster = try await PostgresCluster.shared.value
      let name = desk.folder.lastPathComponent
      try cluster.makeDatabase(name)
      let store = try cluster.address(name)
      #expect(try await desk.refusal(desk.settings(state: "a", store: store)) == nil)
      let fresh = try TestVendor()
      try desk.write("root.jwks", fresh.roots.json.text)
      try desk.write("keyset", fresh.keyset)
      try desk.write(key: try fresh.key(.gateway))
      let refused = try await desk.refusal(desk.settings(state: "b", store: store))
      #expect(refused?.code == .keysetUnusable)
      #expect(refused?.message.contains("--new-roots") == true)
      let meant = desk.settings(state: "b", store: store, takesNewRoots: true)
      #expect(try await desk.refusal(meant) == nil)
      #expect(try await desk.refusal(desk.settings(state: "c", store: store)) == nil)
      try cluster.removeDatabase(name)
    }
  }

  static let addresses: [(text: String, host: String?, port: Int)] = [
    ("127.0.0.1:8080", "127.0.0.1", 8080), ("localhost:0", "localhost", 0),
    ("[::1]:443", "::1", 443), ("::1:443", nil, 0), ("127.0.0.1", nil, 0), (":80", nil, 0),
    ("host:65536", nil, 0), ("host:-1", nil, 0), ("host:", nil, 0),
  ]

  @Test func `addresses are read strictly`() {
    #expect(Self.addresses.count == 9)
    for (text, host, port) in Self.addresses {
      let address = GatewaySettings.address(text)
      #expect(address?.host == host, "\(text)")
      #expect(address?.port ?? 0 == port, "\(text)")
    }
  }
}
