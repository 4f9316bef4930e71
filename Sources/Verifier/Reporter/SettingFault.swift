/// A setting that says nothing usable: the start must stop.
package struct SettingFault: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong and what to write instead; never a password.
  package let message: String

  package init(_ message: String) { self.message = message }

  package var description: String { message }
}
