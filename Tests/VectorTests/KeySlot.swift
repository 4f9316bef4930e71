import Libcrypto
import Licensing
import Sealing
import StartupCheck
import TestSupport

/// A place where a public key comes in from outside.
struct KeySlot: Sendable {
  let name: String
  /// What a key in this place is refused with, nil when it is taken.
  let code: @Sendable (_ jwk: JSONValue, _ house: House) -> Refusal.Code?

  static let all: [KeySlot] = [
    KeySlot(name: "PublicKey") { jwk, _ in
      refusal { () throws(Refusal) in _ = try PublicKey(jwk: jwk) }
    },
    KeySlot(name: "a keyset's keys") { jwk, house in
      keyset(house.keyset.json.replacing(["keys", "0", "jwk"], with: jwk), house)
    },
    KeySlot(name: "a keyset's roots") { jwk, house in
      keyset(house.keyset.json.replacing(["roots", "keys", "0"], with: jwk), house)
    },
    KeySlot(name: "root.jwks") { jwk, house in
      rootFile(["keys": [jwk], "threshold": 1])
    },
    KeySlot(name: "an enrolment's jwk") { jwk, house in
      enrolment(jwk, house)
    },
    KeySlot(name: "the installation in a standing file") { jwk, _ in
      refusal { () throws(Refusal) in
        let standing: JSONValue = [
          "ver": 1, "written": 1, "licenses": [], "keysets": [], "receipts": [],
          "installation": jwk, "findings": [],
        ]
        do throws(Refusal) { _ = try StandingDocument(standing.serialized) } catch {
          // A standing is damaged whatever is wrong in it; the message quotes what.
          throw error.message.contains("key") ? Refusal(.keyNotAllowed, "") : error
        }
      }
    },
  ]

  private static func keyset(_ payload: JSONValue, _ house: House) -> Refusal.Code? {
    guard let signature = try? KeysetDocument.sign(payload.serialized, by: house.root) else {
      return nil
    }
    let text = KeysetDocument.text(payload: payload.serialized, signatures: [signature])
    return refusal { () throws(Refusal) in
      _ = try TrustSet.establish(
        roots: house.roots, keysets: [text], using: LibcryptoProvider())
    }
  }

  private static func rootFile(_ jwks: JSONValue) -> Refusal.Code? {
    do throws(StartupCheckError) {
      _ = try TrustAnchor(file: nil, compiledIn: jwks.serialized)
      return nil
    } catch {
      return error.code == .trustRootUnreadable ? .keyNotAllowed : .damaged
    }
  }

  private static func enrolment(_ jwk: JSONValue, _ house: House) -> Refusal.Code? {
    let payload: JSONValue = [
      "ver": 1, "jwk": jwk, "license": "lic_1", "iat": .integer(House.iat),
    ]
    let kid = Thumbprint(LibcryptoProvider().sha256(jwk.serialized))
    let header = ProtectedHeader(algorithm: .edDSA, key: kid, type: DocumentKind.enrolment.rawValue)
    let text = House.compact(
      header: header.serialized, payload: payload.serialized,
      signature: [UInt8](repeating: 1, count: 64))
    return refusal { () throws(Refusal) in
      _ = try InstallationSeal.openSelfSealed(
        Array(text.utf8), as: Enrolment.self, using: LibcryptoProvider())
    }
  }
}
