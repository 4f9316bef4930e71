/// A comma-separated file (RFC 4180): a line of names, then rows of as many cells, each ending with CR LF.
///
/// Rules:
/// 1. A number is written as it is, below zero with its sign; what is absent is an empty cell.
/// 2. Text that a spreadsheet would take for a formula has an apostrophe before it, as OWASP advises: text
///    whose first character that is no space is one of `= + - @`, in their full width too, and text that
///    begins with a tab or the end of a line. Names in base64url may begin with a hyphen and are no exception.
/// 3. Control characters, and those that turn the direction of writing, become spaces.
struct CSVText {
  enum Cell: Equatable {
    case absent
    case integer(Int64)
    /// A decimal number, made here.
    case decimal(String)
    /// Words of ours, never from outside.
    case word(String)
    /// What came from outside.
    case text(String)
  }

  static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  private static let formulaStarts: Set<Unicode.Scalar> = [
    "=", "+", "-", "@", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}",
  ]

  private(set) var bytes: [UInt8]

  /// - Parameter marked: whether the file begins with the mark by which spreadsheets know UTF-8.
  init(_ columns: [String], marked: Bool) {
    bytes = marked ? Self.byteOrderMark : []
    add(columns.map(Cell.word))
  }

  mutating func add(_ cells: [Cell]) {
    for (index, cell) in cells.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes += Self.written(cell).utf8
    }
    bytes += [0x0D, 0x0A]
  }

  private static func written(_ cell: Cell) -> String {
    switch cell {
    case .absent: ""
    case .integer(let number): String(number)
    case .decimal(let number): number
    case .word(let word): quoted(word)
    case .text(let text): quoted(harmless(text))
    }
  }

  private static func quoted(_ text: String) -> String {
    let needs = text.unicodeScalars.contains { $0 == "\"" || $0 == "," || $0 == ";" || $0 == " " }
    guard needs else { return text }
    // By scalar: a quote with a combining mark on it is one character, and a quote all the same.
    var inner = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if scalar == "\"" { inner.append(scalar) }
      inner.append(scalar)
    }
    return "\"" + String(inner) + "\""
  }

  private static func harmless(_ text: String) -> String {
    let scalars = text.unicodeScalars
    var plain = String.UnicodeScalarView()
    for scalar in scalars { plain.append(isControl(scalar) ? " " : scalar) }
    let start = plain.first { !$0.properties.isWhitespace }
    let isFormula =
      start.map(formulaStarts.contains) == true || scalars.first.map(isControl) == true
    return (isFormula ? "'" : "") + String(plain)
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}

extension CSVText.Cell {
  init(_ number: Int64?) { self = number.map { .integer($0) } ?? .absent }
  init(text: String?) { self = text.map { .text($0) } ?? .absent }
}
