internal import Platform
internal import Terminal

/// Who is recorded in the audit log.
enum Operator {
  /// The login name, and who became it by sudo.
  ///
  /// What sudo says stands beside the login name and never in its place: whoever runs the program without
  /// sudo can set the variable as he likes.
  static func name() -> String {
    name(login: Login.name(), environment: ProcessEnvironment.all())
  }

  static func name(login: String, environment: [String: String]) -> String {
    guard let user = environment["SUDO_USER"], user != login, (1...64).contains(user.utf8.count),
      user.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F })
    else { return login }
    return "\(login) (SUDO_USER \(user))"
  }
}
