package import Licensing
package import Sealing

/// What the gateway entered into its ledger by itself, or because the vendor's staff decided it.
///
/// Sealed by a `gateway` key; it has a place in the ledger as any record has, and is never changed.
package struct Decision: VendorPayload {
  package static let kind = DocumentKind.decision
  package static let use = KeyUse.gateway
  /// Who decides what nobody of the staff has decided.
  package static let gateway = "tally-gateway"

  /// What was decided.
  package enum Matter: Sendable, Equatable {
    /// A date was closed without a day record.
    case closing(DateClosing)
    /// An installation's chain ended and its seat is free.
    case release
    /// Another installation may take this one's place.
    case replace(ReplacementPermit)
    /// Dates are billed otherwise than they were counted, or as they were again.
    case bill(BillChange)
  }

  package enum Subject: String, Sendable, CaseIterable {
    case closing
    case release
    case replace
    case waive
    case correct
    case restore
  }

  package var iss: String
  package var iat: Int64
  package var line: LineID
  package var installation: Thumbprint
  /// Who decided: a name that the vendor's staff gave, or ``gateway``.
  package var by: String
  /// In the words of whoever decided.
  package var why: String
  package var matter: Matter

  package init(
    iss: String, iat: Int64, line: LineID, installation: Thumbprint, by: String, why: String,
    matter: Matter
  ) {
    self.iss = iss
    self.iat = iat
    self.line = line
    self.installation = installation
    self.by = by
    self.why = why
    self.matter = matter
  }

  package var subject: Subject {
    switch matter {
    case .closing: .closing
    case .release: .release
    case .replace: .replace
    case .bill(let change): change.subject
    }
  }

  /// Reads what a sealed decision says. Its seal is not looked at: that is for whoever has the keys.
  /// - Throws: ``Refusal`` for what is no decision.
  package static func quoted(_ jws: String) throws(Refusal) -> Decision {
    let document = try UnverifiedDocument(Array(jws.utf8), as: kind)
    guard document.header.type.isSameBytes(as: kind.rawValue) else {
      throw Refusal(.wrongKind, "a decision is needed here")
    }
    return try parse(document.payload)
  }

  /// Whether people decided it: statements quote those.
  package var isOfStaff: Bool { !by.isSameBytes(as: Self.gateway) }

  /// What it says of bills, nil where it is about another matter.
  package var billChange: BillChange? {
    if case .bill(let change) = matter { change } else { nil }
  }
}

/// That one installation may take another's place, though it would not by itself.
package struct ReplacementPermit: Sendable, Equatable {
  /// The last second at which it holds.
  package var through: Int64
  /// The installation that may, nil where any of the line may.
  package var successor: Thumbprint?

  package init(through: Int64, successor: Thumbprint? = nil) {
    self.through = through
    self.successor = successor
  }

  /// Whether an installation may use it at an instant.
  package func allows(_ candidate: Thumbprint, at now: Int64) -> Bool {
    now <= through && (successor == nil || successor == candidate)
  }
}
