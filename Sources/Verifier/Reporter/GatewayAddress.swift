/// Where a gateway is: `https://host[:port][/path]`, or plain `http` on this machine.
///
/// Trust is in the seals of what comes back, not in the address; TLS keeps what is sent from others.
package struct GatewayAddress: Sendable, Hashable, CustomStringConvertible {
  /// Without a slash at the end.
  package let text: String
  /// A name or an IP address, without brackets.
  package let host: String
  /// Nil where the address names none.
  package let port: Int?
  package let isSecure: Bool

  /// The port that is dialled.
  package var dialledPort: Int { port ?? (isSecure ? 443 : 80) }

  /// - Returns: nil for every other form, and for plain http to another machine.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count <= 512, bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
    let secure = text.hasPrefix("https://")
    guard secure || text.hasPrefix("http://") else { return nil }
    let rest = text.dropFirst(secure ? 8 : 7)
    let authority = rest.prefix { $0 != "/" }
    let path = rest.dropFirst(authority.count)
    guard let (host, port) = Self.endpoint(of: authority), secure || Self.isThisMachine(host),
      !path.contains(where: { "?#\\".contains($0) })
    else { return nil }
    let trimmed = path.last == "/" ? path.dropLast() : path
    self.host = String(host.first == "[" ? host.dropFirst().dropLast() : host)
    self.port = port
    isSecure = secure
    self.text = (secure ? "https://" : "http://") + authority + trimmed
  }

  /// The parts of `host`, `host:port` or `[v6]:port`; nil with user names or a port out of range.
  private static func endpoint(of authority: Substring) -> (host: Substring, port: Int?)? {
    guard !authority.isEmpty, !authority.contains("@") else { return nil }
    let host: Substring
    var port: Substring = ""
    if authority.first == "[" {
      guard let end = authority.firstIndex(of: "]") else { return nil }
      host = authority[...end]
      port = authority[authority.index(after: end)...]
    } else {
      host = authority.prefix { $0 != ":" }
      port = authority.dropFirst(host.count)
    }
    guard !host.isEmpty else { return nil }
    if port.isEmpty { return (host, nil) }
    guard port.first == ":", let number = Self.port(port.dropFirst()) else { return nil }
    return (host, number)
  }

  /// A number of digits alone, in the range of ports.
  static func port(_ text: some StringProtocol) -> Int? {
    guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text),
      (1...65_535).contains(number)
    else { return nil }
    return number
  }

  /// Whether it is an address of this machine.
  package var isThisMachine: Bool {
    Self.isThisMachine(host.contains(":") ? "[\(host)]" : host[...])
  }

  private static func isThisMachine(_ host: Substring) -> Bool {
    if host == "localhost" || host == "[::1]" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127"
      && parts.allSatisfy { UInt8($0) != nil && $0.allSatisfy(\.isNumber) }
  }

  package var description: String { text }

  /// The address of one of its paths, which begins with a slash.
  package func url(_ path: String) -> String { text + path }
}
