import Foundation

/// A reader of comma-separated files of its own, straight from the grammar of RFC 4180 section 2.
enum CSVReader {
  struct Malformed: Error {
    let why: String
  }

  /// - Returns: each record's cells, the line of names with them.
  static func records(_ text: String) throws -> [[String]] {
    var records: [[String]] = []
    var record: [String] = []
    var cell = ""
    var rest = Substring(text).unicodeScalars
    while let first = rest.first {
      if first == "\"" {
        cell = try quoted(&rest)
      } else {
        cell = ""
        while let next = rest.first, next != ",", next != "\r" {
          guard next != "\"", next != "\n" else { throw Malformed(why: "a bare \(next)") }
          cell.unicodeScalars.append(rest.removeFirst())
        }
      }
      record.append(cell)
      guard let end = rest.popFirst() else { throw Malformed(why: "no CR LF at the end") }
      if end == "," {
        if rest.first == "\r" { record.append("") } else { continue }
        _ = rest.popFirst()
      } else if end != "\r" {
        throw Malformed(why: "\(end) after a cell")
      }
      guard rest.popFirst() == "\n" else { throw Malformed(why: "CR without LF") }
      records.append(record)
      record = []
    }
    return records
  }

  private static func quoted(_ rest: inout Substring.UnicodeScalarView) throws -> String {
    var cell = String.UnicodeScalarView()
    rest.removeFirst()
    while let next = rest.popFirst() {
      guard next == "\"" else {
        cell.append(next)
        continue
      }
      guard rest.first == "\"" else { return String(cell) }
      cell.append(rest.removeFirst())
    }
    throw Malformed(why: "a quoted cell without an end")
  }

  /// Each row by the names of its columns.
  static func rows(_ text: String) throws -> [[String: String]] {
    let records = try records(text)
    guard let names = records.first, Set(names).count == names.count else {
      throw Malformed(why: "no line of names, or one twice")
    }
    return try records.dropFirst().map { record in
      guard record.count == names.count else {
        throw Malformed(why: "\(record.count) cells in place of \(names.count)")
      }
      return Dictionary(uniqueKeysWithValues: zip(names, record))
    }
  }
}
