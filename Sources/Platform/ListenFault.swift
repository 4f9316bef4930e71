internal import Glibc

/// Why the system does not let a program listen at an address.
package enum ListenFault: Sendable {
  case inUse
  case forbidden
  case notHere

  /// - Returns: nil for an error number that says something else.
  package init?(errno number: Int32) {
    switch number {
    case EADDRINUSE: self = .inUse
    case EACCES, EPERM: self = .forbidden
    case EADDRNOTAVAIL: self = .notHere
    default: return nil
    }
  }
}
