package import NIOSSL

/// Certificates in a PEM file.
package enum PEMCertificates {
  /// All certificates of a file, in their order.
  /// - Returns: nil where there is none, or one that is damaged: a part of a chain is no chain.
  package static func read(_ file: [UInt8]) -> [NIOSSLCertificate]? {
    let blocks = String(decoding: file, as: UTF8.self)
      .ranges(of: "-----BEGIN CERTIFICATE-----").count
    guard blocks >= 1, let certificates = try? NIOSSLCertificate.fromPEMBytes(file),
      certificates.count == blocks
    else { return nil }
    return certificates
  }
}
