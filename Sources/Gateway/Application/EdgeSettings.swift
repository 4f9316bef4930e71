package import Serving

/// How the gateway meets the world.
package struct EdgeSettings: Sendable {
  /// The files of TLS, in PEM.
  package struct Certificate: Sendable {
    /// The gateway's certificate and those that lead to its authority.
    package var chain: String
    /// Its private key, readable by its owner alone.
    package var key: String
    /// The authorities whose clients alone are let in; nil lets in every client.
    package var clients: String?

    package init(chain: String, key: String, clients: String? = nil) {
      self.chain = chain
      self.key = key
      self.clients = clients
    }
  }

  /// Nil speaks plain HTTP.
  package var certificate: Certificate?
  /// Whose word on where a request came from is taken.
  package var proxies = PeerList.thisMachine
  /// Who sees metrics and readiness.
  package var monitors = PeerList.thisMachine
  /// Requests of one address a minute; 0 for any number.
  package var perAddress: Int64 = 3000
  /// Reports of one installation a minute; 0 for any number.
  package var perInstallation: Int64 = 120
  /// Connections of one address at a time.
  package var connections = 256

  package init() {}
}
