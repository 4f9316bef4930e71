/// Where a gateway is: `https`, or plain `http` to this machine.
struct GatewayAddress {
  /// Without a slash at the end.
  let text: String

  /// - Returns: nil for anything else.
  init?(_ text: String) {
    guard let scheme = ["https://", "http://"].first(where: text.hasPrefix) else { return nil }
    let rest = text.dropFirst(scheme.utf8.count)
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    guard !authority.isEmpty, !authority.contains("@"),
      !text.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value >= 0x7F }),
      !rest.contains("?"), !rest.contains("#"),
      scheme == "https://" || Self.isLoopback(authority)
    else { return nil }
    var text = text
    while text.hasSuffix("/") { text.removeLast() }
    self.text = text
  }

  private static func isLoopback(_ authority: Substring) -> Bool {
    if authority.hasPrefix("[") { return authority == "[::1]" || authority.hasPrefix("[::1]:") }
    let host = authority.prefix { $0 != ":" }
    if host == "localhost" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }

  /// The message for a flag that holds something else.
  static func rule(_ flag: String) -> String {
    "\(flag) must be an address such as https://usage.vendor.example; plain http only to "
      + "127.0.0.1, localhost or [::1]"
  }
}
