package import Sealing

/// An endpoint of the vendor's that is told of events.
package struct Webhook: Sendable, Equatable {
  /// `whk_…`
  package let id: String
  package let url: String
  /// The types that it is told of, nil for all.
  package let types: Set<EventType>?
  package var secret: WebhookSecret
  /// The secret before the last rotation, which still signs for a while.
  package var former: WebhookSecret?
  package var formerUntil: Int64?
  /// What it is for, for people.
  package let note: String
  package let createdAt: Int64
  /// Since when it is sent nothing, because it answered that it is gone.
  package var disabledAt: Int64?

  package init(
    id: String, url: String, types: Set<EventType>?, secret: WebhookSecret,
    former: WebhookSecret? = nil, formerUntil: Int64? = nil, note: String, createdAt: Int64,
    disabledAt: Int64? = nil
  ) {
    self.id = id
    self.url = url
    self.types = types
    self.secret = secret
    self.former = former
    self.formerUntil = formerUntil
    self.note = note
    self.createdAt = createdAt
    self.disabledAt = disabledAt
  }

  /// The secrets that sign at an instant, the present one first.
  package func secrets(at now: Int64) -> [WebhookSecret] {
    guard let former, let formerUntil, now < formerUntil else { return [secret] }
    return [secret, former]
  }

  /// The types as they are kept: joined by commas, `*` for all.
  var typesText: String {
    types.map { $0.map(\.rawValue).sorted().joined(separator: ",") } ?? "*"
  }

  /// - Returns: nil for a text that names a type which is not known.
  static func types(_ text: String) -> Set<EventType>?? {
    if text == "*" { return .some(nil) }
    let names = text.split(separator: ",", omittingEmptySubsequences: false)
    let types = names.compactMap { EventType(rawValue: String($0)) }
    guard types.count == names.count else { return nil }
    return .some(Set(types))
  }

  /// The endpoint for people and machines; never a secret.
  package var json: JSONValue {
    var members = [
      JSONMember("id", .string(id)), JSONMember("url", .string(url)),
      JSONMember(
        "types",
        .array((types ?? Set(EventType.allCases)).map(\.rawValue).sorted().map { .string($0) })),
      JSONMember("note", .string(note)), JSONMember("created_at", .integer(createdAt)),
    ]
    if let formerUntil, former != nil {
      members.append(JSONMember("former_secret_until", .integer(formerUntil)))
    }
    if let disabledAt { members.append(JSONMember("disabled_at", .integer(disabledAt))) }
    return .object(members)
  }

  /// As shown when a secret was made: the one time that it is.
  package var jsonWithSecret: JSONValue {
    guard case .object(let members) = json else { return json }
    return .object(members + [JSONMember("secret", .string(secret.text))])
  }
}
