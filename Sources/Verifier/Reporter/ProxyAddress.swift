/// An HTTP proxy that opens tunnels (`CONNECT`, RFC 9110 section 9.3.6).
///
/// What stands in it of a user and password goes to the proxy and nowhere else: no text shows it.
package struct ProxyAddress: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
  package let host: String
  package let port: Int
  let user: String?
  let password: String?

  /// Reads `http://[USER[:PASSWORD]@]HOST[:PORT]`, or the same without `http://`.
  /// - Parameter name: of the setting, for the message.
  /// - Throws: ``SettingFault`` that quotes nothing of the value.
  package init(_ text: String, setting name: String) throws(SettingFault) {
    let fault = SettingFault(
      "\(name) must be http://HOST:PORT or http://USER:PASSWORD@HOST:PORT, with %XX for the "
        + "characters @ : / ? # % of a user or password")
    guard text.utf8.count <= 1024, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw fault
    }
    if text.lowercased().hasPrefix("https://") || text.lowercased().hasPrefix("socks") {
      throw SettingFault(
        "\(name) names a proxy that is itself spoken to over TLS or SOCKS, which is not supported: "
          + "use the proxy's http:// address; what goes through it is encrypted end to end")
    }
    var rest = text[...]
    if rest.hasPrefix("http://") {
      rest = rest.dropFirst(7)
    } else if rest.contains("://") {
      throw fault
    }
    if rest.last == "/" { rest = rest.dropLast() }
    guard !rest.contains(where: { "/?#\\".contains($0) }) else { throw fault }
    let at = rest.lastIndex(of: "@")
    let credentials = try at.map { at throws(SettingFault) in
      guard let credentials = Self.credentials(rest[..<at]) else { throw fault }
      return credentials
    }
    let authority = at.map { rest[rest.index(after: $0)...] } ?? rest
    guard let (host, port) = Self.endpoint(authority) else { throw fault }
    (self.host, self.port) = (host, port)
    user = credentials?.user
    password = credentials?.password
  }

  private static func credentials(_ text: Substring) -> (user: String, password: String)? {
    let name = text.prefix { $0 != ":" }
    guard !text.contains("@"), let user = decoded(name), !user.isEmpty,
      let password = decoded(text.dropFirst(name.count + 1))
    else { return nil }
    return (user, password)
  }

  private static func endpoint(_ authority: Substring) -> (host: String, port: Int)? {
    guard let address = GatewayAddress("https://\(authority)") else { return nil }
    return (address.host, address.port ?? 80)
  }

  /// Percent-decoding; nil for a `%` without two hexadecimal digits, and for controls.
  private static func decoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = String(decoding: rest.prefix(2), as: UTF8.self)
      guard digits.count == 2, digits.allSatisfy(\.isHexDigit), let value = UInt8(digits, radix: 16)
      else { return nil }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }

  package var description: String {
    (user == nil ? "" : "…@") + (host.contains(":") ? "[\(host)]" : host) + ":\(port)"
  }
  package var customMirror: Mirror { Mirror(self, children: [:]) }
}
