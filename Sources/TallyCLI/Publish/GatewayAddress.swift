/// Where a gateway is: `https://host[:port][/path]`, or plain `http` to this machine.
///
/// Rules:
/// 1. A host is a name of letters, digits, hyphens and underscores, an IPv4 address, or an IPv6 address in
///    brackets; a port is 1 to 65535.
/// 2. Neither user nor query has a place in it. A path is where a proxy has put the gateway: the programs
///    add `/v1/...` themselves, so an address that ends in one of those is a slip.
struct GatewayAddress {
  /// Without a slash at the end.
  let text: String

  /// - Returns: nil for anything else.
  init?(_ text: String) {
    guard Self.fault(text) == nil else { return nil }
    var text = text
    while text.hasSuffix("/") { text.removeLast() }
    self.text = text
  }

  /// Why a text is no gateway's address; nil for one that is.
  static func fault(_ text: String) -> String? {
    guard let scheme = ["https://", "http://"].first(where: text.hasPrefix) else {
      return "it does not begin with https://"
    }
    guard text.utf8.count <= 512 else { return "it is longer than 512 bytes" }
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      return "it has a space or a character that is not ASCII"
    }
    let rest = text.dropFirst(scheme.utf8.count)
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    guard !rest.contains(where: { "?#\\".contains($0) }) else {
      return "a query, a fragment or a backslash has no place in it"
    }
    guard !authority.contains("@") else { return "a user has no place in it" }
    if let fault = Self.fault(ofEndpoint: authority) { return fault }
    guard scheme == "https://" || isLoopback(authority) else {
      return "plain http reaches this machine alone"
    }
    let parts = rest.dropFirst(authority.count).split(separator: "/")
    guard parts.last != "v1", parts.dropLast().last != "v1" else {
      return "the programs add /v1/... themselves: leave it out"
    }
    return nil
  }

  private static func fault(ofEndpoint authority: Substring) -> String? {
    let isBracketed = authority.first == "["
    let host =
      isBracketed
      ? authority.prefix { $0 != "]" }.dropFirst() : authority.prefix { $0 != ":" }
    let port = authority.dropFirst(host.count + (isBracketed ? 2 : 0))
    if isBracketed {
      guard authority.contains("]"), isIPv6(host) else { return "[\(host)] is no IPv6 address" }
    } else if let fault = fault(ofName: host) {
      return fault
    }
    guard !port.isEmpty else { return nil }
    let digits = port.dropFirst()
    guard port.first == ":", digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let number = Int(digits), (1...65_535).contains(number)
    else { return "its port \(digits) is not from 1 to 65535" }
    return nil
  }

  private static func isIPv6(_ host: Substring) -> Bool {
    !host.isEmpty && host.contains(":")
      && host.utf8.allSatisfy { byte in
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
          || UInt8(ascii: "a")...UInt8(ascii: "f") ~= byte
          || UInt8(ascii: "A")...UInt8(ascii: "F") ~= byte || byte == UInt8(ascii: ":")
          || byte == UInt8(ascii: ".")
      }
  }

  private static func fault(ofName host: Substring) -> String? {
    guard !host.isEmpty else { return "it has no host" }
    guard let wrong = host.first(where: { !isNameCharacter($0) }) else {
      var labels = host.split(separator: ".", omittingEmptySubsequences: false)
      if labels.last == "" { labels.removeLast() }
      let isName =
        !labels.isEmpty && host.utf8.count <= 253
        && labels.allSatisfy {
          (1...63).contains($0.utf8.count) && $0.first != "-" && $0.last != "-"
        }
      return isName ? nil : "\(host) is no name of a host"
    }
    return "its host has the character \(wrong)"
  }

  private static func isNameCharacter(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || "-._".contains(character))
  }

  private static func isLoopback(_ authority: Substring) -> Bool {
    if authority.hasPrefix("[") { return authority == "[::1]" || authority.hasPrefix("[::1]:") }
    let host = authority.prefix { $0 != ":" }
    if host == "localhost" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }

  /// The message for a flag that holds something else.
  static func rule(_ flag: String, _ fault: String) -> String {
    "\(flag): \(fault); give an address such as https://usage.vendor.example, plain http only to "
      + "127.0.0.1, localhost or [::1]"
  }
}
