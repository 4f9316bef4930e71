internal import HTTPTypes
internal import NIOCore
internal import Sealing

/// Where a push came from: the peer itself, or, where that is a listed proxy, what the proxy says.
///
/// A listed proxy is asked in this order: `X-Forwarded-For`, `X-Real-IP`, `Forwarded` (RFC 7239). In a
/// list the nearest hop stands last; the client is the last hop that is no listed proxy, for whatever
/// stands before it may be the client's own invention.
enum ClientAddress {
  /// The most hops that are looked through.
  static let mostHops = 64

  private static let forwardedFor = HTTPField.Name("X-Forwarded-For")
  private static let realAddress = HTTPField.Name("X-Real-IP")
  private static let forwarded = HTTPField.Name("Forwarded")

  static func read(_ push: Push) -> Push.Reading {
    guard push.gate.lists(push.peer) else { return peer(push.peer) }
    if let text = forwardedFor.flatMap(push.list) {
      return client(text.split(separator: ",", omittingEmptySubsequences: false), push.gate)
    }
    if let name = realAddress, case .name(let text) = push.single(name) {
      return client([text[...]], push.gate)
    }
    if let text = forwarded.flatMap(push.list) {
      guard let hops = ForwardedHeader.hops(text) else { return .malformed }
      return client(hops.map { $0[...] }, push.gate)
    }
    return peer(push.peer)
  }

  private static func peer(_ peer: Peer) -> Push.Reading {
    guard case .address(let text) = peer else { return .absent }
    return canonical(text).map { .name($0) } ?? .malformed
  }

  private static func client(_ hops: [Substring], _ gate: IntakeGate) -> Push.Reading {
    guard (1...mostHops).contains(hops.count) else { return .malformed }
    var last: String?
    for hop in hops.reversed() {
      guard let address = canonical(withoutPort(trimmed(hop))) else { return .malformed }
      last = address
      if !gate.lists(.address(address)) { break }
    }
    return Push.reading(last)
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

  /// The one spelling of an address; IPv4 written as IPv6 is IPv4.
  /// - Returns: nil for what is no address.
  static func canonical(_ text: some StringProtocol) -> String? {
    guard text.utf8.count <= 45, !text.utf8.contains(UInt8(ascii: "%")), !text.utf8.contains(0),
      let address = try? SocketAddress(ipAddress: String(text), port: 0).ipAddress
    else { return nil }
    let mapped = "::ffff:"
    return address.hasPrefix(mapped) && address.contains(".")
      ? String(address.dropFirst(mapped.count)) : address
  }
}
