// How names look, whatever letters they are written with.

/// Alphabets whose letters are taken for one another.
private enum Script: String, CaseIterable {
  case latin = "Latin"
  case greek = "Greek"
  case cyrillic = "Cyrillic"

  /// - Returns: nil for every other character.
  init?(_ scalar: Unicode.Scalar) {
    switch scalar.value {
    case 0x41...0x5A, 0x61...0x7A, 0xC0...0xD6, 0xD8...0xF6, 0xF8...0x24F, 0x1E00...0x1EFF:
      self = .latin
    case 0x370...0x3FF, 0x1F00...0x1FFF: self = .greek
    case 0x400...0x52F: self = .cyrillic
    default: return nil
    }
  }
}

/// Small letters of Cyrillic and Greek, and the Latin ones that they, or their capitals, look like.
private let lookalikes: [Character: Character] = [
  "\u{430}": "a", "\u{432}": "b", "\u{435}": "e", "\u{43A}": "k", "\u{43C}": "m", "\u{43D}": "h",
  "\u{43E}": "o", "\u{440}": "p", "\u{441}": "c", "\u{442}": "t", "\u{443}": "y", "\u{445}": "x",
  "\u{456}": "i", "\u{455}": "s", "\u{458}": "j",
  "\u{3B1}": "a", "\u{3B2}": "b", "\u{3B5}": "e", "\u{3B6}": "z", "\u{3B7}": "h", "\u{3B9}": "i",
  "\u{3BA}": "k", "\u{3BC}": "m", "\u{3BD}": "n", "\u{3BF}": "o", "\u{3C1}": "p", "\u{3C4}": "t",
  "\u{3C5}": "y", "\u{3C7}": "x",
]

extension Unicode.Scalar {
  /// Whether it is shown as nothing: joiners, marks of direction, soft hyphens.
  var isInvisible: Bool { properties.generalCategory == .format }
}

extension String {
  /// As it looks: without capitals, with single spaces between the words, all in Latin letters where
  /// another alphabet has the same shape.
  var plain: String {
    let words = lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
    let seen = String(
      String.UnicodeScalarView(words.unicodeScalars.filter { !$0.isInvisible }))
    return String(seen.map { lookalikes[$0] ?? $0 })
  }

  /// What of a name is not as it looks, nil where nothing is.
  var oddity: String? {
    if let scalar = unicodeScalars.first(where: \.isInvisible) {
      let code = String(scalar.value, radix: 16, uppercase: true)
      return "the name has a character that nobody sees, U+\(code)"
    }
    for word in split(whereSeparator: { !$0.isLetter }) {
      let scripts = Set(word.unicodeScalars.compactMap { Script($0) })
      guard scripts.count > 1 else { continue }
      let names = Script.allCases.filter(scripts.contains).map(\.rawValue)
      return "the word \(word) has letters of \(names.joined(separator: " and "))"
    }
    return nil
  }
}
