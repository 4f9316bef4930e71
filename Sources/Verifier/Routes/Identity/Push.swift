package import HTTPTypes
package import Metering
internal import Sealing
package import Serving

/// A collector's request that passes a proxy, as the proxy asks about it.
package struct Push: Sendable {
  /// What a header, a parameter or an address comes to.
  enum Reading: Equatable {
    case absent
    case name(String)
    /// It stands there, but not as a name: twice, with control characters, or not as text.
    case malformed
  }

  /// Whose push it is.
  package enum Caller: Sendable, Equatable {
    case collector(Beat)
    /// A DataKit of this host name, where the host name alone does not tell one from another.
    case dataKit(host: String)
    /// No source is present.
    case nobody
    /// The first source that is present names nobody.
    case malformed
  }

  /// The longest User-Agent that inventories show.
  private static let longestAgent = 128

  let headers: HTTPFields
  /// The path and query behind `/v1/admit`, empty where nothing stands there.
  let target: String
  let peer: Peer
  let gate: PeerList

  package init(headers: HTTPFields, target: String = "", peer: Peer, gate: PeerList) {
    self.headers = headers
    self.target = target
    self.peer = peer
    self.gate = gate
  }

  /// Whose push it is under the rules. Whatever stands in the request, this comes to an answer.
  package func caller(_ rules: IdentityRules) -> Caller {
    for source in rules.sources {
      if source.place == .dataKitAgent {
        switch dataKit() {
        case .absent: continue
        case .malformed: return .malformed
        case .beat(let beat):
          guard rules.dataKit != .hostname else { return .collector(beat) }
          return beat.host.map { .dataKit(host: $0) } ?? .malformed
        }
      }
      switch read(source.place) {
      case .absent: continue
      case .malformed: return .malformed
      case .name(let name):
        guard let identity = CollectorIdentity(kind: source.kind, text: name) else {
          return .malformed
        }
        return .collector(Beat(identity: identity, version: agent))
      }
    }
    return .nobody
  }

  private func read(_ place: IdentitySource.Place) -> Reading {
    switch place {
    case .header(let name): single(name)
    case .query(let name): OriginalURI.value(of: name, in: self)
    case .basicUser: BasicUser.read(single(.authorization))
    case .dataKitAgent: .absent
    case .clientCertificate(let name):
      gate.lists(peer) ? CertificateName.read(single(name)) : .absent
    case .address:
      switch ClientAddress(headers, peer: peer, proxies: gate) {
      case .absent: .absent
      case .address(let text): Self.reading(text)
      case .malformed: .malformed
      }
    }
  }

  private enum Agent {
    case absent
    case malformed
    case beat(Beat)
  }

  private func dataKit() -> Agent {
    guard let text = first(.userAgent), text.utf8.starts(with: "datakit-".utf8) else {
      return .absent
    }
    return DataKitUserAgent.parse(text).map { .beat($0) } ?? .malformed
  }

  /// What the collector says it is, for inventories.
  private var agent: String? {
    guard let text = first(.userAgent), (1...Self.longestAgent).contains(text.utf8.count) else {
      return nil
    }
    return text
  }

  func first(_ name: HTTPField.Name) -> String? {
    headers.first { $0.name == name }?.value
  }

  /// The value of a header that may stand once; an empty one is absent.
  func single(_ name: HTTPField.Name) -> Reading {
    var found: String?
    for field in headers where field.name == name {
      guard found == nil else { return .malformed }
      found = field.value
    }
    return Self.reading(found)
  }

  /// Text as a name: absent where it is empty, malformed with control characters or bytes that are no
  /// UTF-8, which two names may have in common.
  static func reading(_ text: String?) -> Reading {
    guard let text, !text.isEmpty else { return .absent }
    let isName = text.unicodeScalars.allSatisfy { scalar in
      scalar.value >= 0x20 && scalar.value != 0x7F && scalar != "\u{FFFD}"
    }
    return isName ? .name(text) : .malformed
  }
}
