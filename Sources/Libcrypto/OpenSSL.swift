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
