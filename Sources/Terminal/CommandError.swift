/// A command that ends without having done its work: what to say and how to end.
package struct CommandError: Error, Sendable, Equatable, CustomStringConvertible {
  package let status: ExitStatus
  /// What happened and what to do.
  package let message: String

  package init(_ status: ExitStatus, _ message: String) {
    self.status = status
    self.message = message
  }

  package var description: String { message }
}
