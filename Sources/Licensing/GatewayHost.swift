/// Whether a gateway's address is that of one machine or one network.
///
/// Rules:
/// 1. Names: `localhost`, what ends in a name that no public DNS has (RFC 6761, 6762, 8375, and
///    `internal`, which is reserved for this), and a name of one label.
/// 2. IPv4: this host, private, shared, loopback and link-local addresses (RFC 6890), and every other
///    spelling of a number, which readers take for one address or another.
/// 3. IPv6: unspecified, loopback, unique local and link-local addresses, and IPv4 mapped into it.
///    What cannot be read is asked about.
package enum GatewayHost {
  private static let suffixes = ["localhost", "local", "internal", "home.arpa", "lan", "intranet"]

  /// - Parameter url: a gateway as a license names it, `https://HOST[:PORT][/PATH]`.
  package static func isPrivate(_ url: String) -> Bool {
    let rest = url.utf8.drop { $0 != UInt8(ascii: "/") }.drop { $0 == UInt8(ascii: "/") }
    let authority = rest.prefix { !"/?#".utf8.contains($0) }
    let place = String(decoding: authority, as: UTF8.self)
    let host = place.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
    if host.hasPrefix("[") {
      return isPrivateIPv6(String(host.dropFirst().prefix { $0 != "]" }))
    }
    return isPrivateName(host.prefix { $0 != ":" }.lowercased())
  }

  private static func isPrivateName(_ host: String) -> Bool {
    var labels = host.split(separator: ".", omittingEmptySubsequences: false)[...]
    if labels.last == "" { labels.removeLast() }
    guard labels.count > 1, let last = labels.last, let first = last.utf8.first else { return true }
    // A last label that is a number makes all of it one (WHATWG URL, 3.5).
    if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) {
      return ipv4(labels.joined(separator: ".")).map(isPrivateIPv4) ?? true
    }
    let name = labels.joined(separator: ".")
    return suffixes.contains { name == $0 || name.hasSuffix(".\($0)") }
  }

  /// The four numbers of an address in its usual spelling.
  private static func ipv4(_ text: String) -> [UInt8]? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { part -> UInt8? in
      guard let number = UInt8(part), String(number) == part else { return nil }
      return number
    }
    return numbers.count == 4 && parts.count == 4 ? numbers : nil
  }

  private static func isPrivateIPv4(_ address: [UInt8]) -> Bool {
    switch (address[0], address[1]) {
    case (0, _), (10, _), (127, _), (169, 254), (172, 16...31), (192, 168), (100, 64...127): true
    default: false
    }
  }

  private static func isPrivateIPv6(_ text: String) -> Bool {
    guard let groups = ipv6(text) else { return true }
    let isZero = groups.prefix(5).allSatisfy { $0 == 0 }
    if isZero, groups[5] == 0xFFFF {
      let (high, low) = (groups[6], groups[7])
      return isPrivateIPv4([high, low].flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] })
    }
    if isZero, groups[5] == 0, groups[6] == 0, groups[7] <= 1 { return true }
    return groups[0] & 0xFE00 == 0xFC00 || groups[0] & 0xFFC0 == 0xFE80
  }

  /// The eight groups of an address; nil for what is none.
  private static func ipv6(_ text: String) -> [UInt16]? {
    let halves = text.split(separator: ":", omittingEmptySubsequences: false)
    // "::" leaves an empty part; at an end there are two of them.
    var parts = halves.map(String.init)[...]
    if parts.count > 1, parts[0].isEmpty, parts[1].isEmpty { parts.removeFirst() }
    if parts.count > 1, parts.last == "", parts.dropLast().last == "" { parts.removeLast() }
    let gaps = parts.filter(\.isEmpty).count
    guard gaps <= 1 else { return nil }
    var groups: [UInt16] = []
    var before: Int?
    for part in parts {
      if part.isEmpty {
        before = groups.count
      } else if part.contains("."), let address = ipv4(part) {
        groups += [0, 2].map { UInt16(address[$0]) << 8 | UInt16(address[$0 + 1]) }
      } else if part.utf8.count <= 4, !part.hasPrefix("+"), let group = UInt16(part, radix: 16) {
        groups.append(group)
      } else {
        return nil
      }
    }
    guard let before else { return groups.count == 8 ? groups : nil }
    guard groups.count < 8 else { return nil }
    let zeros = [UInt16](repeating: 0, count: 8 - groups.count)
    return Array(groups[..<before]) + zeros + Array(groups[before...])
  }
}
