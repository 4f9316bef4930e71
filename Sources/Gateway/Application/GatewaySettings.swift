package import Libcrypto
package import Postgres

/// What a gateway is started with.
package struct GatewaySettings: Sendable {
  /// The folder of everything that lasts.
  package let state: String
  /// The database of the ledger; nil keeps it in the folder.
  package let store: PostgresAddress?
  package let host: String
  /// 0 lets the system choose.
  package let port: Int
  /// The PEM file of the gateway's key.
  package let key: String
  package let passphrase: Secret
  /// The file with the vendor's keyset, bare or in armour.
  package let keyset: String
  /// The file with the vendor's root, where none is compiled in.
  package let trustRoot: String?
  package let edge: EdgeSettings
  /// Whether `keyset` may take the place of keysets of other roots in a database that gateways share.
  package let takesNewRoots: Bool

  package init(
    state: String, host: String, port: Int, key: String, passphrase: Secret, keyset: String,
    trustRoot: String?, edge: EdgeSettings = EdgeSettings(), store: PostgresAddress? = nil,
    takesNewRoots: Bool = false
  ) {
    self.state = state
    self.store = store
    self.host = host
    self.port = port
    self.key = key
    self.passphrase = passphrase
    self.keyset = keyset
    self.trustRoot = trustRoot
    self.edge = edge
    self.takesNewRoots = takesNewRoots
  }

  /// Reads `HOST:PORT`, an IPv6 host in brackets.
  /// - Returns: nil for any other form.
  package static func address(_ text: String) -> (host: String, port: Int)? {
    guard let colon = text.lastIndex(of: ":"),
      let port = Int(text[text.index(after: colon)...]), (0...65_535).contains(port)
    else { return nil }
    var host = text[..<colon]
    if host.first == "[" && host.last == "]" {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    return host.isEmpty ? nil : (String(host), port)
  }
}
