package import Sealing

/// A prefixed identifier: `lic_`, `lin_` or `cus_`, then 1 to 60 of `0-9 A-Z a-z -`.
///
/// Each kind is a type of its own, so that a line never stands where a license should. The text is
/// ASCII, so `==` compares bytes.
package protocol Identifier: Hashable, Sendable, Comparable, CustomStringConvertible {
  static var prefix: String { get }
  var text: String { get }
  init?(_ text: String)
}

extension Identifier {
  package var description: String { text }
  package var json: JSONValue { .string(text) }

  package static func < (left: Self, right: Self) -> Bool { left.text < right.text }

  static func isValid(_ text: String) -> Bool {
    let bytes = text.utf8.span
    let start = prefix.utf8.span
    guard (1...60).contains(bytes.count - start.count) else { return false }
    for index in start.indices where bytes[index] != start[index] { return false }
    for index in start.count..<bytes.count {
      guard Characters.isWord(bytes[index]) || bytes[index] == UInt8(ascii: "-") else {
        return false
      }
    }
    return true
  }
}

/// The name of one license, its `jti`.
package struct LicenseID: Identifier {
  package static let prefix = "lic_"
  package let text: String

  /// - Returns: nil unless the text has the form of ``Identifier``.
  package init?(_ text: String) {
    guard Self.isValid(text) else { return nil }
    self.text = text
  }
}

/// The name of a line: a license and everything that renews or changes it.
package struct LineID: Identifier {
  package static let prefix = "lin_"
  package let text: String

  /// - Returns: nil unless the text has the form of ``Identifier``.
  package init?(_ text: String) {
    guard Self.isValid(text) else { return nil }
    self.text = text
  }
}

/// The name of a customer, a license's `sub`.
package struct CustomerID: Identifier {
  package static let prefix = "cus_"
  package let text: String

  /// - Returns: nil unless the text has the form of ``Identifier``.
  package init?(_ text: String) {
    guard Self.isValid(text) else { return nil }
    self.text = text
  }
}

/// The characters that names may have.
enum Characters {
  /// Digits and Latin letters.
  static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"):
      true
    default: false
    }
  }

  /// A product, version or commit: 1 to 64 digits, letters and `. _ + ~ -`.
  static func isName(_ text: String) -> Bool {
    let bytes = text.utf8.span
    guard (1...64).contains(bytes.count) else { return false }
    for index in bytes.indices where !isWord(bytes[index]) {
      switch bytes[index] {
      case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "~"),
        UInt8(ascii: "-"):
        continue
      default: return false
      }
    }
    return true
  }
}

extension ObjectReader {
  /// An identifier of that type.
  package mutating func identifier<ID: Identifier>(
    _ name: String, _ type: ID.Type = ID.self
  ) throws(Refusal) -> ID {
    guard let id = ID(try string(name)) else {
      throw .malformed(
        "\(self.name(name)) must be \(ID.prefix) and 1 to 60 digits, letters or hyphens")
    }
    return id
  }

  /// A product, version or commit.
  mutating func word(_ name: String) throws(Refusal) -> String {
    try checkedWord(try string(name), name)
  }

  /// A product, version or commit, nil when the member is absent.
  mutating func optionalWord(_ name: String) throws(Refusal) -> String? {
    guard let text = try optionalString(name) else { return nil }
    return try checkedWord(text, name)
  }

  private func checkedWord(_ text: String, _ name: String) throws(Refusal) -> String {
    guard Characters.isName(text) else {
      throw .malformed("\(self.name(name)) must be 1 to 64 digits, letters or . _ + ~ -")
    }
    return text
  }
}
