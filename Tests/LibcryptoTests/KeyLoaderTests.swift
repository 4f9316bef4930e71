import Foundation
import Libcrypto
import LibcryptoIssuing
import Sealing
import Testing
import TestSupport

/// Keys that OpenSSL loads: ours come back as they were, unfit ones are refused.
struct KeyLoaderTests {
  /// DER of an RSA key (RFC 8017 appendix A.1.1) in a SubjectPublicKeyInfo.
  private static func der(modulus: [UInt8], exponent: [UInt8]) -> [UInt8] {
    func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
      let count = content.count
      if count < 0x80 { return [tag, UInt8(count)] + content }
      return [tag, 0x82, UInt8(count >> 8), UInt8(count & 0xFF)] + content
    }
    let algorithm: [UInt8] = [
      0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00,
    ]
    let key = element(0x30, element(0x02, [0] + modulus) + element(0x02, exponent))
    return element(0x30, algorithm + element(0x03, [0] + key))
  }

  private static func modulus(bytes: Int) -> [UInt8] {
    [0x80] + [UInt8](repeating: 0x5A, count: bytes - 2) + [0x01]
  }

  @Test func `an RSA key with the usual exponent is loaded`() throws {
    let modulus = Self.modulus(bytes: 256)
    let key = try #require(
      LoadedKey.publicKey(der: Self.der(modulus: modulus, exponent: [1, 0, 1])))
    #expect(try key.publicKey() == .rsa(modulus: modulus))
  }

  @Test(arguments: [[1], [3], [0x11], [1, 0, 3], [1, 0, 0, 0, 1]] as [[UInt8]])
  func `an RSA key with another exponent is refused`(_ exponent: [UInt8]) throws {
    let der = Self.der(modulus: Self.modulus(bytes: 256), exponent: exponent)
    let key = try #require(LoadedKey.publicKey(der: der))
    #expect(throws: LibcryptoError(.keyUnreadable, "")) { try key.publicKey() }
  }

  @Test(arguments: [64, 128, 255, 513, 1024])
  func `an RSA key of another size is refused`(_ bytes: Int) throws {
    let der = Self.der(modulus: Self.modulus(bytes: bytes), exponent: [1, 0, 1])
    let key = try #require(LoadedKey.publicKey(der: der))
    #expect(throws: LibcryptoError(.keyUnreadable, "")) { try key.publicKey() }
  }

  @Test func `an even modulus is refused`() throws {
    let modulus = Array(Self.modulus(bytes: 256).dropLast()) + [0x02]
    let key = try #require(
      LoadedKey.publicKey(der: Self.der(modulus: modulus, exponent: [1, 0, 1])))
    #expect(throws: LibcryptoError(.keyUnreadable, "")) { try key.publicKey() }
  }

  @Test func `a key on another curve is refused`() throws {
    // An X25519 key (RFC 8410).
    let der = [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x6E, 0x03, 0x21, 0x00] as [UInt8]
    let key = try #require(LoadedKey.publicKey(der: der + [UInt8](repeating: 9, count: 32)))
    #expect(throws: LibcryptoError(.keyUnreadable, "")) { try key.publicKey() }
  }

  @Test func `an Ed25519 point of small order is refused`() throws {
    // RFC 8410 with the point (0, 1).
    let der = [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00] as [UInt8]
    let point = [1] + [UInt8](repeating: 0, count: 31)
    let key = try #require(LoadedKey.publicKey(der: der + point))
    #expect(throws: LibcryptoError(.keyUnreadable, "")) { try key.publicKey() }
  }

  private func secret(_ text: String) -> Secret {
    var bytes = Array(text.utf8)
    return Secret(taking: &bytes)
  }

  @Test(arguments: SignatureAlgorithm.allCases)
  func `a vendor's key survives its encrypted file`(_ algorithm: SignatureAlgorithm) throws {
    let key = try VendorKey.generate(algorithm)
    let pem = try key.encryptedPEM(passphrase: secret("correct"))
    let text = String(decoding: pem, as: UTF8.self)
    #expect(text.hasPrefix("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"))
    let loaded = try VendorKey(encryptedPEM: pem, passphrase: secret("correct"))
    #expect(loaded.thumbprint == key.thumbprint)
    #expect(throws: LibcryptoError(.passphraseWrong, "")) {
      try VendorKey(encryptedPEM: pem, passphrase: secret("wrong"))
    }
    #expect(throws: LibcryptoError(.keyUnreadable, "")) {
      try VendorKey(encryptedPEM: Array(pem.prefix(pem.count / 2)), passphrase: secret("correct"))
    }
  }

  @Test func `a key in clear is refused`() {
    let pem = """
      -----BEGIN PRIVATE KEY-----
      MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
      -----END PRIVATE KEY-----
      """
    #expect(throws: LibcryptoError(.keyUnreadable, "")) {
      try VendorKey(encryptedPEM: Array(pem.utf8), passphrase: secret("any"))
    }
  }

  @Test(arguments: ["AES-256-CBC,00112233445566778899AABBCCDDEEFF", "DES-CBC,0011223344556677"])
  func `a key encrypted as a PEM of old is refused`(_ cipher: String) throws {
    let pem = try VendorKey.generate(.edDSA).encryptedPEM(passphrase: secret("any"))
    var lines = String(decoding: pem, as: UTF8.self).split(separator: "\n").map(String.init)
    lines.insert(contentsOf: ["Proc-Type: 4,ENCRYPTED", "DEK-Info: \(cipher)", ""], at: 1)
    let wrapped = Array((lines.joined(separator: "\n") + "\n").utf8)
    #expect(throws: LibcryptoError(.keyUnreadable, "")) {
      try VendorKey(encryptedPEM: wrapped, passphrase: secret("any"))
    }
  }

  @Test func `a key needs a passphrase that is not empty`() throws {
    let key = try VendorKey.generate(.edDSA)
    #expect(throws: LibcryptoError(.passphraseWrong, "")) {
      try key.encryptedPEM(passphrase: secret(""))
    }
  }

  @Test func `an installation's key survives its seed`() throws {
    let key = try InstallationKey.generate()
    #expect(try InstallationKey(seed: try key.seed()).thumbprint == key.thumbprint)
    for count in [0, 31, 33, 64] {
      #expect(throws: LibcryptoError(.keyUnreadable, "")) {
        try InstallationKey(seed: [UInt8](repeating: 1, count: count))
      }
    }
  }
}
