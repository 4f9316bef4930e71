/// How every program of ours ends.
package enum ExitStatus: Int32, Sendable {
  /// Yes, or done.
  case success = 0
  /// No: the question was answered, and the answer is a refusal.
  case refused = 1
  /// The question could not be answered, or the work could not be done.
  case fault = 2
  /// The command was not understood (`EX_USAGE` of sysexits.h).
  case usage = 64
}
