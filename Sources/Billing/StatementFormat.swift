package import CivilTime
import Sealing

/// The forms in which a statement leaves the gateway.
package enum StatementFormat: String, Sendable, CaseIterable {
  /// Its payload.
  case json
  /// A table for spreadsheets.
  case csv
  /// Charges of the FinOps Open Cost and Usage Specification 1.2, a table too.
  case focus
  /// The sealed document, in armour with the keysets that lead to its key.
  case jws
}

extension Statement {
  /// The statement as a file.
  /// - Parameters:
  ///   - sealed: the document that says the same.
  ///   - keysets: those by which a reader trusts its seal; may be none.
  ///   - zone: the one that the statement names.
  package func file(
    as format: StatementFormat, sealed: String, keysets: [String], in zone: Zone
  ) -> [UInt8] {
    switch format {
    case .json: serialized + [0x0A]
    case .csv: csv
    case .focus: focus(in: zone)
    case .jws: Self.armoured(sealed, keysets: keysets)
    }
  }

  /// A sealed statement and keysets as a file of armour.
  package static func armoured(_ sealed: String, keysets: [String]) -> [UInt8] {
    let blocks =
      [ArmourBlock(kind: .statement, document: sealed)]
      + keysets.map { ArmourBlock(kind: .keyset, document: $0) }
    return Array(Armour.write(blocks).utf8)
  }
}
