internal import Licensing

/// The name of a finding: numbered in the order in which findings were first opened, for ever.
package struct FindingID: Identifier {
  package static let prefix = "fnd_"
  /// At least 1.
  package let number: Int64

  /// The most digits that are read.
  private static let digits = 18

  package init(number: Int64) { self.number = number }

  /// - Returns: nil unless the text is the prefix and a number without leading zeros.
  package init?(_ text: String) {
    guard text.hasPrefix(Self.prefix) else { return nil }
    let digits = text.utf8.dropFirst(Self.prefix.utf8.count)
    guard (1...Self.digits).contains(digits.count), digits.first != UInt8(ascii: "0"),
      digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let number = Int64(String(decoding: digits, as: UTF8.self))
    else { return nil }
    self.number = number
  }

  package var text: String { "\(Self.prefix)\(number)" }

  package static func < (left: FindingID, right: FindingID) -> Bool { left.number < right.number }
}
