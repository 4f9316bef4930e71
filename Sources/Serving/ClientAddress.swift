package import HTTPTypes
internal import NIOCore
internal import Platform

/// Where a request came from: the peer itself, or, where that is a listed proxy, what the proxy says.
///
/// A listed proxy is asked in this order: `X-Forwarded-For`, `X-Real-IP`, `Forwarded` (RFC 7239). In a
/// list the nearest hop stands last; the client is the last hop that is no listed proxy, for whatever
/// stands before it may be the client's own invention.
package enum ClientAddress: Sendable, Equatable {
  /// There is none: the peer is on a socket of this machine.
  case absent
  /// In its one spelling.
  case address(String)
  /// A listed proxy says something, but no address.
  case malformed

  /// The most hops that are looked through.
  private static let mostHops = 64

  private static let forwardedFor = HTTPField.Name("X-Forwarded-For")
  private static let realAddress = HTTPField.Name("X-Real-IP")
  private static let forwarded = HTTPField.Name("Forwarded")

  package init(_ headers: HTTPFields, peer: Peer, proxies: PeerList) {
    guard proxies.lists(peer) else {
      self = Self.of(peer)
      return
    }
    if let text = Self.list(Self.forwardedFor, headers) {
      let hops = text.split(separator: ",", omittingEmptySubsequences: false)
      self = Self.client(hops, proxies)
    } else if let text = Self.single(Self.realAddress, headers) {
      self = Self.client([text[...]], proxies)
    } else if let text = Self.list(Self.forwarded, headers) {
      self =
        ForwardedHeader.hops(text).map { Self.client($0.map { $0[...] }, proxies) } ?? .malformed
    } else {
      self = Self.of(peer)
    }
  }

  /// All values of a header in one list; nil where it does not stand there.
  private static func list(_ name: HTTPField.Name?, _ headers: HTTPFields) -> String? {
    let values = headers.lazy.filter { $0.name == name }.map(\.value)
    return values.isEmpty ? nil : values.joined(separator: ",")
  }

  /// The value of a header that stands once and is not empty.
  private static func single(_ name: HTTPField.Name?, _ headers: HTTPFields) -> String? {
    let values = headers.lazy.filter { $0.name == name }.map(\.value)
    guard values.count == 1, let text = values.first, !text.isEmpty else { return nil }
    return text
  }

  private static func of(_ peer: Peer) -> ClientAddress {
    guard case .address(let text) = peer else { return .absent }
    return canonical(text).map { .address($0) } ?? .malformed
  }

  private static func client(_ hops: [Substring], _ proxies: PeerList) -> ClientAddress {
    guard (1...mostHops).contains(hops.count) else { return .malformed }
    var last: String?
    for hop in hops.reversed() {
      guard let address = canonical(withoutPort(trimmed(hop))) else { return .malformed }
      last = address
      if !proxies.lists(.address(address)) { break }
    }
    return last.map { .address($0) } ?? .malformed
  }

  private static func trimmed(_ text: Substring) -> Substring {
    let start = text.drop { $0 == " " || $0 == "\t" }
    let end = start.lastIndex { $0 != " " && $0 != "\t" }
    return end.map { start[...$0] } ?? ""
  }

  /// Some proxies write the port as well: `192.0.2.7:4711`, `[2001:db8::7]:4711`.
  private static func withoutPort(_ text: Substring) -> Substring {
    if text.first == "[" {
      guard let end = text.firstIndex(of: "]") else { return text }
      let port = text[text.index(after: end)...]
      guard port.isEmpty || isPort(port) else { return text }
      return text[text.index(after: text.startIndex)..<end]
    }
    guard let colon = text.firstIndex(of: ":"), colon == text.lastIndex(of: ":"),
      isPort(text[colon...])
    else { return text }
    return text[..<colon]
  }

  private static func isPort(_ text: Substring) -> Bool {
    text.first == ":" && UInt16(text.dropFirst()) != nil
  }

  /// The network that one client has all addresses of: the /64 of an IPv6 address, IPv4 as it is.
  package static func network(_ address: String) -> String {
    guard let ipv6 = IPv6Address(address) else { return address }
    return ipv6.bytes.prefix(8).map { String($0, radix: 16) }.joined(separator: ":") + "/64"
  }

  /// The one spelling of an address; IPv4 written as IPv6 is IPv4.
  /// - Returns: nil for what is no address.
  package static func canonical(_ text: some StringProtocol) -> String? {
    guard text.utf8.count <= 45, !text.utf8.contains(UInt8(ascii: "%")), !text.utf8.contains(0),
      let address = try? SocketAddress(ipAddress: String(text), port: 0).ipAddress
    else { return nil }
    let mapped = "::ffff:"
    return address.hasPrefix(mapped) && address.contains(".")
      ? String(address.dropFirst(mapped.count)) : address
  }
}
