internal import CLibcrypto
package import Libcrypto
package import Sealing

/// A private key of the vendor: root or online.
///
/// On disk it is PKCS#8 (RFC 5958) in PEM, encrypted with AES-256-CBC under a key that scrypt
/// (RFC 7914) derives from the passphrase.
package struct VendorKey: Sendable {
  private let signer: EVPSigner

  package var publicKey: PublicKey { signer.publicKey }
  package var thumbprint: Thumbprint { signer.thumbprint }

  /// Makes a new key.
  /// - Parameter bits: for RSA, 3072 to 4096.
  /// - Throws: ``LibcryptoError``.
  package static func generate(
    _ algorithm: SignatureAlgorithm, bits: Int = 3072
  ) throws(LibcryptoError) -> VendorKey {
    OpenSSL.prepare()
    switch algorithm {
    case .edDSA:
      var seed = try SecureRandom.bytes(32)
      defer { Secret.wipe(&seed) }
      let key = unsafe EVPKey(
        owning: EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count))
      return try VendorKey(key)
    case .ps256:
      guard (3072...4096).contains(bits) else {
        throw LibcryptoError(.keyUnreadable, "a new RSA key has 3072 to 4096 bits")
      }
      return try VendorKey(makeRSA(bits: bits))
    }
  }

  private init(_ key: EVPKey?) throws(LibcryptoError) {
    guard let key else {
      throw LibcryptoError(.libraryFailed, "OpenSSL could not make a key")
    }
    signer = try EVPSigner(key)
  }

  private static func makeRSA(bits: Int) -> EVPKey? {
    guard let context = unsafe EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, nil) else { return nil }
    defer { unsafe EVP_PKEY_CTX_free(context) }
    var key: OpaquePointer?
    guard unsafe EVP_PKEY_keygen_init(context) == 1,
      unsafe EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(bits)) == 1,
      unsafe EVP_PKEY_keygen(context, &key) == 1
    else { return nil }
    return unsafe EVPKey(owning: key)
  }

  /// Reads an encrypted PKCS#8 PEM.
  ///
  /// The key is decrypted and taken apart here and not by OpenSSL's reader of any PEM, which leaves the
  /// decrypted bytes in memory that it has freed.
  /// - Throws: ``LibcryptoError`` `KEY_UNREADABLE`, `PASSPHRASE_WRONG`.
  package init(encryptedPEM pem: [UInt8], passphrase: Secret) throws(LibcryptoError) {
    OpenSSL.prepare()
    defer { ERR_clear_error() }
    guard let encrypted = unsafe Self.encryptedKey(pem) else {
      throw LibcryptoError(
        .keyUnreadable,
        "the file holds no whole encrypted PKCS#8 key (BEGIN ENCRYPTED PRIVATE KEY)")
    }
    defer { unsafe X509_SIG_free(encrypted) }
    let opened: OpaquePointer? = unsafe passphrase.withBytes { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) {
        unsafe PKCS8_decrypt(encrypted, $0.baseAddress, Int32(clamping: $0.count))
      }
    }
    guard let plain = unsafe opened else {
      throw LibcryptoError(
        .passphraseWrong, "the passphrase does not open the key, or the file is damaged")
    }
    defer { unsafe PKCS8_PRIV_KEY_INFO_free(plain) }
    guard let key = unsafe PrivateKeyInfo.key(of: plain) else {
      throw LibcryptoError(.keyUnreadable, "the file holds a key of a kind that is not known here")
    }
    signer = try EVPSigner(key)
  }

  /// The encrypted key in a PEM, nil where there is none.
  ///
  /// A PEM may be encrypted a second time, as a whole (RFC 1421, `Proc-Type: 4,ENCRYPTED`). No key of
  /// ours is, and OpenSSL would ask the terminal for that passphrase: the callback refuses instead.
  private static func encryptedKey(_ pem: [UInt8]) -> OpaquePointer? {
    guard let bio = unsafe BIO_new_mem_buf(pem, Int32(clamping: pem.count)) else { return nil }
    defer { unsafe BIO_free(bio) }
    return unsafe PEM_read_bio_PKCS8(bio, nil, { _, _, _, _ in -1 }, nil)
  }

  /// The key as encrypted PKCS#8 PEM.
  /// - Throws: ``LibcryptoError``; an empty passphrase is refused.
  package func encryptedPEM(passphrase: Secret) throws(LibcryptoError) -> [UInt8] {
    guard !passphrase.isEmpty else {
      throw LibcryptoError(.passphraseWrong, "a key needs a passphrase that is not empty")
    }
    guard let encrypted = unsafe encrypt(passphrase), let bio = unsafe BIO_new(BIO_s_mem()) else {
      throw LibcryptoError(.libraryFailed, "OpenSSL could not encrypt the key")
    }
    defer {
      unsafe X509_SIG_free(encrypted)
      unsafe BIO_free(bio)
    }
    guard unsafe PEM_write_bio_PKCS8(bio, encrypted) == 1 else {
      throw LibcryptoError(.libraryFailed, "OpenSSL could not write the key")
    }
    var pem = [UInt8](repeating: 0, count: 16_384)
    let count = unsafe BIO_read(bio, &pem, Int32(pem.count))
    guard count > 0, count < pem.count else {
      throw LibcryptoError(.libraryFailed, "OpenSSL could not write the key")
    }
    return Array(pem.prefix(Int(count)))
  }

  private func encrypt(_ passphrase: Secret) -> OpaquePointer? {
    guard let plain = unsafe PrivateKeyInfo.structure(of: signer.key, publicKey.algorithm) else {
      return nil
    }
    defer { unsafe PKCS8_PRIV_KEY_INFO_free(plain) }
    guard
      let scheme = unsafe PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), nil, 16, nil, 16_384, 8, 1)
    else { return nil }
    let encrypted = unsafe passphrase.withBytes { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) {
        unsafe PKCS8_set0_pbe($0.baseAddress, Int32(clamping: $0.count), plain, scheme)
      }
    }
    if unsafe encrypted == nil { unsafe X509_ALGOR_free(scheme) }
    return unsafe encrypted
  }

  /// Seals a document of the vendor.
  /// - Throws: ``LibcryptoError``.
  package func seal(_ payload: some VendorPayload) throws(LibcryptoError) -> String {
    try Seal.seal(payload.json.serialized, kind: type(of: payload).kind, by: signer)
  }

  /// Seals payload bytes that were recorded before signing.
  /// - Throws: ``LibcryptoError``.
  package func seal(_ payload: [UInt8], kind: DocumentKind) throws(LibcryptoError) -> String {
    try Seal.seal(payload, kind: kind, by: signer)
  }

  func sign(_ input: [UInt8]) throws(LibcryptoError) -> [UInt8] { try signer.sign(input) }

  /// Signs a keyset's payload as one of the roots.
  /// - Returns: header and signature for ``KeysetDocument/text(payload:signatures:)``.
  /// - Throws: ``LibcryptoError``.
  package func signKeyset(
    _ payload: [UInt8]
  ) throws(LibcryptoError) -> (header: [UInt8], signature: [UInt8]) {
    try KeysetDocument.sign(payload, by: signer)
  }
}
