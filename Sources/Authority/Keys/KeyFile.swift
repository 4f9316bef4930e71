package import Libcrypto
internal import LibcryptoIssuing
internal import Platform
package import Sealing

/// A private key in a file of its own: what a machine without any registry has, network and all.
package enum KeyFile {
  /// Makes a key in a file that must not exist yet: encrypted PKCS#8, mode 0600.
  /// - Returns: its public half.
  /// - Throws: ``AuthorityError``; no file is left.
  package static func make(
    _ path: String, _ algorithm: SignatureAlgorithm, bits: Int, passphrase: Secret
  ) throws(AuthorityError) -> PublicKey {
    let pem: [UInt8]
    do throws(LibcryptoError) {
      let key = try VendorKey.plainlyNamed { () throws(LibcryptoError) in
        try VendorKey.generate(algorithm, bits: bits)
      }
      pem = try key.encryptedPEM(passphrase: passphrase)
    } catch { throw AuthorityError(error) }
    do throws(PlatformError) { try Files.create(path, with: pem, mode: 0o600) } catch {
      throw AuthorityError(error)
    }
    do throws(AuthorityError) {
      // What is written could be read again: a key that cannot be opened is worth nothing.
      return try open(path, passphrase).publicKey
    } catch {
      try? Files.remove(path)
      throw error
    }
  }

  /// Holds everything that opening a key holds before it asks for the passphrase.
  /// - Throws: ``AuthorityError`` `KEY_MISSING`, `FILE_UNAVAILABLE` (a mode that is too loose).
  static func requireReadable(_ path: String) throws(AuthorityError) {
    guard Files.exists(path) else { throw missing(path) }
    do throws(PlatformError) { _ = try Files.read(path, maximum: 65_536, secret: true) } catch {
      throw AuthorityError(error)
    }
  }

  private static func missing(_ path: String) -> AuthorityError {
    AuthorityError(
      .keyMissing, "the private key is not at \(path): put the file back, or name another key")
  }

  /// Opens a key.
  /// - Throws: ``AuthorityError`` `KEY_MISSING`, `KEY_UNREADABLE`, `PASSPHRASE_WRONG`,
  ///   `FILE_UNAVAILABLE` (a mode that is too loose).
  static func open(
    _ path: String, _ passphrase: Secret
  ) throws(AuthorityError) -> VendorKey {
    guard Files.exists(path) else { throw missing(path) }
    do {
      return try VendorKey(
        encryptedPEM: Files.read(path, maximum: 65_536, secret: true), passphrase: passphrase)
    } catch let error as PlatformError {
      throw AuthorityError(error)
    } catch let error as LibcryptoError {
      throw AuthorityError(AuthorityError(error).code, "\(path): \(error.message)")
    } catch {
      throw AuthorityError(.keyUnreadable, "\(path) cannot be read")
    }
  }

  /// The public half of a private key's file.
  /// - Throws: as ``open(_:_:)``.
  package static func publicHalf(
    of path: String, _ passphrase: Secret
  ) throws(AuthorityError) -> PublicKey {
    try open(path, passphrase).publicKey
  }

  /// Reads a public key: one JWK.
  /// - Throws: ``AuthorityError`` `FILE_UNAVAILABLE`, `INPUT_INVALID`.
  package static func publicKey(_ path: String) throws(AuthorityError) -> PublicKey {
    var bytes: [UInt8]
    do throws(PlatformError) { bytes = try Files.read(path, maximum: 65_536) } catch {
      throw AuthorityError(error)
    }
    if bytes.last == 0x0A { bytes.removeLast() }
    do throws(Refusal) {
      let value = try JSONScanner.scan(bytes, maximumDepth: 2)
      try value.requireDocumentShape()
      return try PublicKey(jwk: value)
    } catch {
      throw AuthorityError(
        .inputInvalid,
        "\(path) holds no public key (\(error.message)): take the JWK that \"tally key export\" "
          + "writes")
    }
  }
}
