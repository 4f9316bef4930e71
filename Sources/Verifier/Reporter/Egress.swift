internal import AsyncHTTPClient
internal import NIOSSL
internal import Serving

/// The certificates of a customer's own authority, trusted beside the system's: for a gateway behind a
/// firm's own TLS, or a proxy that opens it.
package struct CertificateBundle: Sendable, Hashable {
  /// The file, for people.
  package let source: String
  let certificates: [NIOSSLCertificate]

  /// - Parameters:
  ///   - bytes: PEM, one certificate or several.
  ///   - source: what to call it.
  /// - Throws: ``SettingFault`` for a file without a certificate, with one that is damaged, or with a
  ///   private key, which has no place there.
  package init(pem bytes: [UInt8], source: String) throws(SettingFault) {
    let text = String(decoding: bytes, as: UTF8.self)
    guard !text.contains("PRIVATE KEY-----") else {
      throw SettingFault(
        "setting gateway-ca: \(source) holds a private key: name a file with certificates alone")
    }
    guard let parsed = PEMCertificates.read(bytes) else {
      throw SettingFault(
        "setting gateway-ca: \(source) is no PEM file of whole certificates "
          + "(-----BEGIN CERTIFICATE-----): take it anew from whoever runs the authority")
    }
    certificates = parsed
    self.source = source
  }
}

/// What the installation shows of itself to a gateway, or a proxy before it, that asks for a client
/// certificate.
package struct ClientCertificate: Sendable, Hashable {
  let chain: [NIOSSLCertificate]
  let key: NIOSSLPrivateKey

  /// - Parameters:
  ///   - pem: the certificate and those that lead to its authority, PEM.
  ///   - key: its private key, PEM without a passphrase.
  ///   - source: what to call the certificate's file.
  /// - Throws: ``SettingFault`` for what is no certificate or no key.
  package init(pem: [UInt8], key bytes: [UInt8], source: String) throws(SettingFault) {
    guard let chain = PEMCertificates.read(pem) else {
      throw SettingFault(
        "setting gateway-certificate: \(source) is no PEM file of whole certificates "
          + "(-----BEGIN CERTIFICATE-----)")
    }
    guard let key = try? NIOSSLPrivateKey(bytes: bytes, format: .pem) else {
      throw SettingFault(
        "setting gateway-key: it is no private key in PEM without a passphrase: name the one of "
          + source)
    }
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.certificateChain = chain.map { .certificate($0) }
    configuration.privateKey = .privateKey(key)
    guard (try? NIOSSLContext(configuration: configuration)) != nil else {
      throw SettingFault(
        "settings gateway-certificate and gateway-key do not belong together: name the key of the "
          + "first certificate in \(source)")
    }
    self.chain = chain
    self.key = key
  }
}

/// By which way gateways are reached: straight or through a proxy, and whose certificates are believed.
///
/// Rules:
/// 1. A proxy named by the setting is asked for every gateway on https; the word `none` means that none
///    is asked, whatever the environment says.
/// 2. A proxy of the environment (`HTTPS_PROXY`) is not asked for this machine, nor for what `NO_PROXY`
///    lists.
/// 3. Plain http, which never leaves this machine, goes straight.
package struct Egress: Sendable, Hashable {
  package var proxy: ProxyAddress?
  package var exemptions: ProxyExemptions
  package var authority: CertificateBundle?
  package var certificate: ClientCertificate?
  /// Whether the proxy is the environment's, which leaves this machine out.
  private var isOfEnvironment = false

  /// Straight, with the system's certificates.
  package static let direct = Egress()

  package init(
    proxy: ProxyAddress? = nil, exemptions: ProxyExemptions = ProxyExemptions(),
    authority: CertificateBundle? = nil, certificate: ClientCertificate? = nil
  ) {
    self.certificate = certificate
    self.proxy = proxy
    self.exemptions = exemptions
    self.authority = authority
  }

  /// - Parameters:
  ///   - proxy: the setting, nil where it is not given.
  ///   - environment: the whole environment.
  /// - Throws: ``SettingFault``.
  package init(
    proxy setting: String?, environment: [String: String], authority: CertificateBundle?,
    certificate: ClientCertificate? = nil
  ) throws(SettingFault) {
    self.init(authority: authority, certificate: certificate)
    if let setting {
      if setting != "none" { proxy = try ProxyAddress(setting, setting: "setting proxy") }
      return
    }
    guard let (name, value) = try Self.variable("HTTPS_PROXY", environment) else { return }
    proxy = try ProxyAddress(value, setting: "environment variable \(name)")
    isOfEnvironment = true
    if let (name, value) = try Self.variable("NO_PROXY", environment) {
      exemptions = try ProxyExemptions(value, setting: "environment variable \(name)")
    }
  }

  /// A variable that is written in capitals by some and in small letters by others.
  private static func variable(
    _ name: String, _ environment: [String: String]
  ) throws(SettingFault) -> (name: String, value: String)? {
    let small = name.lowercased()
    let (one, other) = (environment[name] ?? "", environment[small] ?? "")
    guard one.isEmpty || other.isEmpty || one == other else {
      throw SettingFault(
        "environment variables \(name) and \(small) differ: set one of them, or both the same")
    }
    if !one.isEmpty { return (name, one) }
    return other.isEmpty ? nil : (small, other)
  }

  /// The proxy that is asked for a gateway, nil where it is dialled straight.
  package func proxy(for gateway: GatewayAddress) -> ProxyAddress? {
    guard let proxy, gateway.isSecure else { return nil }
    if isOfEnvironment && gateway.isThisMachine { return nil }
    return exemptions.covers(host: gateway.host, port: gateway.dialledPort) ? nil : proxy
  }

  /// How a client is set up that goes this way.
  /// - Parameter proxied: whether by the proxy.
  func configuration(proxied: Bool) -> HTTPClient.Configuration {
    var configuration = HTTPGatewayClient.configuration
    if authority != nil || certificate != nil {
      var tls = TLSConfiguration.makeClientConfiguration()
      if let authority {
        tls.additionalTrustRoots = [.certificates(authority.certificates)]
      }
      if let certificate {
        tls.certificateChain = certificate.chain.map { .certificate($0) }
        tls.privateKey = .privateKey(certificate.key)
      }
      configuration.tlsConfiguration = tls
    }
    if proxied, let proxy {
      configuration.proxy = .server(
        host: proxy.host, port: proxy.port,
        authorization: proxy.user.map { .basic(username: $0, password: proxy.password ?? "") })
    }
    return configuration
  }
}
