internal import Libcrypto
internal import Platform
package import Postgres
internal import Sealing
package import StartupCheck
internal import Storage

/// Where a gateway keeps what lasts: its folder, with the address that it listens on, and the ledger, which
/// lies there or in a PostgreSQL database.
package struct GatewayState: Sendable {
  package let folder: String
  /// The database's URI; nil where the ledger lies in the folder.
  package let store: PostgresAddress?

  package init(_ folder: String, store: PostgresAddress? = nil) {
    self.folder = folder
    self.store = store
  }

  package var ledger: String { "\(folder)/tally-gateway.sqlite" }
  package var lock: String { "\(folder)/tally-gateway.lock" }
  package var listen: String { "\(folder)/listen" }
  /// Where serve takes requests of this machine alone.
  package var socket: String { "\(folder)/tally-gateway.sock" }

  /// The longest path of a socket on Linux.
  private static let longestSocketPath = 107

  /// - Throws: ``GatewayError`` `STATE_UNUSABLE`.
  func requireSocketPath() throws(GatewayError) {
    guard socket.utf8.count > Self.longestSocketPath else { return }
    throw GatewayError(
      .stateUnusable,
      "the path of the state folder is too long for its socket: \(folder) may have "
        + "\(Self.longestSocketPath - socket.utf8.count + folder.utf8.count) bytes, choose another")
  }

  /// Makes the folder where it is missing and opens the store.
  /// - Throws: ``GatewayError``.
  package func openStore() async throws(GatewayError) -> any LedgerStore {
    if store == nil {
      do throws(PlatformError) { try Files.makeFolder(folder) } catch {
        throw GatewayError(error, .stateUnusable)
      }
    }
    do throws(StorageError) {
      guard let store else { return try SQLiteLedgerStore(path: ledger) }
      return try await PostgresLedgerStore(store)
    } catch { throw GatewayError(error) }
  }

  /// Opens the store that a gateway has used before.
  /// - Throws: ``GatewayError`` `NOT_FOUND`.
  package func openExistingStore() async throws(GatewayError) -> any LedgerStore {
    try requireLedger()
    return try await openStore()
  }

  /// Holds that a gateway has used the folder before; a database is made ready by whoever comes first.
  /// - Throws: ``GatewayError`` `NOT_FOUND`.
  package func requireLedger() throws(GatewayError) {
    guard store == nil else { return }
    guard Files.exists(ledger) else {
      throw GatewayError(
        .notFound, "\(folder) holds no gateway's ledger: name the folder that serve uses")
    }
  }

  /// Whether a process works on the folder.
  /// - Throws: ``GatewayError``.
  package func isServed() throws(GatewayError) -> Bool {
    try requireLedger()
    guard store == nil || Files.exists(lock) else { return false }
    do throws(PlatformError) {
      _ = try FileLock(lock)
      return false
    } catch {
      guard error.code == .locked else { throw GatewayError(error, .stateUnusable) }
      return true
    }
  }

  /// The trust that a store itself holds: its newest keyset was verified before it was stored.
  /// - Throws: ``GatewayError`` `KEYSET_UNUSABLE` where it has none.
  package static func trust(of store: any LedgerStore) async throws -> GatewayTrust {
    let (keysets, revocations) = try await held(by: store)
    do throws(Refusal) {
      let newest = keysets.suffix(1)
      let document = try KeysetDocument(Array(newest.joined().utf8))
      let set = try TrustSet.establish(
        roots: try Keyset.parse(document.payload).roots, keysets: Array(newest),
        using: LibcryptoProvider())
      return try GatewayTrust(set, revocations: revocations)
    } catch {
      throw GatewayError(.keysetUnusable, "the stored keyset is refused: \(error)")
    }
  }

  /// The trust that a store holds, as the vendor's root leads to it; that of the store itself where no
  /// root is known.
  /// - Throws: ``GatewayError`` `KEYSET_UNUSABLE`.
  package static func trust(
    of store: any LedgerStore, _ anchor: TrustAnchor?
  ) async throws -> GatewayTrust {
    guard let anchor else { return try await trust(of: store) }
    let (keysets, revocations) = try await held(by: store)
    return try trust(anchor, offered: [], stored: keysets, revocations: revocations)
  }

  /// - Returns: the keysets that a store holds, at least one, and its revocations.
  private static func held(by store: any LedgerStore) async throws -> ([String], String?) {
    let held = try await store.read { (try $0.keysets().map(\.text), try $0.revocations()) }
    guard !held.0.isEmpty else {
      throw GatewayError(.keysetUnusable, "the ledger holds no keyset: start serve once")
    }
    return held
  }

  /// The trust of a store, from its own keysets and those given.
  /// - Throws: ``GatewayError``.
  package static func trust(
    _ anchor: TrustAnchor, offered: [String], stored: [String], revocations: String?
  ) throws(GatewayError) -> GatewayTrust {
    try establish(anchor, offered: offered, stored: stored, revocations: revocations).trust
  }

  /// As above; where the program's roots do not lead to the stored keysets, but to those given, the
  /// latter count alone. So a build with new roots heals a store whose roots were stolen.
  /// - Returns: also whether the given keysets take the place of the stored ones.
  static func establish(
    _ anchor: TrustAnchor, offered: [String], stored: [String], revocations: String?
  ) throws(GatewayError) -> (trust: GatewayTrust, replacesStored: Bool) {
    do throws(Refusal) {
      let known = stored.isEmpty ? offered : stored
      do throws(Refusal) {
        let set = try TrustSet.establish(
          roots: anchor.roots, keysets: known, using: LibcryptoProvider())
        return (try GatewayTrust(set.advanced(by: offered), revocations: revocations), false)
      } catch {
        guard !stored.isEmpty, !Self.leads(anchor, to: stored),
          let set = try? TrustSet.establish(
            roots: anchor.roots, keysets: offered, using: LibcryptoProvider())
        else { throw error }
        return (try GatewayTrust(set, revocations: revocations), true)
      }
    } catch {
      throw GatewayError(
        .keysetUnusable,
        "the keyset is refused (\(error)): publish one that the roots of this program sign")
    }
  }

  private static func leads(_ anchor: TrustAnchor, to keysets: [String]) -> Bool {
    (try? TrustSet.establish(
      roots: anchor.roots, keysets: keysets, using: LibcryptoProvider())) != nil
  }
}
