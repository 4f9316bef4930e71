import Foundation
import Libcrypto
import LibcryptoIssuing
import Sealing
import Testing

/// Private keys and passphrases are gone from memory when nobody holds them any more.
///
/// Each search has a process of its own, in which nothing else runs: beside other tests the memory
/// changes while it is read, and what was found or not would mean nothing.
@Suite(.serialized) struct SecretMemoryTests {
  private static func pem(_ name: String) throws -> [UInt8] {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "Keys/\(name).pem")
    return Array(try Data(contentsOf: file))
  }

  private static func secret(_ text: String) -> Secret {
    var bytes = Array(text.utf8)
    return Secret(taking: &bytes)
  }

  private static func scan(_ digits: String) -> MemoryScan {
    let digits = digits.utf8.compactMap(Hexadecimal.value)
    return MemoryScan(
      masked: stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
  }

  /// The seed of `ed25519.pem`; the first bytes of a prime of `rsa3072.pem`, in both byte orders.
  private static let ed25519 =
    ["78a73d856ffb12978105fecc93e5e368240b6c6aacdfa9af6e693145c75c0f1f"]
  private static let rsa = [
    "b12061e51d194dfbaafea7fbbd3d583a662a4375c7c17480cdbfc0214041579d",
    "b72d96aec570172f84f42ba6d33427ce281f3c0277dffb8d88b1a0fd3b406714",
  ]

  @Test func `a copy is found, so that finding none means something`() async {
    await #expect(processExitsWith: .success) {
      let sought = SecretMemoryTests.scan(SecretMemoryTests.ed25519[0])
      let before = try sought.count()
      #expect(before == 0)
      let copy = sought.masked.map { $0 ^ MemoryScan.mask }
      #expect(try sought.count() >= 1)
      var gone = copy
      // Held twice: overwriting one of them leaves the other, as the documentation says.
      Secret.wipe(&gone)
      #expect(try sought.count() >= 1)
      #expect(copy.count == 32)
      var last = consume copy
      Secret.wipe(&last)
      #expect(try sought.count() == 0)
    }
  }

  @Test(arguments: [
    ("ed25519", ed25519), ("ed25519-pbkdf2", ed25519), ("rsa3072", rsa), ("rsa3072-pbkdf2", rsa),
  ])
  func `a key leaves no byte behind when it is let go`(
    _ name: String, _ parts: [String]
  ) async {
    await #expect(processExitsWith: .success) { [name, parts] in
      let parts = parts.map(SecretMemoryTests.scan)
      let file = try SecretMemoryTests.pem(name)
      for part in parts { #expect(try part.count() == 0, "before") }
      do {
        let key = try VendorKey(encryptedPEM: file, passphrase: SecretMemoryTests.secret("pass"))
        // While it is held, it is there, so that the search is known to find it.
        #expect(try parts.map { try $0.count() }.reduce(0, +) >= 1)
        _ = try key.seal(Array("{}".utf8), kind: .license)
        #expect(try key.encryptedPEM(passphrase: SecretMemoryTests.secret("other")).count > 100)
      }
      for part in parts { #expect(try part.count() == 0, "after") }
    }
  }

  @Test func `a passphrase leaves no byte behind`() async {
    await #expect(processExitsWith: .success) {
      let masked = (0..<24).map { UInt8($0 * 7 + 1) }
      let sought = MemoryScan(masked: masked)
      #expect(try sought.count() == 0)
      do {
        var bytes = masked.map { $0 ^ MemoryScan.mask }
        let passphrase = Secret(taking: &bytes)
        #expect(bytes.isEmpty)
        #expect(try sought.count() == 1)
        for algorithm in SignatureAlgorithm.allCases {
          let key = try VendorKey.generate(algorithm)
          let file = try key.encryptedPEM(passphrase: passphrase)
          #expect(
            try VendorKey(encryptedPEM: file, passphrase: passphrase).thumbprint == key.thumbprint)
        }
        #expect(throws: LibcryptoError(.passphraseWrong, "")) {
          try VendorKey(encryptedPEM: try SecretMemoryTests.pem("ed25519"), passphrase: passphrase)
        }
      }
      #expect(try sought.count() == 0)
    }
  }

  @Test func `an installation's key leaves no byte behind but what the caller keeps`() async {
    await #expect(processExitsWith: .success) {
      var sought: MemoryScan?
      do {
        let key = try InstallationKey.generate()
        var seed = try key.seed()
        sought = MemoryScan.masking(seed)
        Secret.wipe(&seed)
        #expect(try sought?.count() == 1)
      }
      #expect(try sought?.count() == 0)
    }
  }

  @Test(arguments: ["ed448", "p256", "rsapss", "rsa1024", "rsae3"])
  func `a key that is not for sealing is unreadable`(_ name: String) throws {
    #expect(throws: LibcryptoError(.keyUnreadable, "")) {
      try VendorKey(encryptedPEM: try Self.pem(name), passphrase: Self.secret("pass"))
    }
  }

  @Test func `a key's file that is cut is no key`() throws {
    let file = try Self.pem("ed25519")
    for count in stride(from: 0, to: file.count - 1, by: 3) {
      #expect(throws: LibcryptoError(.keyUnreadable, ""), "\(count)") {
        try VendorKey(encryptedPEM: Array(file[..<count]), passphrase: Self.secret("pass"))
      }
    }
  }

  @Test func `a key's file that is altered is no key or another key, and no trap`() throws {
    // AES-CBC proves nothing: some changes give a key of another name, which no keyset has.
    let file = try Self.pem("ed25519")
    var refused = 0
    for index in stride(from: 0, to: file.count, by: 3) {
      let altered = Array(file[..<index] + [file[index] ^ 0x15] + file[(index + 1)...])
      do throws(LibcryptoError) {
        _ = try VendorKey(encryptedPEM: altered, passphrase: Self.secret("pass"))
      } catch {
        #expect(error.code == .keyUnreadable || error.code == .passphraseWrong)
        refused += 1
      }
    }
    #expect(refused > 60)
  }
}
