package import Reporting

/// Where an endpoint is: an `https` URL, or an `http` one of this machine.
///
/// Refused are other schemes, a user or password, a fragment, spaces and what is not ASCII, hosts that are
/// numbers in an unusual spelling, and more than 2,048 bytes.
package struct WebhookAddress: Sendable, Equatable {
  package static let maximumLength = 2048

  package let url: String
  /// For people and logs: the rest of a URL may be a secret of its own.
  package let host: String

  /// - Throws: ``Problem`` `MALFORMED`.
  package init(_ text: String) throws(Problem) {
    guard (1...Self.maximumLength).contains(text.utf8.count),
      text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !Self.forbidden.contains($0) })
    else {
      throw Self.refused(
        "it must have 1 to \(Self.maximumLength) characters of ASCII, no spaces and no fragment")
    }
    guard let (isSecure, rest) = Self.scheme(text) else {
      throw Self.refused("it must begin with https://")
    }
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    guard !authority.contains("@") else {
      throw Self.refused("it must hold no user and no password: the signature tells who sends")
    }
    guard let host = Self.host(of: authority) else {
      throw Self.refused("its host or port cannot be read")
    }
    guard isSecure || Self.isThisMachine(host) else {
      throw Self.refused("plain http is for this machine alone (127.0.0.1, [::1], localhost)")
    }
    url = text
    self.host = host
  }

  private static let forbidden = Set("\"#<>\\^`{|}".utf8)

  private static func refused(_ why: String) -> Problem {
    Problem(.malformed, "the URL is refused: \(why)")
  }

  private static func scheme(_ text: String) -> (isSecure: Bool, rest: Substring)? {
    let lower = text.lowercased()
    if lower.hasPrefix("https://") { return (true, text.dropFirst(8)) }
    if lower.hasPrefix("http://") { return (false, text.dropFirst(7)) }
    return nil
  }

  /// The host of `HOST[:PORT]`, IPv6 in brackets; nil for what is none.
  private static func host(of authority: Substring) -> String? {
    var host = authority
    if authority.hasPrefix("[") {
      guard let end = authority.firstIndex(of: "]") else { return nil }
      host = authority[...end]
      let inner = host.dropFirst().dropLast()
      guard inner.contains(":"), inner.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." })
      else { return nil }
    } else {
      host = authority.prefix { $0 != ":" }
      guard isName(host) else { return nil }
    }
    let rest = authority[host.endIndex...]
    guard rest.isEmpty || isPort(rest) else { return nil }
    return host.lowercased()
  }

  private static func isPort(_ text: Substring) -> Bool {
    let digits = text.dropFirst()
    guard text.first == ":", !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return false }
    return Int(digits).map { (1...65_535).contains($0) } ?? false
  }

  /// Labels of letters, digits, hyphens and underscores; where the last begins with a digit, all of it is
  /// an IPv4 address in its usual spelling.
  private static func isName(_ host: Substring) -> Bool {
    let labels = host.split(separator: ".", omittingEmptySubsequences: false)
    guard host.utf8.count <= 253, let last = labels.last, let first = last.first,
      labels.allSatisfy({ label in
        (1...63).contains(label.utf8.count)
          && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) }
      })
    else { return false }
    return first.isNumber ? ipv4(host) != nil : true
  }

  private static func ipv4(_ host: some StringProtocol) -> [UInt8]? {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { part -> UInt8? in
      guard let number = UInt8(part), String(number) == part else { return nil }
      return number
    }
    return parts.count == 4 && numbers.count == 4 ? numbers : nil
  }

  private static func isThisMachine(_ host: String) -> Bool {
    host == "localhost" || host == "[::1]" || ipv4(host)?.first == 127
  }
}
