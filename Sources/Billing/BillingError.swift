/// Why a statement cannot be made. Two errors are equal when their codes are.
package struct BillingError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Code: String, Sendable, CaseIterable {
    /// No license of the line is known, so nothing has a price.
    case noLicense = "NO_LICENSE"
    /// An amount leaves the whole numbers that every JSON library holds exactly.
    case amountTooLarge = "AMOUNT_TOO_LARGE"
  }

  package let code: Code
  /// What happened and what to do.
  package let message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package static func == (left: BillingError, right: BillingError) -> Bool {
    left.code == right.code
  }

  package var description: String { message }
}
