internal import HTTPTypes
internal import Sealing

/// The URI of the request that a proxy asks about: the header `X-Original-URI` (nginx),
/// `X-Forwarded-Uri` (Traefik, Caddy) or `X-Original-URL` (ingress-nginx), else what stands behind
/// `/v1/admit` in the path (Envoy's `path_prefix`).
enum OriginalURI {
  /// The longest URI that is looked into, in bytes.
  static let longest = 16 * 1024

  private static let headers = ["X-Original-URI", "X-Forwarded-Uri", "X-Original-URL"]
    .compactMap { HTTPField.Name($0) }

  /// A parameter of the query (`application/x-www-form-urlencoded`): absent where it is missing or
  /// empty, malformed where it stands twice or is wrongly escaped.
  static func value(of name: String, in push: Push) -> Push.Reading {
    let uri = headers.lazy.compactMap { push.first($0) }.first ?? push.target
    guard let mark = uri.utf8.firstIndex(of: UInt8(ascii: "?")) else { return .absent }
    guard uri.utf8.count <= longest else { return .malformed }
    let query = uri.utf8[uri.utf8.index(after: mark)...].prefix { $0 != UInt8(ascii: "#") }
    var found: String?
    for pair in query.split(separator: UInt8(ascii: "&")) {
      let parts = pair.split(
        separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      guard let key = decoded(parts[0]), key.isSameBytes(as: name) else { continue }
      guard found == nil, let value = decoded(parts.count > 1 ? parts[1] : ""[...].utf8) else {
        return .malformed
      }
      found = value
    }
    return Push.reading(found)
  }

  /// Text without its escapes, nil where one is wrong or the bytes are no UTF-8.
  static func decoded(_ text: Substring.UTF8View) -> String? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    var rest = text[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "+"): bytes.append(0x20)
      case UInt8(ascii: "%"):
        guard let high = rest.popFirst().flatMap(Hexadecimal.value(of:)),
          let low = rest.popFirst().flatMap(Hexadecimal.value(of:))
        else { return nil }
        bytes.append(high << 4 | low)
      default: bytes.append(byte)
      }
    }
    return String(validating: bytes, as: UTF8.self)
  }
}
