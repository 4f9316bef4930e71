internal import Glibc
package import Licensing
internal import Platform
package import Sealing

/// The two streams: data goes to standard output, talk to standard error. What could steer a terminal
/// is replaced in both, whoever reads them: names and refused bytes come from files and the network.
package enum Output {
  /// Writes data, perhaps of several lines, ending with a line feed. Where the disk is full or fails the process ends with status
  /// `fault`: nothing may be called done over a file that is not whole.
  package static func data(_ text: String) {
    whole(Printable.text(text))
  }

  /// Writes a file that our code made, byte for byte: tables and sealed documents, in which nothing can
  /// steer a terminal.
  package static func file(_ bytes: [UInt8]) {
    whole(String(decoding: bytes, as: UTF8.self), end: "")
  }

  private static func whole(_ text: String, end: String = "\n") {
    guard let fault = write(text + end, to: STDOUT_FILENO) else { return }
    talk(
      "standard output cannot be written and is not whole: \(fault)",
      Language.chinese.explained("标准输出写不进去，内容不完整", fault))
    exit(ExitStatus.fault.rawValue)
  }

  /// Writes to standard output what the answer does not rest on, as the text of a verdict beside its
  /// exit status: a full disk under a log must not keep a platform from its start.
  package static func aside(_ text: String) {
    _ = write(Printable.text(text) + "\n", to: STDOUT_FILENO)
  }

  /// Writes a JSON document on which the answer does not rest.
  package static func aside(_ json: JSONValue) {
    _ = write(Printable.json(json.indentedText) + "\n", to: STDOUT_FILENO)
  }

  /// Writes a JSON document.
  package static func data(_ json: JSONValue) {
    whole(Printable.json(json.indentedText))
  }

  /// Writes a part of a JSON document that is never held as a whole.
  /// - Parameter endsLine: whether a line feed follows.
  package static func data(json part: String, endsLine: Bool) {
    whole(Printable.json(part), end: endsLine ? "\n" : "")
  }

  /// Writes a remark for the person at the terminal: one line, whatever it quotes.
  package static func talk(_ line: String) {
    _ = write(Printable.line(line) + "\n", to: STDERR_FILENO)
  }

  /// Writes data in the language of this process; it is made in that language alone.
  package static func data(
    _ english: @autoclosure () -> String, _ chinese: @autoclosure () -> String
  ) {
    data(Language.spoken.say(english(), chinese()))
  }

  /// Writes a remark in the language of this process.
  package static func talk(
    _ english: @autoclosure () -> String, _ chinese: @autoclosure () -> String
  ) {
    talk(Language.spoken.say(english(), chinese()))
  }

  /// Writes all bytes, whatever the size of the pipe.
  /// - Returns: why the rest could not be written; nil as well where nobody reads, which is no fault.
  package static func write(_ text: String, to file: Int32) -> String? {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
      if count < 0 {
        let number = errno
        if number == EINTR || number == EAGAIN { continue }
        return number == EPIPE || number == EBADF ? nil : unsafe String(cString: strerror(number))
      }
      rest = rest.dropFirst(count)
    }
    return nil
  }
}

extension BilingualText {
  /// The text in the language of this process.
  package var spoken: String { text(in: .spoken) }
}

/// The room that a text takes in a terminal.
package enum TextWidth {
  /// Columns of the text: a Chinese character is as wide as two letters.
  package static func columns(_ text: String) -> Int {
    text.reduce(0) { sum, character in
      sum + (character.unicodeScalars.first.map(isWide) == true ? 2 : 1)
    }
  }

  /// The text with the space that fills so many columns; none where it is as wide already.
  package static func padded(_ text: String, to columns: Int) -> String {
    text + String(repeating: " ", count: max(0, columns - self.columns(text)))
  }

  /// East Asian Wide and Fullwidth (UAX #11), by blocks.
  private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
      0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
      true
    default: false
    }
  }
}

/// Columns of text, as wide as their widest cell; each row is one line, whatever its cells quote.
package struct TextTable: Sendable {
  private var rows: [[String]]

  package init(_ header: [String]) { rows = [header] }

  /// A table whose header is in the language of this process.
  package init(_ english: [String], _ chinese: [String]) {
    self.init(Language.spoken == .english ? english : chinese)
  }

  package mutating func add(_ row: [String]) { rows.append(row.map(Printable.line)) }

  /// The lines, without trailing space.
  package var text: String {
    var widths: [Int] = []
    for row in rows {
      for (column, cell) in row.enumerated() {
        if column == widths.count { widths.append(0) }
        widths[column] = max(widths[column], TextWidth.columns(cell))
      }
    }
    let lines = rows.map { row in
      let padded = row.enumerated().map { column, cell in
        column == row.count - 1 ? cell : TextWidth.padded(cell, to: widths[column])
      }
      return padded.joined(separator: "  ")
    }
    return lines.joined(separator: "\n")
  }
}
