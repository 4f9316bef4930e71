package import Licensing

/// The check could not be made: an input that exists cannot be read, or was not given as it must be.
///
/// Never a "no": what a file says wrongly is a finding of the verdict. Two errors are equal when their
/// codes are.
public struct StartupCheckError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kept the check from being made; the raw values are stable.
  public enum Code: String, Sendable, CaseIterable {
    /// The program was built without a vendor's root, and no file with one was named.
    case trustRootMissing = "TRUST_ROOT_MISSING"
    /// A file with a root was named, but the program has its vendor's root compiled in.
    case trustRootFixed = "TRUST_ROOT_FIXED"
    /// The root's file cannot be read, or holds no root.
    case trustRootUnreadable = "TRUST_ROOT_UNREADABLE"
    /// A license, release or standing file cannot be read.
    case inputUnreadable = "INPUT_UNREADABLE"
    /// What should be the running version is none.
    case runningMalformed = "RUNNING_MALFORMED"
    /// The clock cannot be read, and the license's edition needs it.
    case clockUnreadable = "CLOCK_UNREADABLE"
    /// The time zone in which the license's dates are meant is not on this machine.
    case zoneUnknown = "ZONE_UNKNOWN"
    /// The standing file cannot be written, or would be larger than a Secret or ConfigMap may be.
    case standingUnwritable = "STANDING_UNWRITABLE"
  }

  /// What kept it; stable text.
  public let code: Code
  /// What happened and what to do.
  public let message: String
  /// What a verdict lacked, where that is the cause.
  package let cannotTell: CannotTell?

  /// Whether the disk fails, for another reason than a want of space.
  package let isFault: Bool

  package init(
    _ code: Code, _ message: String, cannotTell: CannotTell? = nil, isFault: Bool = false
  ) {
    self.code = code
    self.message = message
    self.cannotTell = cannotTell
    self.isFault = isFault
  }

  /// Whether the caller asked for something impossible, where every other code is a fault.
  public var isWrongUsage: Bool {
    switch code {
    case .trustRootMissing, .trustRootFixed, .runningMalformed: true
    case .trustRootUnreadable, .inputUnreadable, .clockUnreadable, .zoneUnknown,
      .standingUnwritable:
      false
    }
  }

  /// Equal when the codes are.
  public static func == (left: StartupCheckError, right: StartupCheckError) -> Bool {
    left.code == right.code
  }

  /// The message.
  public var description: String { message }
}
