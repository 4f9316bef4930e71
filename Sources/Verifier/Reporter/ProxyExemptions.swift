internal import Platform
internal import Serving

/// The hosts to which no proxy is asked, as `NO_PROXY` lists them.
///
/// `*` is every host. Otherwise items with commas between them: a name (`example.com`: itself and all
/// below it; `.example.com` says the same), an IP address, a network (`10.0.0.0/8`); each may end in
/// `:PORT`.
package struct ProxyExemptions: Sendable, Hashable {
  private enum Place: Hashable {
    case name(String)
    case v4(IPv4Network)
    case v6(IPv6Network)
  }

  private struct Item: Hashable {
    var place: Place
    var port: Int?
  }

  private var items: [Item] = []
  private var isEverything = false

  /// None.
  package init() {}

  /// - Parameter name: of the variable, for the message.
  /// - Throws: ``SettingFault`` naming the item that is none of these.
  package init(_ text: String, setting name: String) throws(SettingFault) {
    for part in text.split(separator: ",") {
      let word = Self.trimmed(part)
      guard !word.isEmpty else { continue }
      if word == "*" {
        isEverything = true
        continue
      }
      guard let item = Self.item(word) else {
        throw SettingFault(
          "\(name) has the item \(word.prefix(64)): an item is a name, an address or a network "
            + "such as 10.0.0.0/8, with commas between items")
      }
      items.append(item)
    }
  }

  private static func trimmed(_ text: Substring) -> String {
    var text = text.drop { $0 == " " }
    while text.last == " " { text.removeLast() }
    return String(text)
  }

  private static func item(_ word: String) -> Item? {
    if let place = network(word) { return Item(place: place) }
    var host = word[...]
    var port: Int?
    if let colon = word.lastIndex(of: ":") {
      guard let number = GatewayAddress.port(word[word.index(after: colon)...]) else { return nil }
      host = word[..<colon]
      port = number
    }
    if host.first == "[" && host.last == "]" { host = host.dropFirst().dropLast() }
    if let place = network(String(host)) { return Item(place: place, port: port) }
    let name = host.lowercased().drop { $0 == "." || $0 == "*" }
    let isName = name.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || "-._".utf8.contains(byte)
    }
    guard isName, !name.isEmpty, name.utf8.count <= 253 else { return nil }
    return Item(place: .name(String(name)), port: port)
  }

  private static func network(_ text: String) -> Place? {
    if let network = IPv4Network(text) { return .v4(network) }
    return IPv6Network(text).map { .v6($0) }
  }

  /// Whether a gateway is reached without the proxy.
  package func covers(host: String, port: Int) -> Bool {
    if isEverything { return true }
    let host = host.lowercased()
    return items.contains { item in
      guard item.port == nil || item.port == port else { return false }
      return switch item.place {
      case .name(let name): host == name || host.hasSuffix(".\(name)")
      case .v4(let network): network.contains(host)
      case .v6(let network): IPv6Address(host).map { network.contains($0) } ?? false
      }
    }
  }
}
