internal import Licensing
package import Sealing

/// One event on its way to one endpoint, as it is kept.
package struct WebhookDelivery: Sendable, Equatable {
  package let webhook: String
  package let event: StoredEvent
  /// How often it was tried, the present try included.
  package var attempts: Int64
  /// When it is tried next; while a gateway tries, until when it is left to that one.
  package var nextAt: Int64
  /// From when the time for tries runs.
  package let begunAt: Int64
  package let triedAt: Int64?
  /// The status of the last answer, nil where none came.
  package let status: Int64?
  /// What was wrong with the last try.
  package let error: String?
  package let deliveredAt: Int64?
  package let givenUpAt: Int64?

  package init(
    webhook: String, event: StoredEvent, attempts: Int64, nextAt: Int64, begunAt: Int64,
    triedAt: Int64? = nil, status: Int64? = nil, error: String? = nil, deliveredAt: Int64? = nil,
    givenUpAt: Int64? = nil
  ) {
    self.webhook = webhook
    self.event = event
    self.attempts = attempts
    self.nextAt = nextAt
    self.begunAt = begunAt
    self.triedAt = triedAt
    self.status = status
    self.error = error
    self.deliveredAt = deliveredAt
    self.givenUpAt = givenUpAt
  }

  /// The same while a gateway tries it.
  func claimed(until: Int64) -> WebhookDelivery {
    var claimed = self
    claimed.attempts += 1
    claimed.nextAt = until
    return claimed
  }

  package enum State: String, Sendable, CaseIterable {
    case waiting
    case delivered
    case givenUp = "given_up"
  }

  package var state: State {
    if deliveredAt != nil { return .delivered }
    return givenUpAt == nil ? .waiting : .givenUp
  }

  package var json: JSONValue {
    var members = [
      JSONMember("event", .string(event.id)), JSONMember("position", .integer(event.position)),
      JSONMember("type", .string(event.type)), JSONMember("state", .string(state.rawValue)),
      JSONMember("attempts", .integer(attempts)), JSONMember("begun_at", .integer(begunAt)),
    ]
    if state == .waiting { members.add("next_at", number: nextAt) }
    members.add("tried_at", number: triedAt)
    members.add("status", number: status)
    members.add("error", text: error)
    members.add("delivered_at", number: deliveredAt)
    members.add("given_up_at", number: givenUpAt)
    return .object(members)
  }
}

/// What a try came to, as it is kept.
package struct DeliveryOutcome: Sendable, Equatable {
  package enum Fate: Sendable, Equatable {
    case delivered
    /// Tried again at an instant.
    case again(Int64)
    case givenUp
    /// Broken off, and as if never begun.
    case undone
  }

  package let fate: Fate
  package let status: Int64?
  package let error: String?

  package init(_ fate: Fate, status: Int64? = nil, error: String? = nil) {
    self.fate = fate
    self.status = status
    self.error = error
  }
}

extension StoredEvent {
  package var json: JSONValue {
    var members = [
      JSONMember("position", .integer(position)), JSONMember("id", .string(id)),
      JSONMember("type", .string(type)), JSONMember("at", .integer(at)),
    ]
    if let line { members.append(JSONMember("line", line.json)) }
    if let installation { members.append(JSONMember("installation", installation.json)) }
    members.append(JSONMember("data", data))
    return .object(members)
  }
}
