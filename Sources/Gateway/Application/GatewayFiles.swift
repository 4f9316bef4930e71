package import Libcrypto
package import LibcryptoIssuing
internal import Platform
internal import Sealing
internal import Serving

/// The files that a gateway is given: its key and the vendor's keyset.
package enum GatewayFiles {
  /// Reads the gateway's key.
  /// - Throws: ``GatewayError``; a file that others can read is refused.
  package static func key(
    _ path: String, passphrase: Secret
  ) throws(GatewayError) -> VendorKey {
    let pem: [UInt8]
    do throws(PlatformError) {
      pem = try Files.read(path, maximum: 64 * 1024, secret: true)
    } catch { throw GatewayError(error, .keyUnusable) }
    do throws(LibcryptoError) {
      return try VendorKey(encryptedPEM: pem, passphrase: passphrase)
    } catch { throw GatewayError(error, file: path) }
  }

  /// Reads the files of TLS.
  /// - Throws: ``GatewayError`` `TLS_UNUSABLE`; a key that others can read is refused.
  static func identity(
    _ certificate: EdgeSettings.Certificate
  ) throws(GatewayError) -> TLSIdentity.Files {
    do throws(PlatformError) {
      func file(
        _ path: String, secret: Bool = false
      ) throws(PlatformError) -> (source: String, bytes: [UInt8]) {
        (path, try Files.read(path, maximum: 1 << 20, secret: secret))
      }
      var files = TLSIdentity.Files(
        certificate: try file(certificate.chain), key: try file(certificate.key, secret: true))
      if let clients = certificate.clients { files.clients = try file(clients) }
      return files
    } catch { throw GatewayError(error, .tlsUnusable) }
  }

  /// Reads the keysets of a file, bare or in armour.
  /// - Throws: ``GatewayError``.
  package static func keysets(_ path: String) throws(GatewayError) -> [String] {
    let bytes: [UInt8]
    do throws(PlatformError) { bytes = try Files.read(path) } catch {
      throw GatewayError(error, .keysetUnusable)
    }
    let blocks: [ArmourBlock]
    do throws(Refusal) { blocks = try Armour.read(bytes) } catch {
      throw GatewayError(.keysetUnusable, "\(path): \(error.message)")
    }
    let keysets = blocks.filter { $0.kind == .keyset }.map(\.document)
    guard !keysets.isEmpty else {
      throw GatewayError(
        .keysetUnusable, "\(path) holds no keyset: give the file of tally keyset publish")
    }
    return keysets
  }
}
