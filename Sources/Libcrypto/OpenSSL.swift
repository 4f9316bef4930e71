internal import CLibcrypto

/// The library's one preparation.
package enum OpenSSL {
  private static let isPrepared: Bool = {
    OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_LOAD_CONFIG), nil) == 1
  }()

  /// Keeps OpenSSL from reading `openssl.cnf`: what is verified must not depend on a file that anyone
  /// on the machine may edit, and reading it takes a third of a verification's time. Every way into the
  /// library goes through here first.
  package static func prepare() {
    _ = isPrepared
  }
}

/// A digest, looked up once: OpenSSL 3 looks `EVP_sha256()` up by name at every use.
// Unchecked: a digest is never changed after it is fetched.
@safe final class EVPDigest: @unchecked Sendable {
  static let sha256 = EVPDigest("SHA256")

  /// nil where OpenSSL has no such digest; the functions that it is given to then fail.
  let pointer: OpaquePointer?

  private init(_ name: String) {
    OpenSSL.prepare()
    unsafe pointer = EVP_MD_fetch(nil, name, nil)
  }

  deinit { unsafe EVP_MD_free(pointer) }
}
