package import HTTPTypes
internal import Metering

/// One place of a passing request in which a collector's name may stand, and the kind that it gives.
///
/// Written `header:NAME`, `query:NAME`, `basic-user`, `datakit-agent`, `client-certificate:HEADER` or
/// `address`; all but `datakit-agent` take `=KIND` behind it. Without it, what names a collector gives
/// the kind of a native beat, so that one name is one collector whichever way it comes; an address
/// gives `address`.
package struct IdentitySource: Sendable, Hashable {
  package enum Place: Sendable, Hashable {
    case header(HTTPField.Name)
    /// A parameter of the original request's query.
    case query(String)
    /// The user of `Authorization: Basic`.
    case basicUser
    /// A DataKit's User-Agent.
    case dataKitAgent
    /// The name in a client certificate, as a listed proxy passes it in this header.
    case clientCertificate(HTTPField.Name)
    /// Where the request came from: the peer, or what a listed proxy says.
    case address
  }

  package let place: Place
  package let kind: String

  /// The kind of an address that no setting names otherwise.
  private static let addressKind = "address"
  /// Headers and parameters that hold secrets: their text would stand in inventories and evidence.
  private static let secrets: Set<String> = [
    "authorization", "proxy-authorization", "cookie", "token", "access_token", "password",
  ]

  private init(_ place: Place, kind: String) {
    self.place = place
    self.kind = kind
  }

  /// A DataKit by its User-Agent.
  package static let dataKitAgent = IdentitySource(.dataKitAgent, kind: CollectorIdentity.dataKit)

  /// - Throws: ``SettingFault`` for any other text.
  package init(_ text: some StringProtocol) throws(SettingFault) {
    let halves = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let parts = (halves.first ?? "").split(
      separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    place = try Self.place(String(parts.first ?? ""), parts.count > 1 ? String(parts[1]) : nil)
    guard halves.count > 1 else {
      kind = Self.ownKind(place)
      return
    }
    guard place != .dataKitAgent else {
      throw SettingFault("datakit-agent gives the kind datakit and takes no other")
    }
    kind = String(halves[1])
    guard CollectorIdentity(kind: kind, text: "x") != nil else {
      throw SettingFault("\"\(text.prefix(64))\" must name a kind of 1 to 32 of a-z 0-9 _ -")
    }
  }

  private static func ownKind(_ place: Place) -> String {
    switch place {
    case .header, .query, .basicUser, .clientCertificate: CollectorIdentity.native
    case .dataKitAgent: CollectorIdentity.dataKit
    case .address: addressKind
    }
  }

  private static func place(_ word: String, _ name: String?) throws(SettingFault) -> Place {
    switch (word, name) {
    case ("header", let name?): return .header(try header(name))
    case ("client-certificate", let name?): return .clientCertificate(try header(name))
    case ("query", let name?):
      guard (1...64).contains(name.utf8.count), name.utf8.allSatisfy(isWord) else {
        throw SettingFault("query: takes a parameter of 1 to 64 letters, digits or - . _ ~")
      }
      try refuseSecret(name)
      return .query(name)
    case ("basic-user", nil): return .basicUser
    case ("datakit-agent", nil): return .dataKitAgent
    case ("address", nil): return .address
    case ("header", nil), ("client-certificate", nil), ("query", nil):
      throw SettingFault("\(word) needs a name behind it, as in \(word):NAME")
    default:
      throw SettingFault(
        "\"\(word.prefix(64))\" is no source: they are header:NAME, query:NAME, basic-user, "
          + "datakit-agent, client-certificate:HEADER, address")
    }
  }

  private static func header(_ text: String) throws(SettingFault) -> HTTPField.Name {
    guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy(isWord),
      let name = HTTPField.Name(text)
    else { throw SettingFault("a header has a name of 1 to 64 letters, digits or - . _ ~") }
    try refuseSecret(name.canonicalName)
    return name
  }

  private static func refuseSecret(_ name: String) throws(SettingFault) {
    guard secrets.contains(name.lowercased()) else { return }
    throw SettingFault("\(name) holds a secret, which must not become a collector's name")
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "_"), UInt8(ascii: "~"):
      true
    default: false
    }
  }

  /// The one spelling: header names in lower case, no kind that goes without saying.
  package var text: String {
    let suffix = kind == Self.ownKind(place) ? "" : "=\(kind)"
    return switch place {
    case .header(let name): "header:\(name.canonicalName)\(suffix)"
    case .query(let name): "query:\(name)\(suffix)"
    case .basicUser: "basic-user\(suffix)"
    case .dataKitAgent: "datakit-agent"
    case .clientCertificate(let name): "client-certificate:\(name.canonicalName)\(suffix)"
    case .address: "address\(suffix)"
    }
  }
}
