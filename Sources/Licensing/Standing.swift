package import Sealing

/// What an installation has been through, as far as a verdict rests on it.
package struct Standing: Sendable {
  /// What a verdict needs of the newest usage record.
  package struct NewestRecord: Sendable, Equatable {
    package var installation: Thumbprint
    /// The license that the record names.
    package var license: LicenseID
    package var revision: Int64
    package var seq: Int64

    package init(installation: Thumbprint, license: LicenseID, revision: Int64, seq: Int64) {
      self.installation = installation
      self.license = license
      self.revision = revision
      self.seq = seq
    }
  }

  /// All licenses that the installation holds.
  package var held: [Verified<License>]
  /// Licenses kept whose key fell out of trust, by their own word. They only say that something does
  /// not count against the license judged: leaving a document out would gain as much.
  package var distrusted: [License] = []
  package var activation: Verified<Activation>?
  /// The newest receipt, and the newest that grants a lease where that is another one.
  package var receipts: [Verified<Receipt>]
  /// The newest record of the present chain; after a replacement not the old chain's.
  package var newestRecord: NewestRecord?
  /// The running program's own key, where it has one at hand.
  package var ownInstallation: Thumbprint?
  /// No decision is made as of an earlier instant, in Unix seconds.
  package var floor: Int64?
  /// What the installation found by itself.
  package var findings: [StandingFinding]

  package init(
    held: [Verified<License>] = [], activation: Verified<Activation>? = nil,
    receipts: [Verified<Receipt>] = [], newestRecord: NewestRecord? = nil,
    ownInstallation: Thumbprint? = nil, floor: Int64? = nil, findings: [StandingFinding] = []
  ) {
    self.held = held
    self.activation = activation
    self.receipts = receipts
    self.newestRecord = newestRecord
    self.ownInstallation = ownInstallation
    self.floor = floor
    self.findings = findings
  }

  /// The installation, as far as it is known.
  package var installation: Thumbprint? { ownInstallation ?? newestRecord?.installation }
}

/// A finding that only the running verifier can make; it warns.
package struct StandingFinding: Sendable, Equatable {
  /// What it can find, and the facts that its text uses.
  package enum Code: String, Sendable, CaseIterable {
    /// ``FactName/secondsMoved``, or ``FactName/wall`` and ``FactName/floor``.
    case clockUntrusted = "CLOCK_UNTRUSTED"
    /// ``FactName/seq`` of the first record affected and ``FactName/reason``.
    case ledgerDamaged = "LEDGER_DAMAGED"
    /// ``FactName/online``, ``FactName/limit`` and, as an instant, ``FactName/since``.
    case overLimit = "OVER_LIMIT"

    package var finding: FindingCode {
      switch self {
      case .clockUntrusted: .clockUntrusted
      case .ledgerDamaged: .ledgerDamaged
      case .overLimit: .overLimit
      }
    }
  }

  package var code: Code
  package var facts: Facts

  package init(_ code: Code, _ facts: Facts) {
    self.code = code
    self.facts = facts
  }

  /// Reads `{"code":…,"facts":{…}}`.
  package init(_ value: JSONValue, at path: String) throws(Refusal) {
    var reader = try ObjectReader(value, at: path)
    code = try reader.choice("code")
    facts = try Facts(try reader.value("facts"), at: reader.name("facts"))
    try reader.end()
  }

  package var json: JSONValue {
    ["code": .string(code.rawValue), "facts": facts.json]
  }
}
