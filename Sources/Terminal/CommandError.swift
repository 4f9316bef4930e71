package import Sealing

/// A command that ends without having done its work: what to say and how to end.
package struct CommandError: Error, Sendable, Equatable, CustomStringConvertible {
  package let status: ExitStatus
  /// What happened and what to do.
  package let message: String
  /// What a sealed document was refused for, where that is the cause.
  package let refusal: Refusal?
  /// What the code in the message means, in Chinese, where there is one.
  let meaning: String?

  package init(
    _ status: ExitStatus, _ message: String, refusal: Refusal? = nil, chinese: String? = nil
  ) {
    self.status = status
    self.message = message
    self.refusal = refusal
    meaning = chinese
  }

  package var description: String { message }
}
