/// Why a time zone could not be made. Two errors are equal when their codes are.
package struct ZoneError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Code: String, Sendable, CaseIterable {
    /// The name is not one that a zone can have.
    case name
    /// The data is not a TZif file of version 2 or later that keeps RFC 9636.
    case data
    /// The rule for later instants is not one that RFC 9636 allows.
    case footer
  }

  package let code: Code
  /// What is wrong and what to do.
  package let message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package static func == (left: ZoneError, right: ZoneError) -> Bool { left.code == right.code }
  package var description: String { message }
}
