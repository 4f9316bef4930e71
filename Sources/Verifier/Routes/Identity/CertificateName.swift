internal import Sealing
internal import Serving

/// The name in a client certificate, out of what proxies make of it in a header.
///
/// - a distinguished name: `CN=edge-1,O=ACME` (RFC 4514; nginx, Caddy), `/O=ACME/CN=edge-1`
/// - Envoy's `X-Forwarded-Client-Cert`: `Hash=…;Subject="CN=edge-1";URI=…;DNS=…`
/// - Traefik's `X-Forwarded-Tls-Client-Cert-Info`: `Subject%3D%22CN%3Dedge-1%22`
/// - the bare name
///
/// It is the subject's common name; in Envoy's form, where the subject has none, the `DNS`, then the
/// `URI`.
enum CertificateName {
  /// The longest header that is looked into, in bytes.
  static let longest = 16 * 1024

  static func read(_ header: Push.Reading) -> Push.Reading {
    guard case .name(let text) = header else { return header }
    guard text.utf8.count <= longest, let name = name(text) else { return .malformed }
    let reading = Push.reading(name)
    return reading == .absent ? .malformed : reading
  }

  private static func name(_ text: String) -> String? {
    if text.lowercased().contains("subject%3d") {
      guard let plain = OriginalURI.decoded(text[...].utf8) else { return nil }
      // One certificate after the other, the client's own first.
      return ForwardedHeader.split(Array(plain.utf8), at: UInt8(ascii: ","))?.first
        .flatMap(fromPairs)
    }
    if isPairs(text) {
      // Several are of several proxies; which to believe is for the nearest to settle.
      let elements = ForwardedHeader.split(Array(text.utf8), at: UInt8(ascii: ","))
      return elements?.count == 1 ? elements?.first.flatMap(fromPairs) : nil
    }
    if text.hasPrefix("/") { return fromSlashes(text) }
    return text.contains("=") ? fromDistinguishedName(text) : text
  }

  private static func isPairs(_ text: String) -> Bool {
    let first = text.prefix { $0 != "=" }.lowercased()
    return ["by", "hash", "cert", "chain", "subject", "uri", "dns"].contains(first)
  }

  /// `Key=value` with semicolons between them, values quoted where they need it.
  private static func fromPairs(_ element: [UInt8]) -> String? {
    guard let pairs = ForwardedHeader.split(element, at: UInt8(ascii: ";")) else { return nil }
    var values: [String: String] = [:]
    for pair in pairs {
      let parts = String(decoding: pair, as: UTF8.self).split(separator: "=", maxSplits: 1)
      guard parts.count == 2 else { continue }
      let key = parts[0].lowercased()
      values[key] = values[key] ?? ForwardedHeader.unquoted(String(parts[1]))
    }
    let subject = values["subject"].flatMap { text in
      text.hasPrefix("/") ? fromSlashes(text) : fromDistinguishedName(text)
    }
    return subject ?? values["dns"] ?? values["uri"]
  }

  /// OpenSSL's older form: `/C=CN/O=ACME/CN=edge-1`. A slash within a name is part of it.
  private static func fromSlashes(_ text: String) -> String? {
    var name: String?
    for part in text.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
      let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if halves.count == 2, halves[0].allSatisfy({ $0.isLetter || $0.isNumber || $0 == "." }) {
        if name != nil { return name }
        if halves[0].lowercased() == "cn" { name = String(halves[1]) }
      } else if let begun = name {
        name = "\(begun)/\(part)"
      }
    }
    return name
  }

  /// RFC 4514: `CN=edge-1,O=ACME`; the first common name, which is the most specific.
  private static func fromDistinguishedName(_ text: String) -> String? {
    for part in attributes(Array(text.utf8)) {
      let bytes = part.drop { $0 == 0x20 }
      guard let mark = bytes.firstIndex(of: UInt8(ascii: "=")),
        String(decoding: bytes[..<mark], as: UTF8.self).lowercased() == "cn"
      else { continue }
      return value(bytes[(mark + 1)...])
    }
    return nil
  }

  /// The attributes between commas and plus signs that are neither quoted nor escaped.
  private static func attributes(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    var parts: [ArraySlice<UInt8>] = []
    var start = 0
    var isQuoted = false
    var index = 0
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\\"): index += 1
      case UInt8(ascii: "\""): isQuoted.toggle()
      case UInt8(ascii: ","), UInt8(ascii: "+"), UInt8(ascii: ";"):
        if !isQuoted {
          parts.append(bytes[start..<index])
          start = index + 1
        }
      default: break
      }
      index += 1
    }
    parts.append(bytes[min(start, bytes.count)...])
    return parts
  }

  /// A value without its quotes and escapes; nil for one in hexadecimal, and for what is no UTF-8.
  private static func value(_ bytes: ArraySlice<UInt8>) -> String? {
    guard bytes.first != UInt8(ascii: "#") else { return nil }
    var result: [UInt8] = []
    var rest = bytes
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "\""): continue
      case UInt8(ascii: "\\"):
        guard let next = rest.popFirst() else { return nil }
        if let high = Hexadecimal.value(of: next),
          let low = rest.first.flatMap(Hexadecimal.value(of:))
        {
          rest.removeFirst()
          result.append(high << 4 | low)
        } else {
          result.append(next)
        }
      default: result.append(byte)
      }
    }
    return String(validating: result, as: UTF8.self)
  }
}
