import Authority
import Libcrypto
import Licensing
import Metering
import Reporting
import Sealing
import StartupCheck

extension House {
  /// Files as `tally-verifier check`, `tally license verify` and `tally license inspect` read them:
  /// armoured, and bare.
  func fileDoors() throws -> [Door] {
    [
      Door(
        name: "check --license, armoured", kind: .license, signer: try key(.license),
        open: { checked([.license: $0], as: .license) }),
      Door(
        name: "check --license, bare", kind: .license, signer: try key(.license),
        open: { checkedBare($0, as: .license) }),
      Door(
        name: "check --release, armoured", kind: .release, signer: try key(.release),
        open: { checked([.release: $0], as: .release) }),
      Door(
        name: "check, kept by the verifier", kind: .activation, signer: try key(.gateway),
        open: { kept(activation: $0) }),
      Door(
        name: "license verify", kind: .license, signer: try key(.license),
        open: { verifiedFile($0) }),
      Door(
        name: "license inspect", kind: .license, signer: try key(.license), verifies: false,
        open: { text in
          refusal { () throws(Refusal) in
            _ = try InspectedDocument.read(armoured([.license: text]))
          }
        }),
    ]
  }

  /// Files that a courier carries, and evidence, as `tally-gateway import`, `tally-verifier usage import`
  /// and `tally evidence check` read them.
  func courierDoors() throws -> [Door] {
    let (trust, key, provider) = (trust, installation.publicKey, LibcryptoProvider())
    let seal = InstallationSeal(key: key, cryptography: provider)
    return [
      Door(
        name: "gateway import, a bundle's record", kind: .usage, signer: installation,
        open: { text in
          refusal { () throws(Refusal) in
            let bundle = try ReportBundle(file: armoured([.usage: text]))
            for record in bundle.records {
              _ = try seal.open(Array(record.utf8), as: UsageRecord.self)
            }
          }
        }),
      Door(
        name: "usage import, an answer's receipt", kind: .receipt, signer: try self.key(.gateway),
        open: { text in
          refusal { () throws(Refusal) in
            let answer = try BundleAnswer(file: armoured([.receipt: text]))
            for receipt in answer.receipts {
              _ = try trust.open(Array(receipt.utf8), as: Receipt.self)
            }
          }
        }),
      Door(
        name: "evidence check", kind: .usage, signer: installation,
        open: { text in
          do throws(Refusal) {
            _ = try EvidenceSubject(key: key, record: text).open(using: provider)
            return nil
          } catch {
            // The page shows a sample: that it closes no date is looked at when its seal has held.
            return error.message.hasPrefix("the record is a sample") ? nil : error.code
          }
        }),
    ]
  }

  func armoured(_ blocks: KeyValuePairs<DocumentKind, String>) -> [UInt8] {
    Array(Armour.write(blocks.map { ArmourBlock(kind: $0.key, document: $0.value) }).utf8)
  }

  private func code(_ files: [GivenFile]) -> Refusal.Code? {
    Dossier(roots: roots, given: files, using: LibcryptoProvider()).refused.first?.refusal.code
  }

  private func checked(
    _ blocks: KeyValuePairs<DocumentKind, String>, as role: GivenFile.Role
  ) -> Refusal.Code? {
    let keysets = armoured([.keyset: keysetText])
    return code([GivenFile(keysets + armoured(blocks), as: role, source: "file")])
  }

  private func checkedBare(_ text: String, as role: GivenFile.Role) -> Refusal.Code? {
    let standing = StandingDocument(written: Self.iat, keysets: [keysetText])
    return Dossier(
      roots: roots, given: [GivenFile(Array(text.utf8), as: role, source: "file")],
      standing: .document(standing), using: LibcryptoProvider()
    ).refused.first?.refusal.code
  }

  private func kept(activation: String) -> Refusal.Code? {
    let standing = StandingDocument(
      written: Self.iat, keysets: [keysetText], activation: activation)
    return Dossier(
      roots: roots, standing: .document(standing), using: LibcryptoProvider()
    ).refused.first?.refusal.code
  }

  private func verifiedFile(_ text: String) -> Refusal.Code? {
    refusal { () throws(Refusal) in
      _ = try VerifiedFile(armoured([.license: text]), roots: roots, kept: [keysetText])
    }
  }
}
