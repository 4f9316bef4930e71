internal import Libcrypto
package import Licensing
package import Sealing

/// A fact on its way into the list of events, announced in the change that makes it so.
package struct GatewayEvent: Sendable, Equatable {
  package let type: EventType
  /// What tells this fact from every other of its type: it is announced once, whoever announces it.
  package let subject: [JSONValue]
  package let line: LineID?
  package let installation: Thumbprint?
  /// What receivers are told: names, dates, counts and amounts; never a token, a secret or a sealed text.
  package let data: [JSONMember]

  package init(
    _ type: EventType, subject: [JSONValue], line: LineID? = nil,
    installation: Thumbprint? = nil, data: [JSONMember]
  ) {
    self.type = type
    self.subject = subject
    self.line = line
    self.installation = installation
    self.data = data
  }

  /// What is unique among all events.
  package var key: String { JSONValue.array([.string(type.rawValue)] + subject).text }

  /// Its name for receivers, which follows from the key: announced again after a restored backup, it is
  /// the same one.
  package var id: String {
    let digest = LibcryptoProvider().sha256(Array(key.utf8))
    return "evt_" + Hexadecimal.encode(Array(digest.bytes.prefix(16)))
  }
}

/// An event as it is kept.
package struct StoredEvent: Sendable, Equatable {
  /// Its place in the list: later ones have higher ones.
  package let position: Int64
  package let id: String
  package let type: String
  package let line: LineID?
  package let installation: Thumbprint?
  package let data: JSONValue
  /// When it was announced.
  package let at: Int64

  package init(
    position: Int64, id: String, type: String, line: LineID?, installation: Thumbprint?,
    data: JSONValue, at: Int64
  ) {
    self.position = position
    self.id = id
    self.type = type
    self.line = line
    self.installation = installation
    self.data = data
    self.at = at
  }
}
