internal import GRDB
internal import Platform
internal import Sealing
internal import Storage

/// The vendor's own record: keys, keysets, customers, licenses, releases and the audit log, in one
/// SQLite file beside the encrypted private keys.
///
/// ```
/// REGISTRY/registry.sqlite   everything but private keys
/// REGISTRY/registry.lock     held by the command that changes something
/// REGISTRY/keys/NAME.pem     encrypted PKCS#8, mode 0600
/// ```
package struct Registry: Sendable {
  /// What a command is about to do.
  package enum Access: Sendable {
    case read
    /// One command at a time.
    case change
    /// As ``change``; a registry that is not there is made.
    case make
  }

  package let folder: String
  /// The roots compiled into this program, from which the keysets must lead on; nil in a build without.
  private(set) var roots: RootKeys?
  private let database: DurableDatabase
  private let lock: FileLock?

  /// Opens the registry in a folder.
  /// - Throws: ``AuthorityError`` `REGISTRY_MISSING`, `REGISTRY_IN_USE`, `STORE_UNAVAILABLE`,
  ///   `FILE_UNAVAILABLE`.
  package init(_ folder: String, for access: Access) throws(AuthorityError) {
    let file = "\(folder)/registry.sqlite"
    try Self.requireOwn([folder, "\(folder)/keys", file, "\(file)-wal"])
    if access == .make {
      do throws(PlatformError) {
        try Files.makeFolder("\(folder)/keys")
      } catch { throw AuthorityError(error) }
    } else if !Files.exists(file) {
      throw AuthorityError(
        .registryMissing,
        "there is no registry in \(folder): name its folder with --registry, or make one with "
          + "\"tally key new --use root\"")
    }
    self.folder = folder
    self.lock = access == .read ? nil : try Self.lock(folder)
    do throws(StorageError) {
      database = try DurableDatabase(path: file, migrations: RegistrySchema.migrations)
    } catch { throw AuthorityError(error) }
  }

  /// Refuses what others can write into: they would decide what is signed next.
  /// - Throws: ``AuthorityError`` `FILE_UNAVAILABLE`.
  private static func requireOwn(_ paths: [String]) throws(AuthorityError) {
    for path in paths where Files.exists(path) {
      do throws(PlatformError) {
        guard try Files.status(path).mode & 0o022 != 0 else { continue }
        throw PlatformError(.modeTooLoose, "\(path) can be written by others: chmod go-w it")
      } catch { throw AuthorityError(error) }
    }
  }

  private static func lock(_ folder: String) throws(AuthorityError) -> FileLock {
    do throws(PlatformError) {
      return try FileLock("\(folder)/registry.lock")
    } catch {
      guard error.code == .locked else { throw AuthorityError(error) }
      throw AuthorityError(
        .registryInUse, "another tally command is changing \(folder): wait for it to end")
    }
  }

  /// The same registry, whose rows are believed by these roots.
  func believing(_ roots: RootKeys?) -> Registry {
    var registry = self
    registry.roots = roots
    return registry
  }

  /// Runs one transaction; all of it is durable when the call returns, or none of it is done.
  func write<Result>(
    _ body: (Database) throws -> Result
  ) throws(AuthorityError) -> Result {
    do {
      return try database.pool.write(body)
    } catch { throw fault(error) }
  }

  /// Reads from one state of the database.
  func read<Result>(_ body: (Database) throws -> Result) throws(AuthorityError) -> Result {
    do {
      return try database.pool.read(body)
    } catch { throw fault(error) }
  }

  private func fault(_ error: any Error) -> AuthorityError {
    if let error = error as? AuthorityError { return error }
    if error is RowDecodingError {
      return .damaged("a row of the registry cannot be read")
    }
    return AuthorityError(database.fault(error))
  }

  /// Closes the database and gives up the lock with the last copy of this value.
  package func close() throws(AuthorityError) {
    do throws(StorageError) { try database.close() } catch { throw AuthorityError(error) }
  }
}

extension AuthorityError {
  /// Something in the registry is not what was once written.
  static func damaged(_ what: String) -> AuthorityError {
    AuthorityError(
      .registryDamaged,
      "\(what): run \"tally audit verify\", and restore the registry from a backup")
  }
}
