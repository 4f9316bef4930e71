internal import Libcrypto
internal import LibcryptoIssuing
package import Platform
package import Sealing

/// The vendor's signing authority: what it holds is in the ``Registry``, what it does is sealed,
/// verified and written to the audit log in one step.
///
/// How a document is issued:
/// 1. Whatever an earlier command began is finished first, with its own payload.
/// 2. The payload is linted, and its key is opened.
/// 3. It is rehearsed: sealed with a throwaway key that has the dates and constraints of the real
///    one, written into a file, read back and opened by the verifier's code.
/// 4. The payload is committed as an intent.
/// 5. The real key signs it, and the verifier opens it under the real trust.
/// 6. Document and audit row are committed together; only then is anything shown.
///
/// A crash after 4 leaves an intent: 5 and 6 are done again with the same payload.
package struct Authority: Sendable {
  package let registry: Registry
  let clock: any WallClock
  let who: String
  /// The roots compiled into the programs, nil in a build without any.
  let compiledRoots: RootKeys?
  let random: @Sendable (Int) throws(AuthorityError) -> [UInt8]
  let cryptography = LibcryptoProvider()

  /// - Parameters:
  ///   - who: the login name for the audit log.
  ///   - random: as many bytes as asked, from a cryptographic generator.
  package init(
    registry: Registry, clock: any WallClock, who: String, compiledRoots: RootKeys?,
    random: @escaping @Sendable (Int) throws(AuthorityError) -> [UInt8] = Authority.secureRandom
  ) {
    self.registry = registry.believing(compiledRoots)
    self.clock = clock
    self.who = who
    self.compiledRoots = compiledRoots
    self.random = random
  }

  /// Bytes from OpenSSL's generator.
  package static func secureRandom(_ count: Int) throws(AuthorityError) -> [UInt8] {
    do throws(LibcryptoError) { return try SecureRandom.bytes(count) } catch {
      throw AuthorityError(error)
    }
  }

  /// The time of a decision, read once for each.
  package func now() throws(AuthorityError) -> Int64 {
    do throws(PlatformError) { return try clock.now() } catch { throw AuthorityError(error) }
  }

  /// - Parameters:
  ///   - why: the reason as it was given.
  ///   - act: what is done, for a reason that was not given.
  func author(
    _ why: String, doing act: @autoclosure () -> String, at time: Int64? = nil
  ) throws(AuthorityError) -> Author {
    let time = if let time { time } else { try now() }
    return Author(who: who, why: Author.reason(why, act()), at: time)
  }

  /// The trust that a program with the vendor's root has today.
  /// - Throws: ``AuthorityError`` `KEYSET_MISSING`, or `DOCUMENT_REFUSED` when the registry's
  ///   keysets do not lead on from the compiled-in root.
  package func trust() throws(AuthorityError) -> TrustSet {
    guard let trust = try establishedTrust() else {
      throw AuthorityError(
        .keysetMissing,
        "no keyset has been published: make keys with \"tally key new\", then run "
          + "\"tally keyset publish\"")
    }
    return trust
  }

  /// The roots from which the registry's keysets lead on.
  /// - Throws: ``AuthorityError`` `KEYSET_MISSING`.
  package func firstRoots() throws(AuthorityError) -> RootKeys {
    if let compiledRoots { return compiledRoots }
    guard let first = try registry.keysets().first else { return try trust().keyset.roots }
    return first.keyset.roots
  }

  /// As ``trust()``, nil before the first keyset.
  func establishedTrust() throws(AuthorityError) -> TrustSet? {
    let keysets = try registry.keysets()
    guard let first = keysets.first else { return nil }
    do throws(Refusal) {
      return try TrustSet.establish(
        roots: compiledRoots ?? first.keyset.roots, keysets: keysets.map(\.document),
        using: cryptography)
    } catch {
      throw AuthorityError(error, "the registry's keysets do not lead on from the root")
    }
  }

  /// Opens the private half of a key.
  /// - Throws: ``AuthorityError`` `KEY_MISSING`, `KEY_UNREADABLE`, `PASSPHRASE_WRONG`,
  ///   `FILE_UNAVAILABLE` (a mode that is too loose).
  func open(_ record: KeyRecord, _ passphrase: Secret) throws(AuthorityError) -> VendorKey {
    let path = "\(registry.folder)/\(record.pem)"
    let key = try KeyFile.open(path, passphrase)
    guard key.thumbprint == record.thumbprint else {
      throw AuthorityError(
        .keyUnreadable, "\(path) holds another key, \(key.thumbprint): put the right file back")
    }
    return key
  }
}
