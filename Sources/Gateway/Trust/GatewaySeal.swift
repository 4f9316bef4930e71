internal import Libcrypto
package import LibcryptoIssuing
internal import Licensing
package import Reporting
package import Sealing

/// The gateway's own key, and the keyset's word that it may seal.
package struct GatewaySeal: Sendable {
  private let key: VendorKey
  private let trust: GatewayTrust

  package init(_ key: VendorKey, _ trust: GatewayTrust) {
    self.key = key
    self.trust = trust
  }

  package var iss: String { trust.view.set.keyset.iss }

  /// Says why the key may not seal at an instant, nil if it may.
  package func obstacle(at instant: Int64) -> String? {
    let keyset = trust.view.set.keyset
    let name = key.thumbprint
    let cure = "publish a keyset that names it for gateway, or start with another --key"
    if keyset.revoked.contains(where: { $0.kid == name }) {
      return "keyset \(keyset.epoch) has revoked the gateway's key \(name): \(cure)"
    }
    guard let entry = trust.view.set.key(name), entry.use == .gateway else {
      return "keyset \(keyset.epoch) does not name the gateway's key \(name): \(cure)"
    }
    guard (entry.from...entry.through).contains(instant) else {
      return "the present time lies outside the dates of the gateway's key \(name) in keyset "
        + "\(keyset.epoch): check the clock, else \(cure)"
    }
    return nil
  }

  /// Seals a document.
  /// - Throws: ``Problem`` `NOT_READY` where nobody would accept the seal, `INTERNAL` where OpenSSL
  ///   fails.
  package func seal(_ payload: some VendorPayload) throws(Problem) -> String {
    guard obstacle(at: payload.iat) == nil else {
      throw Problem(.notReady, "the gateway's key may not seal at present: try again later")
    }
    do throws(LibcryptoError) {
      return try key.seal(payload)
    } catch {
      throw Problem(.internalFault, "the answer could not be sealed: try again")
    }
  }
}
