import CLibcrypto
import Libcrypto
import LibcryptoIssuing
import Sealing
import Testing
import TestSupport

/// What is kept ready for a key must not show: each verification is as if it were the first.
struct VerificationReuseTests {
  private static func signers() throws -> [EVPSigner] {
    [try ForgingKey.rsa(bits: 2048), try ForgingKey.ed25519(1)]
  }

  private static func message(_ number: Int) -> [UInt8] {
    [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 700 + number)
  }

  @Test func `a signature that does not verify leaves nothing behind`() throws {
    let crypto = LibcryptoProvider()
    for signer in try Self.signers() {
      let signatures = try (0..<4).map { try signer.sign(Self.message($0)) }
      for round in 0..<40 {
        let index = round % 4
        let signature = signatures[index]
        #expect(crypto.verify(signature, of: Self.message(index), by: signer.publicKey))
        var wrong = signature
        wrong[round % wrong.count] ^= 1 << UInt8(round % 8)
        #expect(!crypto.verify(wrong, of: Self.message(index), by: signer.publicKey))
        #expect(ERR_peek_error() == 0, "OpenSSL's queue of errors")
        #expect(!crypto.verify(signature, of: Self.message(index + 1), by: signer.publicKey))
        #expect(!crypto.verify(signature, of: [], by: signer.publicKey))
        #expect(ERR_peek_error() == 0, "OpenSSL's queue of errors")
      }
    }
  }

  @Test func `many threads verify with one key at once`() async throws {
    let crypto = LibcryptoProvider()
    for signer in try Self.signers() {
      let signatures = try (0..<8).map { try signer.sign(Self.message($0)) }
      let key = signer.publicKey
      let wrong = await withTaskGroup(of: Int.self) { group in
        for task in 0..<48 {
          group.addTask {
            (0..<40).count { round in
              let (signed, read) = ((task + round) % 8, (task + round / 2) % 8)
              let verifies = crypto.verify(signatures[signed], of: Self.message(read), by: key)
              return verifies != (signed == read)
            }
          }
        }
        return await group.reduce(0, +)
      }
      #expect(wrong == 0)
    }
  }

  @Test(arguments: [nil, 1, 8, 1000])
  func `more keys than are kept at once verify all the same`(kept: Int?) throws {
    let crypto = kept.map { LibcryptoProvider(remembering: $0) } ?? LibcryptoProvider()
    let signers = try (1...70).map { try ForgingKey.ed25519($0) }
    let signatures = try signers.map { try $0.sign(Self.message(1)) }
    for _ in 0..<2 {
      for index in signers.indices {
        let other = signatures[(index + 1) % signatures.count]
        #expect(crypto.verify(signatures[index], of: Self.message(1), by: signers[index].publicKey))
        #expect(!crypto.verify(other, of: Self.message(1), by: signers[index].publicKey))
      }
    }
  }

  @Test func `many threads verify with more keys than are kept`() async throws {
    let crypto = LibcryptoProvider(remembering: 8)
    let signers = try (1...24).map { try ForgingKey.ed25519($0) }
    let signatures = try signers.map { try $0.sign(Self.message(1)) }
    let wrong = await withTaskGroup(of: Int.self) { group in
      for task in 0..<16 {
        group.addTask {
          (0..<60).count { round in
            let (signed, key) = ((task + round) % 24, (task + round / 2) % 24)
            let verifies = crypto.verify(
              signatures[signed], of: Self.message(1), by: signers[key].publicKey)
            return verifies != (signed == key)
          }
        }
      }
      return await group.reduce(0, +)
    }
    #expect(wrong == 0)
  }
}
