internal import Glibc

/// An IPv6 address (RFC 4291), however it is written.
package struct IPv6Address: Sendable, Hashable {
  /// 16 bytes.
  package let bytes: [UInt8]

  /// - Parameter text: as `inet_pton` takes it; the zone behind a `%` is left aside.
  /// - Returns: nil for any other form.
  package init?(_ text: some StringProtocol) {
    let address = String(text.prefix { $0 != "%" })
    var bytes = [UInt8](repeating: 0, count: 16)
    guard !address.utf8.contains(0), unsafe inet_pton(AF_INET6, address, &bytes) == 1 else {
      return nil
    }
    self.bytes = bytes
  }
}
