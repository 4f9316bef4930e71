internal import NIOSSL
internal import Synchronization

/// What a server shows of itself under TLS, and whom it asks to show something: changed while it runs,
/// because certificates are renewed.
package final class TLSIdentity: Sendable {
  /// A file that cannot be used; the message says which and what to do.
  package struct Fault: Error, Sendable, Equatable, CustomStringConvertible {
    package let message: String
    package var description: String { message }
  }

  /// The files as they were read: PEM.
  package struct Files: Sendable {
    package var certificate: (source: String, bytes: [UInt8])
    package var key: (source: String, bytes: [UInt8])
    /// The authorities whose clients alone are let in; nil lets in every client.
    package var clients: (source: String, bytes: [UInt8])?

    package init(
      certificate: (source: String, bytes: [UInt8]), key: (source: String, bytes: [UInt8]),
      clients: (source: String, bytes: [UInt8])? = nil
    ) {
      self.certificate = certificate
      self.key = key
      self.clients = clients
    }
  }

  private struct Shown: Sendable {
    let context: NIOSSLContext
    let expires: Int64
  }

  private let shown: Mutex<Shown>

  /// - Throws: ``Fault``.
  package init(_ files: Files) throws(Fault) {
    shown = Mutex(try Self.read(files))
  }

  /// Takes renewed files for connections from now on.
  /// - Throws: ``Fault``; what was shown before stays.
  package func use(_ files: Files) throws(Fault) {
    let new = try Self.read(files)
    shown.withLock { $0 = new }
  }

  /// The last second in which the certificate is valid, in Unix seconds.
  package var expires: Int64 { shown.withLock { $0.expires } }

  var context: NIOSSLContext { shown.withLock { $0.context } }

  private static func read(_ files: Files) throws(Fault) -> Shown {
    let chain = try certificates(files.certificate)
    let key: NIOSSLPrivateKey
    do { key = try NIOSSLPrivateKey(bytes: files.key.bytes, format: .pem) } catch {
      throw Fault(
        message:
          "\(files.key.source) is no private key in PEM without a passphrase: name the one of the "
          + "certificate with --tls-key")
    }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    configuration.minimumTLSVersion = .tlsv12
    configuration.applicationProtocols = ["http/1.1"]
    if let clients = files.clients {
      configuration.trustRoots = .certificates(try certificates(clients))
      configuration.certificateVerification = .noHostnameVerification
    }
    do {
      return Shown(
        context: try NIOSSLContext(configuration: configuration),
        expires: Int64(chain[0].notValidAfter))
    } catch {
      throw Fault(
        message: "\(files.key.source) is not the key of the first certificate in "
          + "\(files.certificate.source): name the two that belong together")
    }
  }

  private static func certificates(
    _ file: (source: String, bytes: [UInt8])
  ) throws(Fault) -> [NIOSSLCertificate] {
    guard let certificates = PEMCertificates.read(file.bytes) else {
      throw Fault(
        message: "\(file.source) is no PEM file of whole certificates (-----BEGIN CERTIFICATE-----)"
      )
    }
    return certificates
  }
}
