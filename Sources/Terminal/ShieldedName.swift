/// Names of keys and installations among the arguments.
///
/// A thumbprint is 43 characters of base64url, and one in 64 begins with a hyphen: the parser would take
/// it for flags, of which `-h` ends the command with help and status 0. Such an argument is given a
/// mark at its front before the arguments are parsed, which whoever reads a name takes off.
package enum ShieldedName {
  private static let mark: Character = "="
  private static let length = 43

  /// The arguments with every name marked that begins with a hyphen; also one with a value after it,
  /// `NAME=FILE`. No option of ours has a name of this length.
  package static func shielding(_ arguments: some Sequence<String>) -> [String] {
    var isOpen = true
    return arguments.map { argument in
      // What follows the terminator is never taken for flags.
      if argument == "--" { isOpen = false }
      return isOpen && isHyphened(argument) ? "\(mark)\(argument)" : argument
    }
  }

  /// The argument as it was given.
  package static func bare(_ argument: String) -> String {
    guard argument.first == mark, isHyphened(argument.dropFirst()) else { return argument }
    return String(argument.dropFirst())
  }

  private static func isHyphened(_ text: some StringProtocol) -> Bool {
    let bytes = text.utf8
    let name = bytes.prefix(length)
    guard name.count == length, name.first == UInt8(ascii: "-"), name.allSatisfy(isBase64URL) else {
      return false
    }
    let rest = bytes.dropFirst(length).first
    return rest == nil || rest == UInt8(ascii: "=")
  }

  private static func isBase64URL(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
