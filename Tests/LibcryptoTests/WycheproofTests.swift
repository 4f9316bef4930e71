import CLibcrypto
import Foundation
import Libcrypto
import Sealing
import Testing

/// Project Wycheproof's signatures through our loader and our one way to verify.
struct WycheproofTests {
  private struct Tally {
    var valid = 0
    var invalid = 0
    var accepted: Set<Int> = []
  }

  /// Verifies every test of a file; a key that the loader refuses verifies nothing.
  private func run(_ name: String) throws -> Tally {
    let file = try Wycheproof.load(name)
    var tally = Tally()
    let crypto = LibcryptoProvider()
    for group in file.testGroups {
      let key = try? group.key()
      for test in group.tests {
        switch test.result {
        case "valid": tally.valid += 1
        case "invalid": tally.invalid += 1
        default: Issue.record("\(name) \(test.tcId): neither valid nor invalid")
        }
        let isAccepted =
          key.map { crypto.verify(test.sig.hexadecimal, of: test.msg.hexadecimal, by: $0) } ?? false
        if isAccepted { tally.accepted.insert(test.tcId) }
      }
    }
    #expect(tally.valid + tally.invalid == file.numberOfTests)
    return tally
  }

  private func valid(_ name: String) throws -> Set<Int> {
    Set(
      try Wycheproof.load(name).testGroups.flatMap(\.tests).filter { $0.result == "valid" }
        .map(\.tcId))
  }

  @Test func `Ed25519 accepts every valid signature and no other`() throws {
    let tally = try run("ed25519")
    #expect((tally.valid, tally.invalid) == (88, 63))
    #expect(tally.accepted == (try valid("ed25519")))
  }

  @Test(arguments: [2048, 3072, 4096])
  func `PS256 accepts every valid signature and no other`(_ bits: Int) throws {
    let name = "rsa_pss_\(bits)_sha256_mgf1_32"
    let tally = try run(name)
    #expect((tally.valid, tally.invalid) == (63, 45))
    #expect(tally.accepted == (try valid(name)))
  }

  @Test func `a salt of another length is not PS256`() throws {
    let tally = try run("rsa_pss_2048_sha256_mgf1_0")
    #expect(tally.valid + tally.invalid == 103)
    #expect(tally.accepted == [69])
  }

  @Test func `another mask generation is not PS256`() throws {
    let tally = try run("rsa_pss_2048_sha256_mgf1sha1_20")
    #expect(tally.valid + tally.invalid == 108)
    #expect(tally.accepted.isEmpty)
  }

  @Test func `of all parameters in use only those of PS256 verify`() throws {
    let tally = try run("rsa_pss_misc")
    #expect(tally.valid + tally.invalid == 150)
    #expect(tally.accepted == [76])
  }

  @Test(arguments: [2048, 3072])
  func `a key that carries parameters of its own is refused when it is loaded`(
    _ bits: Int
  ) throws {
    let file = try Wycheproof.load("rsa_pss_\(bits)_sha256_mgf1_32_params")
    #expect(file.numberOfTests == 108)
    #expect(file.testGroups.count == 1)
    for group in file.testGroups {
      let key = try #require(LoadedKey.publicKey(der: group.publicKeyDer.hexadecimal))
      #expect(throws: LibcryptoError(.keyUnreadable, "")) { try key.publicKey() }
    }
  }
}

/// Public keys as OpenSSL loads them, before our loader looks at them.
enum LoadedKey {
  static func publicKey(der: [UInt8]) -> EVPKey? {
    let pointer: OpaquePointer? = unsafe der.withUnsafeBufferPointer { buffer in
      var cursor = buffer.baseAddress
      return unsafe d2i_PUBKEY(nil, &cursor, buffer.count)
    }
    return unsafe EVPKey(owning: pointer)
  }
}
